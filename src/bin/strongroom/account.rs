//! `account`: register, sign up, show, change, find, reveal, suspend, close, erase.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use strongroom::room::{AccountId, Kind, OwnerSession, Registration, Room, Staff};

use crate::{
    actor::{Actor, AtWork},
    call::{Call, Reach, Takes},
    erasure_page,
    failed::{Exit, Failed},
    output::Output,
    own::{Address, Password, Rename},
    reset::Reset,
    secret::{LinkFrom, PasswordFrom, ProofFrom},
    shown,
    sign_up::{self, Accept, Invite, SignUp},
    suspend::{self, Suspend},
};

/// A customer's account.
#[derive(Subcommand)]
pub enum Account {
    /// Register an account
    Register(Register),
    /// Register an account whose address is to be confirmed; the answer is the same whether or not it has one
    Signup(SignUp),
    /// Invite somebody, who chooses a password when he comes; the answer is the same whether or not he has an account
    Invite(Invite),
    /// Confirm the address of a registration by its code or link: from now on there is an account
    Confirm(ProofFrom),
    /// Come in by an invitation, with a password of one's choice
    Accept(Accept),
    /// Say what a link is for, and use nothing up
    Look(LinkFrom),
    /// Set another password, when the one of before is forgotten
    #[command(subcommand)]
    Reset(Reset),
    /// Show an account: a customer his own, staff another's, masked
    Show {
        /// Whose; a customer leaves it out
        account: Option<AccountId>,
    },
    /// Change one's name
    Rename(Rename),
    /// Change one's password, on the one of before; all other sessions end
    Password(Password),
    /// Change one's address
    #[command(subcommand)]
    Address(Address),
    /// Find the account of a whole address (staff)
    Find {
        /// The address
        address: String,
    },
    /// Reveal one field of an account in the clear (staff)
    Reveal {
        /// Whose
        account: AccountId,
        /// Which
        field: Revealed,
    },
    /// Suspend an account: its sessions end, and whoever has its password is told why and until when (staff)
    Suspend(Suspend),
    /// End a suspension (staff)
    Reinstate {
        /// Whose
        account: AccountId,
    },
    /// Close an account, for good: a customer his own, on his password, staff another's
    Close(Close),
    /// Erase a closed account: what neither law nor a hold keeps is destroyed, for good (staff)
    Erase {
        /// Whose
        account: AccountId,
        /// Show what would go and what would stay, and erase nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// What is closed.
#[derive(Args)]
pub struct Close {
    /// Whose; a customer leaves it out
    account: Option<AccountId>,
    #[command(flatten)]
    password: PasswordFrom,
}

/// What an account is registered with.
#[derive(Args)]
pub struct Register {
    /// The e-mail address
    address: String,
    /// A name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    password: PasswordFrom,
}

/// A field that can be revealed.
#[derive(Clone, Copy, ValueEnum)]
pub enum Revealed {
    /// The address.
    Email,
    /// The name.
    Name,
}

impl Account {
    /// What it takes of the arguments for every command.
    pub const fn takes(&self) -> Takes {
        match self {
            Self::Register(_)
            | Self::Signup(_)
            | Self::Invite(_)
            | Self::Confirm(_)
            | Self::Accept(_)
            | Self::Look(_)
            | Self::Reset(_)
            | Self::Address(Address::Confirm(_)) => Takes::Nothing,
            Self::Show { .. }
            | Self::Rename(_)
            | Self::Password(_)
            | Self::Address(Address::Ask(_))
            | Self::Suspend(_)
            | Self::Reinstate { .. }
            | Self::Find { .. }
            | Self::Reveal { .. }
            | Self::Close(_)
            | Self::Erase { .. } => Takes::Actor,
        }
    }

    /// What it works on. What makes a code or a link is for whoever holds the room's files: over the socket, anybody
    /// could have that of anybody.
    pub const fn reach(&self) -> Reach {
        match self {
            Self::Signup(_)
            | Self::Invite(_)
            | Self::Reset(Reset::Ask { .. })
            | Self::Address(Address::Ask(_)) => Reach::Files,
            Self::Register(_)
            | Self::Confirm(_)
            | Self::Accept(_)
            | Self::Look(_)
            | Self::Reset(Reset::Finish(_))
            | Self::Show { .. }
            | Self::Rename(_)
            | Self::Password(_)
            | Self::Address(Address::Confirm(_))
            | Self::Find { .. }
            | Self::Reveal { .. }
            | Self::Suspend(_)
            | Self::Reinstate { .. }
            | Self::Close(_)
            | Self::Erase { .. } => Reach::Room,
        }
    }

    /// Carries it out. An erasure of which something waits ends with the code of something incomplete.
    ///
    /// # Errors
    /// What the room or a person's input refuses.
    pub fn run(self, call: &Call, out: &mut Output) -> Result<Exit, Failed> {
        let room = call.room()?;
        let done = match self {
            Self::Erase { account, dry_run } => return erase(&room, account, dry_run, call, out),
            Self::Register(register) => register.run(&room, out),
            Self::Signup(sign_up) => sign_up.run(&room, out),
            Self::Invite(invite) => invite.run(&room, out),
            Self::Confirm(proof) => sign_up::confirm(&room, &proof, out),
            Self::Accept(accept) => accept.run(&room, out),
            Self::Look(link) => sign_up::look(&room, &link, out),
            Self::Reset(reset) => reset.run(&room, out),
            Self::Rename(rename) => rename.run(&room, call, out),
            Self::Password(password) => password.run(&room, call, out),
            Self::Address(address) => address.run(&room, call, out),
            Self::Suspend(suspend) => suspend.run(&room, call, out),
            Self::Reinstate { account } => suspend::reinstate(&room, account, call, out),
            Self::Show { account } => match Actor::of(call, &room)? {
                Actor::Customer(owner) => own(&room, &owner, account, out),
                Actor::Staff(AtWork { staff, .. }) => {
                    let account = account.ok_or_else(|| Failed::usage("`ACCOUNT` is missing"))?;
                    masked(&staff, account, call, out)
                }
            },
            Self::Find { address } => {
                let account = Actor::staff(call, &room)?.staff.find(&address, &call.why())?;
                out.result("account.find", json!({"account": account.to_string()}), account);
                Ok(())
            }
            Self::Reveal { account, field } => {
                reveal(&Actor::staff(call, &room)?.staff, account, field, call, out)
            }
            Self::Close(close) => close.run(&room, call, out),
        };
        done.map(|()| Exit::Done)
    }
}

fn erase(
    room: &Room,
    account: AccountId,
    dry_run: bool,
    call: &Call,
    out: &mut Output,
) -> Result<Exit, Failed> {
    let staff = Actor::staff(call, room)?.staff;
    if dry_run {
        erasure_page::plan(account, &staff.plan_erasure(account, &call.why())?, out);
        return Ok(Exit::Done);
    }
    Ok(erasure_page::receipt(&staff.erase_account(account, &call.why())?, out))
}

impl Register {
    fn run(self, room: &Room, out: &mut Output) -> Result<(), Failed> {
        let password = self.password.choose()?;
        let registration =
            Registration { email: &self.address, name: self.name.as_deref(), password: &password };
        let registered = room.register(&registration)?;
        out.cards_masked(registered.cards_masked);
        let value =
            json!({"account": registered.account.to_string(), "cards_masked": registered.cards_masked});
        out.result("account.register", value, format_args!("registered account {}", registered.account));
        Ok(())
    }
}

impl Close {
    fn run(self, room: &Room, call: &Call, out: &mut Output) -> Result<(), Failed> {
        let account = match Actor::of(call, room)? {
            Actor::Customer(owner) => {
                own_account(&owner, self.account)?;
                room.owner(&owner).close(&self.password.read()?)?;
                call.session_file(room)?.remove()?;
                owner.account()
            }
            Actor::Staff(AtWork { staff, .. }) => {
                if self.password.is_given() {
                    return Err(Failed::usage("staff close an account on a case, not on a password"));
                }
                let account = self.account.ok_or_else(|| Failed::usage("`ACCOUNT` is missing"))?;
                staff.close_account(account, &call.why())?;
                account
            }
        };
        out.result(
            "account.close",
            json!({"account": account.to_string()}),
            format_args!("closed account {account}"),
        );
        Ok(())
    }
}

/// Whether the account that a customer names is his own.
fn own_account(owner: &OwnerSession, asked: Option<AccountId>) -> Result<(), Failed> {
    if asked.is_some_and(|asked| asked != owner.account()) {
        // Whether another's account exists is nothing to tell a customer.
        return Err(Failed::of(Kind::NotFound, "there is no such object"));
    }
    Ok(())
}

/// A customer's own account, in the clear.
fn own(room: &Room, owner: &OwnerSession, asked: Option<AccountId>, out: &mut Output) -> Result<(), Failed> {
    let account = owner.account();
    own_account(owner, asked)?;
    let profile = room.owner(owner).profile()?;
    let (email, name) =
        (profile.email.expose().as_str(), profile.name.as_ref().map(|name| name.expose().as_str()));
    if out.is_json() {
        out.json(
            "account.show",
            json!({"account": account.to_string(), "view": "clear", "email": email, "name": name}),
        );
        return Ok(());
    }
    out.line(format_args!("account  {account}"));
    out.line(format_args!("address  {}", shown::line(email)));
    out.line(format_args!("name     {}", name.map_or_else(|| "–".to_owned(), shown::line)));
    Ok(())
}

/// Another's account, masked.
fn masked(staff: &Staff, account: AccountId, call: &Call, out: &mut Output) -> Result<(), Failed> {
    let view = staff.account(account, &call.why())?;
    let (email, name) = (view.email.text(), view.name.as_ref().map(|name| name.text()));
    if out.is_json() {
        let value = json!({
            "account": account.to_string(),
            "view": "masked",
            "state": view.state.name(),
            "created": view.created.to_string(),
            "email": email,
            "name": name,
            "position": view.position,
        });
        out.json("account.show", value);
        return Ok(());
    }
    out.line(format_args!("account  {account}"));
    out.line(format_args!("state    {}", view.state.name()));
    out.line(format_args!("created  {}", shown::time(view.created)));
    out.line(format_args!("address  {}", shown::line(email)));
    out.line(format_args!("name     {}", name.map_or_else(|| "–".to_owned(), shown::line)));
    out.note(format_args!("this reading is entry {} of the log", view.position));
    Ok(())
}

fn reveal(
    staff: &Staff,
    account: AccountId,
    field: Revealed,
    call: &Call,
    out: &mut Output,
) -> Result<(), Failed> {
    let why = call.why();
    let (name, value) = match field {
        Revealed::Email => ("email", Some(staff.reveal_email(account, &why)?.expose().as_str().to_owned())),
        Revealed::Name => {
            ("name", staff.reveal_name(account, &why)?.map(|name| name.expose().as_str().to_owned()))
        }
    };
    let text = value.as_deref().map_or_else(|| "–".to_owned(), shown::line);
    out.result(
        "account.reveal",
        json!({"account": account.to_string(), "field": name, "value": value}),
        text,
    );
    Ok(())
}
