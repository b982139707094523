//! What people do without a session, or to get one.

use super::{
    admission::Load,
    carried::{Carried, verbs},
    run::AsyncRoom,
};
use crate::{
    access::OwnerSession,
    base::{AccountId, SecretText},
    room::{
        accounts::{Registered, Registration},
        api_keys::KeyHolder,
        challenges::{Asked, CodeError, Looked, Proof},
        error::{Failure, RegisterError},
        health::Condition,
        login::{Answer, LoginError},
        metrics::Metrics,
        sign_up::Swept,
    },
};

verbs! { AsyncRoom as "Room" {
    Password register(registration: &Registration<'_>) -> Registered, RegisterError,
        move |room| room.register(&registration.lent());
    Password sign_up(registration: &Registration<'_>) -> Asked, RegisterError,
        move |room| room.sign_up(&registration.lent());
    Commit invite(email: &str, called: Option<&str>) -> Asked, RegisterError,
        move |room| room.invite(&email, called.as_deref());
    Commit confirm(proof: &Proof<'_>) -> Registered, CodeError,
        move |room| room.confirm(&proof.lent());
    Password accept(proof: &Proof<'_>, password: &SecretText) -> Registered, CodeError,
        move |room| room.accept(&proof.lent(), &password);
    Commit ask_reset(email: &str) -> Asked, Failure,
        move |room| room.ask_reset(&email);
    Password reset(proof: &Proof<'_>, password: &SecretText) -> AccountId, CodeError,
        move |room| room.reset(&proof.lent(), &password);
    Commit confirm_address(proof: &Proof<'_>) -> AccountId, CodeError,
        move |room| room.confirm_address(&proof.lent());
    Read look(link: &SecretText) -> Looked, CodeError,
        move |room| room.look(&link);
    Password login(email: &str, password: &SecretText) -> Answer, LoginError,
        move |room| room.login(&email, &password);
    Read resume(token: &SecretText) -> OwnerSession, LoginError,
        move |room| room.resume(&token);
    Commit logout(token: &SecretText) -> (), LoginError,
        move |room| room.logout(&token);
    Commit api_key(presented: &SecretText) -> Option<KeyHolder>, Failure,
        move |room| room.api_key(&presented);
    Read find(email: &str) -> Option<AccountId>, Failure,
        move |room| room.find(&email);
    Commit sweep() -> Swept, Failure,
        |room| room.sweep();
    Read health() -> Condition, Failure,
        |room| Ok(room.health());
    Read metrics() -> Metrics, Failure,
        |room| Ok(room.metrics());
} }
