//! Rust source as tokens: enough to tell code from comments and strings, no more. What the house tests ask
//! (who names whom, how long a function is) must not be answered by a word in a comment.

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An identifier or keyword; a raw identifier without its `r#`.
    Word,
    /// `'a`, or a label.
    Lifetime,
    /// A number with its suffix.
    Number,
    /// A string of any sort: what stands between the quotes, escapes as written.
    Text,
    /// A character or byte: what stands between the quotes.
    Char,
    /// One character, or `::`.
    Mark,
    /// A comment with its slashes.
    Comment,
}

/// One token and the line that it starts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// The token as [`Kind`] says.
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

impl Token {
    /// Whether this is the identifier or keyword `word`.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text == word
    }

    /// Whether this is the punctuation `mark`.
    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }
}

/// The tokens of `source`, comments among them. Text that no compiler takes still gives tokens.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { chars: source.chars().collect(), at: 0, line: 1, tokens: Vec::new() };
    while let Some(c) = lexer.peek(0) {
        lexer.step(c);
    }
    lexer.tokens
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(c == '\n');
        Some(c)
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek(0).filter(|c| wanted(*c)) {
            text.push(c);
            self.bump();
        }
        text
    }

    fn push(&mut self, kind: Kind, text: String, line: usize) {
        self.tokens.push(Token { kind, text, line });
    }

    fn step(&mut self, c: char) {
        let line = self.line;
        match c {
            _ if c.is_whitespace() => {
                self.bump();
            }
            '/' if self.peek(1) == Some('/') => {
                let text = self.take_while(|c| c != '\n');
                self.push(Kind::Comment, text, line);
            }
            '/' if self.peek(1) == Some('*') => self.block_comment(),
            '"' => self.text(0, true),
            '\'' => self.quote(),
            _ if is_word_start(c) => self.word(),
            _ if c.is_ascii_digit() => self.number(),
            ':' if self.peek(1) == Some(':') => {
                self.at += 2;
                self.push(Kind::Mark, "::".into(), line);
            }
            _ => {
                self.bump();
                self.push(Kind::Mark, c.into(), line);
            }
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let (line, mut depth, mut text) = (self.line, 0_usize, String::new());
        while let Some(c) = self.bump() {
            text.push(c);
            match (c, self.peek(0)) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => continue,
            }
            text.extend(self.bump());
            if depth == 0 {
                break;
            }
        }
        self.push(Kind::Comment, text, line);
    }

    /// A string from its opening quote on, closed by a quote and `hashes` times `#`.
    fn text(&mut self, hashes: usize, escapes: bool) {
        let (line, mut text) = (self.line, String::new());
        self.bump();
        while let Some(c) = self.bump() {
            if c == '"' && (0..hashes).all(|n| self.peek(n) == Some('#')) {
                self.at += hashes;
                break;
            }
            text.push(c);
            if escapes && c == '\\' {
                text.extend(self.bump());
            }
        }
        self.push(Kind::Text, text, line);
    }

    /// A character or a lifetime: `'a'` closes at once, `'a` does not.
    fn quote(&mut self) {
        let line = self.line;
        self.bump();
        if self.peek(0) != Some('\\') && self.peek(1) != Some('\'') {
            let text = self.take_while(is_word_part);
            return self.push(Kind::Lifetime, text, line);
        }
        let mut text = String::new();
        while let Some(c) = self.bump().filter(|c| *c != '\'') {
            text.push(c);
            if c == '\\' {
                text.extend(self.bump());
            }
        }
        self.push(Kind::Char, text, line);
    }

    fn word(&mut self) {
        let line = self.line;
        let word = self.take_while(is_word_part);
        let hashes = (0..).take_while(|n| self.peek(*n) == Some('#')).count();
        match (word.as_str(), self.peek(hashes)) {
            ("r" | "br" | "cr", Some('"')) => {
                self.at += hashes;
                self.text(hashes, false);
            }
            ("b" | "c", Some('"')) if hashes == 0 => self.text(0, true),
            ("b", Some('\'')) if hashes == 0 => self.quote(),
            ("r", Some(c)) if hashes == 1 && is_word_start(c) => {
                self.at += 1;
                self.word();
            }
            _ => self.push(Kind::Word, word, line),
        }
    }

    /// Digits, suffix and fraction; `0..5` is a number, a range and a number.
    fn number(&mut self) {
        let line = self.line;
        let mut text = self.take_while(is_word_part);
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|c| c.is_ascii_digit()) {
            text.extend(self.bump());
            text += &self.take_while(is_word_part);
        }
        self.push(Kind::Number, text, line);
    }
}

fn is_word_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

fn is_word_part(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[test]
fn code_is_told_from_comments_and_strings() {
    let source = r##"
        let a = "{ // \" }"; // "fn" {
        /* outer /* fn */ { */ let b = r#"a " fn {"#;
        let (c, d) = ('{', b'\''); let e: &'static str = c"x"; let r#fn = 0..5;
    "##;
    let of = |kind| tokens(source).into_iter().filter(|t| t.kind == kind).map(|t| t.text).collect::<Vec<_>>();
    assert_eq!(of(Kind::Text), [r#"{ // \" }"#, r#"a " fn {"#, "x"]);
    assert_eq!(of(Kind::Comment), [r#"// "fn" {"#, "/* outer /* fn */ { */"]);
    assert_eq!(of(Kind::Char), ["{", r"\'"]);
    assert_eq!(of(Kind::Lifetime), ["static"]);
    assert_eq!(of(Kind::Number), ["0", "5"]);
    assert!(!of(Kind::Mark).contains(&"{".to_owned()));
}

#[test]
fn lines_are_counted_through_everything() {
    let source = "/*\n*/ \"a\n b\" 'x' r#\"\n\"#\n::";
    let last = tokens(source).pop().unwrap();
    assert_eq!((last.text.as_str(), last.line), ("::", 5));
}
