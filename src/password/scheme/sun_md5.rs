//! Sun's MD5 crypt (Muffett, 2002), verification only: `$md5$SALT$TAG` or `$md5,rounds=N$SALT$TAG`; newer ones have a
//! second `$` before the tag, which then belongs to what is digested. Rounds of MD5: such a record is wrapped.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::{Scheme, crypt64, md5_crypt::ORDER, no_tag};
use crate::password::{
    cursor::Cursor,
    limits::Limits,
    unsupported::{Cost, Unsupported},
    verdict::HashFailed,
};

/// Rounds that there are beside those of the text.
const ROUNDS: u32 = 4096;
/// The most characters of a salt.
const SALT_BYTES_MAX: usize = 64;

/// Hamlet, act 3, scene 1, with the NUL behind it: half of the rounds, chosen by the digest, take it in.
const SOLILOQUY: &[u8] = b"To be, or not to be,--that is the question:--
Whether 'tis nobler in the mind to suffer
The slings and arrows of outrageous fortune
Or to take arms against a sea of troubles,
And by opposing end them?--To die,--to sleep,--
No more; and by a sleep to say we end
The heartache, and the thousand natural shocks
That flesh is heir to,--'tis a consummation
Devoutly to be wish'd. To die,--to sleep;--
To sleep! perchance to dream:--ay, there's the rub;
For in that sleep of death what dreams may come,
When we have shuffled off this mortal coil,
Must give us pause: there's the respect
That makes calamity of so long life;
For who would bear the whips and scorns of time,
The oppressor's wrong, the proud man's contumely,
The pangs of despis'd love, the law's delay,
The insolence of office, and the spurns
That patient merit of the unworthy takes,
When he himself might his quietus make
With a bare bodkin? who would these fardels bear,
To grunt and sweat under a weary life,
But that the dread of something after death,--
The undiscover'd country, from whose bourn
No traveller returns,--puzzles the will,
And makes us rather bear those ills we have
Than fly to others that we know not of?
Thus conscience does make cowards of us all;
And thus the native hue of resolution
Is sicklied o'er with the pale cast of thought;
And enterprises of great pith and moment,
With this regard, their currents turn awry,
And lose the name of action.--Soft you now!
The fair Ophelia!--Nymph, in thy orisons
Be all my sins remember'd.\n\0";

/// The scheme's rounds, the text before the tag, and the tag.
pub(super) struct SunMd5 {
    rounds: u32,
    setting: Zeroizing<Vec<u8>>,
    tag: Zeroizing<Vec<u8>>,
}

/// What follows `$md5`.
pub(super) fn crypt(mut text: Cursor<'_>, limits: &Limits) -> Result<Box<dyn Scheme>, Unsupported> {
    let mut setting = String::from("$md5");
    let mut rounds = 0;
    if text.skip(",rounds=") {
        rounds = text.number()?;
        setting.push_str(&format!(",rounds={rounds}"));
    }
    let rounds = Unsupported::within(Cost::CryptRounds, rounds, limits.crypt_rounds)?;
    text.literal("$")?;
    let long_salt = text.malformed();
    let salt = text.text_and("$")?;
    if salt.len() > SALT_BYTES_MAX {
        return Err(long_salt);
    }
    setting.push('$');
    setting.push_str(salt);
    if text.skip("$") {
        setting.push('$');
    }
    let tag = text.crypt64(16)?;
    text.end()?;
    let (rounds, setting) = (rounds.saturating_add(ROUNDS), Zeroizing::new(setting.into_bytes()));
    Ok(Box::new(SunMd5 { rounds, setting, tag }))
}

impl Scheme for SunMd5 {
    fn computed(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, HashFailed> {
        let mut digest = Zeroizing::new([0; 16]);
        let first = Md5::new().chain_update(password).chain_update(self.setting.as_slice());
        digest.copy_from_slice(&first.finalize());
        for round in 0..self.rounds {
            let mut next = Md5::new().chain_update(*digest);
            if heads(&digest, round) {
                next.update(SOLILOQUY);
            }
            next.update(round.to_string());
            digest.copy_from_slice(&next.finalize());
        }
        Ok(crypt64(&*digest, &ORDER))
    }

    fn tag(&self) -> &[u8] {
        &self.tag
    }

    fn label(&self) -> String {
        format!("sun-md5:{}", self.rounds)
    }

    fn recipe(&self) -> Option<Zeroizing<String>> {
        let setting = String::from_utf8_lossy(&self.setting);
        Some(Zeroizing::new(format!("{setting}${}", no_tag(&self.tag))))
    }
}

/// Tosses Muffett's coin: two bits of the digest, chosen by the digest itself.
fn heads(digest: &[u8; 16], round: u32) -> bool {
    let byte = |at: u32| u32::from(digest.get((at & 15) as usize).copied().unwrap_or_default());
    let bit = |at: u32| byte(at >> 3) >> (at & 7) & 1;
    let chosen = |from: u32| {
        (0..8).fold(0, |chosen, at| {
            let (a, b) = (byte(from + at), byte(from + at + 3));
            let place = byte(a >> (b % 5)) >> (b >> (a & 7) & 1);
            chosen | bit(place) << at
        })
    };
    let x = chosen(bit(round & 127));
    let y = chosen(8 + bit((round + 64) & 127));
    bit(x & 127) ^ bit(y & 127) == 1
}
