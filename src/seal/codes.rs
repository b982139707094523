//! Codes and links that customers are sent, and the handle of the browser that asked: MACs over the id of their row.
//! They are kept nowhere. Who reads the row, or a backup of it, reads none of them; who sends them has them made anew.

use zeroize::Zeroizing;

use crate::{
    base::{ChallengeId, Secret, SecretText, base64url, limits},
    crypto::mac,
};

/// Bytes of a handle or a link: the row's id and a MAC.
const TOKEN_BYTES: usize = 48;

/// Makes codes and compares them: a verdict, and never the code to whoever presents one.
pub(crate) struct Codes(Secret<32>);

/// What is made of an id. The words stand in the MAC's input.
#[derive(Clone, Copy)]
enum Of {
    Handle,
    Link,
    Code,
}

impl Of {
    const fn word(self) -> &'static [u8] {
        match self {
            Self::Handle => b"strongroom/handle/1\0",
            Self::Link => b"strongroom/link/1\0",
            Self::Code => b"strongroom/code/1\0",
        }
    }
}

impl Codes {
    pub(crate) const fn new(key: Secret<32>) -> Self {
        Self(key)
    }

    fn mac(&self, of: Of, id: ChallengeId) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(mac::hmac_sha256(self.0.expose(), &[of.word(), id.as_bytes()]))
    }

    fn token(&self, of: Of, id: ChallengeId) -> SecretText {
        let bytes = Zeroizing::new([id.as_bytes().as_slice(), self.mac(of, id).as_slice()].concat());
        SecretText::new(base64url::encode(&bytes))
    }

    /// What the browser that asked keeps: a code counts together with it alone.
    pub(crate) fn handle(&self, id: ChallengeId) -> SecretText {
        self.token(Of::Handle, id)
    }

    /// What stands in the link.
    pub(crate) fn link(&self, id: ChallengeId) -> SecretText {
        self.token(Of::Link, id)
    }

    /// The code that is typed by hand: eight digits. 64 bits of the MAC modulo a hundred million favour no code by more
    /// than one part in 10^11.
    pub(crate) fn code(&self, id: ChallengeId) -> SecretText {
        let mut number = 0_u64;
        for byte in self.mac(Of::Code, id).iter().take(8) {
            number = number << 8 | u64::from(*byte);
        }
        let width = limits::CODE_DIGITS as usize;
        SecretText::new(format!("{:0width$}", number % 10_u64.pow(limits::CODE_DIGITS)))
    }

    /// Whose handle this is.
    pub(crate) fn of_handle(&self, presented: &SecretText) -> Option<ChallengeId> {
        self.of_token(Of::Handle, presented)
    }

    /// Whose link this is.
    pub(crate) fn of_link(&self, presented: &SecretText) -> Option<ChallengeId> {
        self.of_token(Of::Link, presented)
    }

    fn of_token(&self, of: Of, presented: &SecretText) -> Option<ChallengeId> {
        let bytes = Zeroizing::new(base64url::decode::<TOKEN_BYTES>(presented.expose().trim())?);
        let (id, mac) = bytes.split_first_chunk::<16>()?;
        let id = ChallengeId::from_bytes(*id);
        mac::equal(mac, self.mac(of, id).as_slice()).then_some(id)
    }

    /// Whether this is the code. White space, as a telephone reads it out, is passed over.
    pub(crate) fn is_code(&self, id: ChallengeId, presented: &SecretText) -> bool {
        let typed: Zeroizing<String> =
            Zeroizing::new(presented.expose().chars().filter(|c| !c.is_whitespace()).take(64).collect());
        mac::equal(typed.as_bytes(), self.code(id).expose().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::Codes;
    use crate::base::{ChallengeId, Secret, SecretText};

    fn codes(byte: u8) -> Codes {
        Codes::new(Secret::from_fill(|slot| *slot = [byte; 32]))
    }

    #[test]
    fn each_thing_of_an_id_is_its_own_and_counts_under_its_key_alone() {
        let (ours, id) = (codes(1), ChallengeId::from_bytes([7; 16]));
        let (handle, link, code) = (ours.handle(id), ours.link(id), ours.code(id));
        assert_eq!((handle.expose().len(), link.expose().len(), code.expose().len()), (64, 64, 8));
        assert!(code.expose().bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!((ours.of_handle(&handle), ours.of_link(&link)), (Some(id), Some(id)));
        assert_eq!((ours.of_handle(&link), ours.of_link(&handle)), (None, None));
        assert_eq!((codes(2).of_handle(&handle), codes(2).of_link(&link)), (None, None));
        assert!(ours.is_code(id, &code) && !codes(2).is_code(id, &code));
        let (four, rest) = code.expose().split_at(4);
        assert!(ours.is_code(id, &SecretText::new(format!(" {four} {rest}\n"))));
        for no in ["", "1", "00000000 ", &format!("{}0", code.expose()), four] {
            assert!(!ours.is_code(id, &SecretText::new(no.to_owned())), "{no}");
        }
        assert!(!ours.is_code(ChallengeId::from_bytes([8; 16]), &code));
    }

    /// What a room gave out yesterday counts today.
    #[test]
    fn the_code_of_an_id_is_frozen() {
        assert_eq!(codes(1).code(ChallengeId::from_bytes([7; 16])).expose(), "02467089");
    }
}
