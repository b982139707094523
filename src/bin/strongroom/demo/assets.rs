//! What the demonstration is played with: who there is, what the customer writes, and what other programs made.

use strongroom::room::Role;

/// A member of staff.
pub struct Person {
    /// The handle.
    pub handle: &'static str,
    /// The role.
    pub role: Role,
}

/// The staff. The first three are the fewest that a room starts with.
pub const STAFF: [Person; 7] = [
    Person { handle: "ada", role: Role::AccessAdmin },
    Person { handle: "alan", role: Role::AccessAdmin },
    Person { handle: "vera", role: Role::Auditor },
    Person { handle: "sam", role: Role::Support },
    Person { handle: "lea", role: Role::SupportLead },
    Person { handle: "bill", role: Role::Billing },
    Person { handle: "priya", role: Role::PrivacyOfficer },
];

/// The customer's address.
pub const EMAIL: &str = "jane.doe@example.com";
/// The customer's name.
pub const NAME: &str = "Jane Doe";
/// The customer's password.
pub const PASSWORD: &str = "seven grey herons at low tide";
/// The address of the customer who is erased.
pub const GONE_EMAIL: &str = "max.muster@example.com";
/// His name.
pub const GONE_NAME: &str = "Max Muster";
/// His password.
pub const GONE_PASSWORD: &str = "quiet amber tram before dawn";
/// The password that sam sets.
pub const STAFF_PASSWORD: &str = "violet kettle sings at noon";

/// The password that lea sets.
pub const LEAD_PASSWORD: &str = "nine copper lanterns by the pier";

/// What the room and the receiver of its webhooks share.
pub const WEBHOOK_SECRET: &str = "whsec_YSBkZW1vbnN0cmF0aW9uJ3Mgc2VjcmV0LCBubyBtb3Jl";

/// A card number that processors give out for tests.
pub const CARD: &str = "4111 1111 1111 1111";
/// The subject of the ticket.
pub const SUBJECT: &str = "Charged twice for April";
/// What the customer writes, with a card number that has no place there.
pub const BODY: &str = "You charged me twice, the statement is attached.\n\
                        The card was 4111 1111 1111 1111. Please pay one charge back.";

/// A file's name and what it holds.
pub struct File {
    /// The name.
    pub name: &'static str,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub content: &'static [u8],
}

/// A bank statement of one page, typeset by GNU groff 1.22.4 from `assets/bank-statement.ms`:
/// `groff -t -ms -Tpdf bank-statement.ms`.
pub const STATEMENT: File = File {
    name: "bank-statement.pdf",
    media_type: "application/pdf",
    content: include_bytes!("assets/bank-statement.pdf"),
};

/// A password record that another tool made, of [`RECORD_PASSWORD`].
pub struct Foreign {
    /// The tool.
    pub tool: &'static str,
    /// The record, one of `tests/vectors/passwords.json`.
    pub text: &'static str,
}

/// The password of all [`RECORDS`].
pub const RECORD_PASSWORD: &str = "correct horse battery staple";

/// Records of other tools, the last two of which are refused.
pub const RECORDS: [Foreign; 7] = [
    Foreign {
        tool: "Apache htpasswd -B",
        text: "$2y$05$lAqya7fEltnLJDpL482Yn.4FosXm4qmPdXgiaMtlVHoH2cdWKBSIS",
    },
    Foreign { tool: "phpass", text: "$P$HusPw9PdmMssvHj2qrjUoaXnMHX0Es/" },
    Foreign {
        tool: "Dovecot doveadm pw",
        text: "{BLF-CRYPT}$2y$05$86qtHO1x058nj08l0O5A0ee1a/Xa1e6PCmrldo2L.gHMuEFjuObL.",
    },
    Foreign {
        tool: "Django",
        text: "argon2$argon2id$v=19$m=102400,t=2,p=8$bGV3RzVrU0ZaNjBlZW5KMUdyMjhmNg$3qjsH/GN4/Nl/CVDfMeVbMJUK06K73RosGdvWv9hU94",
    },
    Foreign {
        tool: "Apache htpasswd -5",
        text: "$6$rounds=1000$U3LTgZksakFXbh5O$qQ7v5pjsa5/FQzmgDXESOtKSAQ1VEfWv6ZnNTziql1o/uyonWjA9SV/YXtF4eKFI/yqW2m/96C3nrFpHNE5Cv1",
    },
    Foreign { tool: "MySQL PASSWORD()", text: "*F4AF2E5D85456A908E0F552F0366375B06267295" },
    Foreign { tool: "an attacker", text: "$2b$31$zOMmFVTFWQCYFdUq.39Y.O/rvf1YZxFSOsBygNFQO8mVe6aGBM79K" },
];

#[cfg(test)]
mod tests {
    use super::{RECORD_PASSWORD, RECORDS};

    #[test]
    fn the_records_are_those_of_the_vectors() {
        let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/passwords.json");
        let vectors: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(vectors).unwrap()).unwrap();
        for record in RECORDS {
            let is_it = |vector: &&serde_json::Value| vector["hash"] == record.text;
            let vector = vectors.as_array().unwrap().iter().find(is_it).expect(record.tool);
            assert_eq!(vector["password"], RECORD_PASSWORD);
        }
    }
}
