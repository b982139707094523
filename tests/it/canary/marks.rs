//! The secrets of the story. Letters outside ASCII tell normal forms apart; `qz` in a word says that the word alone is
//! already a find.

use strongroom::room::SecretText;

use super::search::Mark;

macro_rules! marks {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $text;)+
        const TYPED: &[(&str, &str)] = &[$((stringify!($name), $name),)+];
    };
}

marks! {
    EMAIL = "Žofie.qz01Ångström@qz02-maiL.example";
    EMAIL_OTHER = "pavel.qz03čapek@qz04-mail.example";
    EMAIL_UNKNOWN = "nobody.qz05ořech@qz06-mail.example";
    EMAIL_SOUGHT = "sought.qz07řeka@qz08-mail.example";
    EMAIL_REFUSED = "qz09-no-at-sign-žluťoučký.example";
    NAME = "Žofie-qz10 Ďáblíková-qz11";
    NAME_SOUGHT = "Hledaná-qz97 Křížalová-qz98";
    NAME_REFUSED = "Name-qz12-éclair\u{1b}[2J";
    PASSWORD = "qz13 éclair and nine black herons";
    PASSWORD_OTHER = "qz14 über den sieben Brücken fast";
    PASSWORD_WRONG = "qz15 naïve guess at a password";
    PASSWORD_WRONG_UNKNOWN = "qz16 naïve guess for nobody at all";
    PASSWORD_SHORT = "qz17 é sho";
    PASSWORD_CONTROL = "qz18 with a bell\u{7} and éclairs in it";
    STAFF_PASSWORD = "qz19 à la carte, every single day";
    STAFF_PASSWORD_WRONG = "qz20 crème brûlée for the guesser";
    STAFF_PASSWORD_SHORT = "qz21 piñ";
    CODE_WRONG = "qz22-no-code-at-all-é";
    TOKEN_WRONG = "qz23-no-token-at-all-é";
    HANDLE_ADMIN = "qz24-Šárka-admin";
    HANDLE_ADMIN_SECOND = "qz25-Jiří-admin";
    HANDLE_AUDITOR = "qz26-Věra-auditor";
    HANDLE_SUPPORT = "qz27-Zdeněk-support";
    HANDLE_BILLING = "qz28-Bořek-billing";
    HANDLE_APPOINTED = "qz29-Růžena-new";
    HANDLE_UNKNOWN = "qz30-Nikdo-unknown";
    HANDLE_REFUSED = "qz31 Kůň with spaces";
    SUBJECT = "qz32 Účet: ztracený \"přístup\" / doména";
    SUBJECT_REFUSED = "qz33 Účet\u{202e} obrácený";
    BODY = "qz34 Dobrý den,\nnejde mi přihlášení do \\účtu\\.";
    BODY_SECOND = "qz35 A ještě\tněco: dům číslo šest.";
    BODY_REFUSED = "qz36 Tělo\u{0}s nulou, já";
    REPLY = "qz37 Odpověď: zkuste to znovu, prosím.";
    NOTE = "qz38 Poznámka: zákazník zní rozčileně.";
    FILE_NAME = "qz39 výpis z účtu.pdf";
    FILE_NAME_STAFF = "qz40 odpověď-příloha.txt";
    FILE_NAME_REFUSED = "qz41 výpis\nz účtu.pdf";
    MEDIA_TYPE = "application/x-qz42-canary-type";
    MEDIA_TYPE_REFUSED = "qz43 žádný typ";
    CONTENT = "qz44 Obsah přílohy: rodné číslo a podobně; ";
    CONTENT_STAFF = "qz45 Obsah odpovědi: smlouva č. šest; ";
    CONTENT_BROKEN = "qz46 Obsah, který nedorazil celý, á; ";
    CONTENT_BURST = "qz47 Obsah ze zdroje, který pukl, ů; ";
    REASON = "qz48 Zákazník volal z čísla své manželky.";
    REASON_DENIED = "qz49 Zajímá mě soused, řekl.";
    REASON_UNKNOWN = "qz50 Hledám někoho, kdo tu není, že.";
    REASON_LONG = "qz51 Příliš dlouhý důvod, opakovaný: ";
    REFERENCE = "pi_qz52Canary3RefErence9x1";
    REFERENCE_REFUSED = "qz53 žádná reference";
    INVOICE_LINE = "qz54 Pronájem serveru – březen, část „A“";
    INVOICE_NUMBER = "qz59-2026/část-06";
    STREET = "qz60 Říční 6, Žďár";
    INVOICE_LINE_REFUSED = "qz55 Řádek\u{7f}faktury";
    AMOUNT_REFUSED = "qz56,–€ celkem";
    ORIGIN = "qz57 pts/4 z 203.0.113.77 – kancelář č. 6";
    PASTED = "qz58-pasted-where-an-id-belongs-é";
    EMAIL_IMPORTED = "stará.qz61známá@qz62-mail.example";
    EMAIL_NOT_IMPORTED = "stará.qz63neznámá@qz64-mail.example";
    NAME_IMPORTED = "Stará-qz65 Známá-qz66";
    RECORD_IMPORTED = "$2a$05$jTD0xXks.Hj7LYFCRyEJOOSn7TJlPRop8MI00U86lHzjsVG9WDHNu";
    RECORD_NOT_IMPORTED = "qz67$záznam$starého$hesla";
    KEY_NOT_IMPORTED = "qz68-klíč-navíc";
    HANDLE_LEGAL = "qz69-Lída-legal";
    REASON_HELD = "qz70 Soudní příkaz č. 6, řízení běží.";
    PASSWORD_WRONG_CLOSING = "qz71 naïve guess before it is closed";
    HANDLE_PRIVACY = "qz72-Pavla-privacy";
    REASON_ERASED = "qz73 Žádá o výmaz, po telefonu, že prý hned.";
    EMAIL_SIGNED_UP = "nová.qz74zákaznice@qz75-mail.example";
    NAME_SIGNED_UP = "Nová-qz76 Zákaznice-qz77";
    PASSWORD_SIGNED_UP = "qz78 devět žlutých pomerančů denně";
    PASSWORD_FORGOTTEN = "qz79 šest zelených židlí u okna";
    PASSWORD_CHANGED = "qz82 sedm bílých koní na pastvě";
    EMAIL_CHANGED = "jiná.qz83adresa@qz84-mail.example";
    NAME_CHANGED = "Vdaná-qz85 Zákaznice-qz86";
    EMAIL_INVITED = "host.qz87pozvaný@qz88-mail.example";
    EMAIL_NEVER_CONFIRMED = "tichý.qz89čtenář@qz90-mail.example";
    CODE_TYPED_WRONG = "qz91-žádný-kód";
    REASON_WAIVED = "qz92 Jsme dva a třetí kolega stůně.";
    REASON_SUSPENDED = "qz93 Prý rozesílá nevyžádanou poštu.";
    HANDLE_RECOVERED = "qz94-Róza-recovered";
    HANDLE_SECURITY = "qz100-Sven-security";
    SHARE_WRONG = "qz95-žádný-díl-té-cesty";
    TRACE_WRONG = "00-qz96-žádný-sled-volání-01";
    ADDRESS_CALLED_FROM = "qz99 198.51.100.7 – vrátnice č. 2";
    /// Four test numbers of cards as people type them.
    CARD = "4929730188462271";
    CARD_SPACES = "5105 1037 1946 2850";
    CARD_HYPHENS = "4929-7301-8846-2271";
    CARD_AMEX = "3714 496352 09174";
}

/// What may stand in the clear, by FORMAT.md: found on each run, which shows that the search sees this room's files.
pub const COMPONENT: &str = "qz80-component";
/// As [`COMPONENT`].
pub const HOST: &str = "qz81-host.example";

/// The marks that are known before the story begins.
pub fn typed() -> Vec<Mark> {
    let known = TYPED.iter().copied().chain([("COMPONENT", COMPONENT), ("HOST", HOST)]);
    known.flat_map(|(name, text)| text_marks(name, text)).collect()
}

/// A text, and each of its words that nobody else would write.
fn text_marks(name: &str, text: &str) -> Vec<Mark> {
    let words = text.split([' ', '@']).filter(|word| word.contains("qz") && word.len() >= 8);
    let mut texts: Vec<&str> = std::iter::once(text).chain(words).collect();
    texts.dedup();
    texts.into_iter().map(|text| Mark { name: name.to_owned(), bytes: text.as_bytes().to_vec() }).collect()
}

/// A secret that the room gave out: a token or a code, as its text and as the bytes that the text stands for.
pub fn given(name: &str, text: &SecretText) -> Vec<Mark> {
    let text = text.expose();
    let bytes = from_base64url(text);
    vec![
        Mark { name: name.to_owned(), bytes: text.as_bytes().to_vec() },
        Mark { name: format!("{name}, decoded"), bytes },
    ]
}

/// A key of a customer's program: whole, and its secret behind the id.
pub fn api_key(text: &SecretText) -> Vec<Mark> {
    let whole = text.expose().as_bytes().to_vec();
    let secret = from_base64url(text.expose().strip_prefix("srk_").unwrap()).split_off(16);
    vec![
        Mark { name: "a customer's key".to_owned(), bytes: whole },
        Mark { name: "a customer's key, its secret".to_owned(), bytes: secret },
    ]
}

/// A secret of webhooks: its text, with and without what it begins with, and the bytes that sign.
pub fn webhook_secret(text: &str) -> Vec<Mark> {
    use base64ct::{Base64, Encoding};
    let encoded = text.strip_prefix("whsec_").unwrap();
    let signs = Base64::decode_vec(encoded).unwrap();
    [text.as_bytes().to_vec(), encoded.as_bytes().to_vec(), signs]
        .map(|bytes| Mark { name: "a secret of webhooks".to_owned(), bytes })
        .into()
}

/// The bytes of base64url without padding.
pub fn from_base64url(text: &str) -> Vec<u8> {
    use base64ct::{Base64UrlUnpadded, Encoding};
    Base64UrlUnpadded::decode_vec(text).unwrap()
}
