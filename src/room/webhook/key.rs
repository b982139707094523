//! Signing what is sent, as Standard Webhooks 1.0 has it: HMAC-SHA-256 over id, time and body.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::{
    base::{SecretText, Time},
    crypto::{digest, mac},
};

/// How the text of a secret begins.
const MARK: &str = "whsec_";
/// Bytes of a secret: the standard's bounds.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Characters of a key's id.
const ID_CHARACTERS: usize = 8;

/// What sender and receiver of webhooks share. It cannot be copied or printed.
pub struct WebhookKey {
    id: String,
    secret: Zeroizing<Vec<u8>>,
}

impl WebhookKey {
    /// The key of this text: `whsec_` and 24 to 64 bytes in base64. Nothing for what is no such text.
    pub fn parse(text: &SecretText) -> Option<Self> {
        let encoded = text.expose().trim().strip_prefix(MARK)?;
        let secret = Zeroizing::new(Base64::decode_vec(encoded).ok()?);
        if !SECRET_BYTES.contains(&secret.len()) {
            return None;
        }
        let digest = digest::sha256(&[b"strongroom/webhook-key/1\0", &secret]);
        let id: String = digest.iter().map(|byte| format!("{byte:02x}")).take(ID_CHARACTERS / 2).collect();
        Some(Self { id, secret })
    }

    /// Which key it is, to whoever has it too: eight characters of a digest.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The signature of a message, `v1,` and base64.
    pub fn sign(&self, id: &str, sent: Time, body: &str) -> String {
        let seconds = seconds(sent).to_string();
        let parts = [id, ".", &seconds, ".", body].map(str::as_bytes);
        format!("v1,{}", Base64::encode_string(&mac::hmac_sha256(&self.secret, &parts)))
    }
}

/// The time as the header has it: seconds since 1970.
pub(super) const fn seconds(time: Time) -> i64 {
    time.as_ms().div_euclid(1000)
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};
    use zeroize::Zeroizing;

    use super::WebhookKey;
    use crate::base::{SecretText, Time};

    fn key(text: &str) -> Option<WebhookKey> {
        WebhookKey::parse(&SecretText::new(text.to_owned()))
    }

    /// The vector that the standard's own libraries are tested with; its secret is shorter than the standard allows.
    #[test]
    fn a_signature_is_the_one_of_the_standards_own_libraries() {
        let secret = Base64::decode_vec("plJ3nmyCDGBKInavdOK15jsl").unwrap();
        let key = WebhookKey { id: String::new(), secret: Zeroizing::new(secret) };
        let body = r#"{"event_type":"ping","data":{"success":true}}"#;
        let sent = Time::from_ms(1_731_705_121_999);
        let signature = key.sign("msg_loFOjxBNrRLzqYUf", sent, body);
        assert_eq!(signature, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_plJ3nmyCDGBKInavdOK15jsl",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
        ] {
            assert!(key(text).is_none(), "{text}");
        }
        assert!(key(&format!("whsec_{}", "A".repeat(88))).is_none(), "66 bytes");
        let known = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        assert_eq!(known.id().len(), 8);
    }
}
