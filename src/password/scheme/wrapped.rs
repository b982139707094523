//! A record whose tag is itself kept as a password is: nobody's password is needed to make it, and what a thief finds is
//! as slow to guess as a new record. `$wrapped$v=1$RECIPE$argon2id$v=19$…`: the recipe is the record inside with zeros for
//! a tag, in base64 of URLs without padding.
//!
//! What Argon2id is given is `strongroom/wrapped/v1`, NUL, the recipe, NUL, and the tag of the record inside. So the tag
//! alone, from another leak, opens nothing, nor does a record inside of other parameters. What is left: whoever has that
//! tag from elsewhere tries it here at the cost of one guess. That is why a wrapped record is stale.

use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroizing;

use super::{Argon2, Scheme, argon2, forms};
use crate::password::{
    cursor::Cursor, limits::Limits, settings::Settings, unsupported::Unsupported, verdict::HashFailed,
};

/// What separates this use of Argon2id from every other.
const LABEL: &[u8] = b"strongroom/wrapped/v1\0";

/// The record inside without its tag, and Argon2id of the tag.
pub(super) struct Wrapped {
    inner: Box<dyn Scheme>,
    recipe: Zeroizing<String>,
    outer: Box<dyn Scheme>,
}

/// Which scheme a text is of, wrapped or not.
///
/// # Errors
/// [`Unsupported`] says why there is none, or why it is not verified against.
pub(in crate::password) fn read(text: &str, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let mut inside = Cursor::new(text, 0);
    if inside.skip("$wrapped$") { parse(inside, limits) } else { forms::read(text, limits) }
}

/// What follows `$wrapped$`.
fn parse(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    text.literal("v=1$")?;
    let malformed = text.malformed();
    let recipe = text.bytes::<Base64UrlUnpadded>()?;
    let recipe = String::from_utf8(recipe.to_vec()).map(Zeroizing::new).map_err(|_| malformed)?;
    let inner = forms::read(&recipe, limits).map_err(|_| malformed)?;
    if inner.recipe().as_ref() != Some(&recipe) {
        return Err(malformed);
    }
    text.literal("$argon2id$")?;
    let outer = argon2::id(text, limits)?;
    if outer.is_stale(&Settings::FLOOR) {
        return Err(malformed);
    }
    Ok(Box::new(Wrapped { inner, recipe, outer }))
}

/// The text of a wrapped record, if `scheme` is one to be wrapped.
///
/// # Errors
/// [`HashFailed`] when randomness or memory could not be had.
pub(in crate::password) fn wrapped(
    scheme: &dyn Scheme,
    settings: &Settings,
) -> Result<Option<Zeroizing<String>>, HashFailed> {
    let Some(recipe) = scheme.recipe() else { return Ok(None) };
    let outer = Argon2::hash(&message(&recipe, scheme.tag()), settings)?;
    let encoded = Zeroizing::new(Base64UrlUnpadded::encode_string(recipe.as_bytes()));
    Ok(Some(Zeroizing::new(format!("$wrapped$v=1${}{}", *encoded, *outer.text()))))
}

fn message(recipe: &str, tag: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([LABEL, recipe.as_bytes(), b"\0", tag].concat())
}

impl Scheme for Wrapped {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        self.outer.computed(&message(&self.recipe, &self.inner.computed(password)?))
    }

    fn tag(&self) -> &[u8] {
        self.outer.tag()
    }

    fn admits(&self, password: &[u8]) -> bool {
        self.inner.admits(password)
    }

    fn label(&self) -> String {
        format!("{} of {}", self.outer.label(), self.inner.label())
    }
}
