//! One cell of the matrix: what an action is to a role, and what it asks for in return.

use std::fmt;

use super::{Fields, View};

/// What a cell allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Deny,
    /// Reading, masked.
    Masked,
    /// Reading, in clear.
    Clear,
    /// Doing; nothing is read.
    Allow,
}

impl Effect {
    /// Every effect, from nothing up.
    pub(crate) const ALL: [Self; 4] = [Self::Deny, Self::Masked, Self::Clear, Self::Allow];

    /// The legend of the matrix.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Deny => "nothing",
            Self::Masked => "reading, masked",
            Self::Clear => "reading, in clear",
            Self::Allow => "doing; nothing is read",
        }
    }

    /// The letter in the matrix.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Deny => '-',
            Self::Masked => 'm',
            Self::Clear => 'F',
            Self::Allow => 'x',
        }
    }

    /// The view that it gives; nothing where nothing is read.
    pub(crate) const fn view(self) -> Option<View> {
        match self {
            Self::Masked => Some(View::Masked),
            Self::Clear => Some(View::Clear),
            Self::Deny | Self::Allow => None,
        }
    }
}

/// What a cell asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Obligation {
    /// `p`: a stated purpose that the role may act for.
    Purpose = 1 << 0,
    /// `t`: an open ticket or case about the same account, which the actor works on.
    Case = 1 << 1,
    /// `f`: password and second factor, shown at most 15 minutes ago.
    FreshFactor = 1 << 2,
    /// `2`: a second person.
    SecondPerson = 1 << 3,
    /// `n`: a notice.
    Notice = 1 << 4,
    /// `j`: a time-boxed grant.
    Elevation = 1 << 5,
    /// `s`: the customer's own session, for his own data.
    OwnSubject = 1 << 6,
}

impl Obligation {
    /// In the order in which cells write them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Purpose,
        Self::Case,
        Self::FreshFactor,
        Self::SecondPerson,
        Self::Notice,
        Self::Elevation,
        Self::OwnSubject,
    ];

    /// The legend of the matrix.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Purpose => "a stated purpose that the role acts for",
            Self::Case => "an open ticket or case about the same account, which the actor works on",
            Self::FreshFactor => "password and second factor, shown at most 15 minutes ago",
            Self::SecondPerson => "a second person, who approves exactly this request; some take two",
            Self::Notice => "a notice: to the person, and to who guards accounts and administers access",
            Self::Elevation => {
                "a grant of the role for eight hours at most; of `grant.give` that what is given ends so soon"
            }
            Self::OwnSubject => "the customer's own session, for his own data",
        }
    }

    /// The letter in the matrix.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Purpose => 'p',
            Self::Case => 't',
            Self::FreshFactor => 'f',
            Self::SecondPerson => '2',
            Self::Notice => 'n',
            Self::Elevation => 'j',
            Self::OwnSubject => 's',
        }
    }
}

/// Whom or what a cell is limited to beyond its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Nothing more.
    Any,
    /// An open ticket that nobody has, for oneself.
    Take,
    /// What is the actor's own: the principal that the request names is the actor.
    Own,
    /// What is others': the request does not name the actor.
    Others,
    /// The role of support, for others.
    SupportRole,
    /// One person's part: the request names a subject.
    OneSubject,
    /// Nobody's data: the request names no subject.
    NoSubject,
    /// Objects about staff alone: principals, grants, enrolments.
    Staff,
}

impl Limit {
    /// Every limit.
    pub(crate) const ALL: [Self; 8] = [
        Self::Any,
        Self::Take,
        Self::Own,
        Self::Others,
        Self::SupportRole,
        Self::OneSubject,
        Self::NoSubject,
        Self::Staff,
    ];

    /// The legend of the matrix.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Any => "nothing",
            Self::Take => "an open ticket that nobody has, for oneself",
            Self::Own => "what is the actor's own",
            Self::Others => "what is others', not the actor's own",
            Self::SupportRole => "the role `support`, for others",
            Self::OneSubject => "what is about one person, who is named",
            Self::NoSubject => "what is about no customer",
            Self::Staff => "principals, grants, enrolments and factors",
        }
    }

    /// The word in brackets behind a cell; empty for none.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Take => "take",
            Self::Own => "own",
            Self::Others => "others",
            Self::SupportRole => "support",
            Self::OneSubject => "one-subject",
            Self::NoSubject => "no-subject",
            Self::Staff => "staff",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) effect: Effect,
    obligations: u8,
    pub(crate) limit: Limit,
    pub(crate) fields: Fields,
}

impl Cell {
    /// The cell that allows nothing.
    pub(crate) const DENY: Self =
        Self { effect: Effect::Deny, obligations: 0, limit: Limit::Any, fields: Fields::NONE };

    /// Whether it asks for `obligation`.
    pub(crate) const fn asks(&self, obligation: Obligation) -> bool {
        self.obligations & obligation as u8 != 0
    }

    /// How many obligations it has.
    pub(crate) const fn obligations(&self) -> u32 {
        self.obligations.count_ones()
    }

    /// This cell with a limit and fields; a cell that denies takes neither.
    pub(crate) const fn with(self, limit: Limit, fields: Fields) -> Self {
        match self.effect {
            Effect::Deny => Self::DENY,
            Effect::Masked | Effect::Clear | Effect::Allow => Self { limit, fields, ..self },
        }
    }

    /// Reads one cell from the front of a row of the table: white space, a letter for the effect, letters for
    /// obligations. Whatever is not understood denies; a test holds the table to its own text.
    pub(crate) const fn read(row: &[u8]) -> (Self, &[u8]) {
        let mut left = row;
        while let [b' ', rest @ ..] = left {
            left = rest;
        }
        let mut cell = Self::DENY;
        if let [letter, rest @ ..] = left {
            left = rest;
            cell.effect = match letter {
                b'm' => Effect::Masked,
                b'F' => Effect::Clear,
                b'x' => Effect::Allow,
                _ => Effect::Deny,
            };
        }
        let mut understood = true;
        while let [letter, rest @ ..] = left {
            let obligation = match letter {
                b'p' => Obligation::Purpose,
                b't' => Obligation::Case,
                b'f' => Obligation::FreshFactor,
                b'2' => Obligation::SecondPerson,
                b'n' => Obligation::Notice,
                b'j' => Obligation::Elevation,
                b's' => Obligation::OwnSubject,
                b' ' => break,
                _ => {
                    understood = false;
                    left = rest;
                    continue;
                }
            };
            cell.obligations |= obligation as u8;
            left = rest;
        }
        if understood { (cell, left) } else { (Self::DENY, left) }
    }
}

/// The cell as the matrix writes it: `Fpt`, `x(take)`, `-`.
impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.effect.letter())?;
        for obligation in Obligation::ALL.into_iter().filter(|one| self.asks(*one)) {
            write!(f, "{}", obligation.letter())?;
        }
        match self.limit {
            Limit::Any => Ok(()),
            limit => write!(f, "({})", limit.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, Effect, Obligation};

    #[test]
    fn a_cell_reads_as_it_writes() {
        for text in ["-", "m", "F", "x", "Fptj", "xptf2", "xpfn", "Fs", "xptf2njs"] {
            let (cell, rest) = Cell::read(text.as_bytes());
            assert_eq!((cell.to_string().as_str(), rest), (text, &b""[..]));
        }
        let (first, rest) = Cell::read(b"  Fp  x");
        assert!(first.effect == Effect::Clear && first.asks(Obligation::Purpose) && first.obligations() == 1);
        assert_eq!(Cell::read(rest).0.effect, Effect::Allow);
    }

    #[test]
    fn what_is_not_understood_denies() {
        for text in ["", " ", "?", "X", "Fq", "Fpq", "xP", "f", "p", "FF"] {
            assert_eq!(Cell::read(text.as_bytes()).0.effect, Effect::Deny, "{text:?}");
        }
    }
}
