//! What staff carry with them: an authenticator application and SSH keys, of the tests' own making. They share no code
//! with the library.

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use strongroom::room::{
    FactorId, Room, SecondFactor, SecretText, Staff, StaffError, StaffLogin, StaffLoginError, Time,
};

use crate::world::secret;

/// An authenticator application with one secret.
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// Takes the secret out of an `otpauth` address.
    pub fn of(address: &str) -> Self {
        let (_, rest) = address.split_once("secret=").unwrap();
        let letters = rest.split('&').next().unwrap();
        let mut bits = String::new();
        for letter in letters.chars() {
            let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
            bits.push_str(&format!("{value:05b}"));
        }
        let bytes = bits.as_bytes().chunks_exact(8);
        Self(bytes.map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect())
    }

    /// The secret, as bytes and as an address has it.
    pub fn marks(&self) -> [Vec<u8>; 2] {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let bits: String = self.0.iter().map(|byte| format!("{byte:08b}")).collect();
        let letter =
            |bits: &[u8]| letters[usize::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap()];
        [self.0.clone(), bits.as_bytes().chunks(5).map(letter).collect()]
    }

    /// The code at this time (RFC 6238).
    pub fn code(&self, now: Time) -> SecretText {
        let step = u64::try_from(now.as_ms()).unwrap() / 30_000;
        let mut hmac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        hmac.update(&step.to_be_bytes());
        let digest = hmac.finalize().into_bytes();
        let at = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
        secret(&format!("{:06}", number % 1_000_000))
    }
}

/// An SSH key: a plain one, or one in a security key.
pub struct SshKey {
    key: SigningKey,
    application: Option<&'static str>,
    /// Whether somebody touches the security key.
    touched: bool,
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

impl SshKey {
    /// A plain key.
    pub fn plain(seed: u8) -> Self {
        Self { key: SigningKey::from_bytes(&[seed; 32]), application: None, touched: true }
    }

    /// A key in a security key, made for `ssh:`.
    pub fn in_security_key(seed: u8) -> Self {
        Self { application: Some("ssh:"), ..Self::plain(seed) }
    }

    /// The same, and nobody touches it.
    pub fn untouched(self) -> Self {
        Self { touched: false, ..self }
    }

    /// What `ssh-keygen -Y sign -n NAMESPACE` writes (OpenSSH `PROTOCOL.sshsig`, `PROTOCOL.u2f`).
    pub fn signature(&self, namespace: &str, message: &str) -> String {
        let kind = if self.application.is_some() { "sk-ssh-ed25519@openssh.com" } else { "ssh-ed25519" };
        let mut public = [string(kind.as_bytes()), string(self.key.verifying_key().as_bytes())].concat();
        public.extend(self.application.into_iter().flat_map(|name| string(name.as_bytes())));
        let head = [string(namespace.as_bytes()), string(b""), string(b"sha512")].concat();
        let signed = [b"SSHSIG".as_slice(), &head, &string(&Sha512::digest(message))].concat();
        let (signed, token) = match self.application {
            None => (signed, Vec::new()),
            Some(application) => {
                let token = [u8::from(self.touched), 0, 0, 0, 9].to_vec();
                let application = Sha256::digest(application);
                ([application.as_slice(), &token, &Sha256::digest(&signed)].concat(), token)
            }
        };
        let inner = [string(kind.as_bytes()), string(&self.key.sign(&signed).to_bytes()), token].concat();
        let whole = [b"SSHSIG".as_slice(), &[0, 0, 0, 1], &string(&public), &head, &string(&inner)].concat();
        let encoded = Base64::encode_string(&whole);
        format!("-----BEGIN SSH SIGNATURE-----\n{encoded}\n-----END SSH SIGNATURE-----\n")
    }

    /// Adds it to one's own factors.
    pub fn add(&self, staff: &Staff) -> Result<FactorId, StaffError> {
        let challenge = staff.key_challenge()?;
        staff.add_ssh_key(&challenge, &self.signature("strongroom-login", challenge.expose()))
    }

    /// Logs in with it.
    pub fn login(&self, room: &Room, handle: &str, password: &str) -> Result<StaffLogin, StaffLoginError> {
        match room.staff_login(handle, &secret(password)) {
            Err(StaffLoginError::SecondFactor { asked }) => {
                let signature = self.signature("strongroom-login", asked.challenge.expose());
                room.second_factor(&asked.challenge, &SecondFactor::Signature(signature))
            }
            other => other,
        }
    }
}
