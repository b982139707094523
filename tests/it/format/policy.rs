//! FORMAT.md section 8.4: the policy that entries quote is the digest of the matrix as SECURITY.md shows it, and of
//! the published document.

use super::primitives::sha256;
use crate::source;

type Rows = Vec<Vec<String>>;

/// The rows of the table in `text` whose header begins like this.
fn table(text: &str, header: &str) -> (Vec<String>, Rows) {
    let at = text.find(header).unwrap_or_else(|| panic!("no table `{header}`"));
    let cells = |line: &str| -> Vec<String> {
        let inside = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')).unwrap();
        inside.split('|').map(|cell| cell.trim().replace('`', "")).collect()
    };
    let lines: Vec<&str> = text[at..].lines().take_while(|line| line.starts_with('|')).collect();
    (cells(lines[0]), lines[2..].iter().map(|line| cells(line)).collect())
}

fn listed(cell: &str) -> Vec<&str> {
    cell.split(", ").filter(|item| !item.is_empty()).collect()
}

/// The roles by the two letters that tables use.
struct Roles(Rows);

impl Roles {
    fn name(&self, code: &str) -> &str {
        &self.0.iter().find(|role| role[0] == code).unwrap()[1]
    }

    fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|role| role[0].as_str())
    }
}

/// What takes a second person: `grant.give` by the role that is given, in the order of the roles.
fn approvals(security: &str, roles: &Roles) -> Vec<String> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (at, row) in table(security, "| What takes a second person |").1.iter().enumerate() {
        let (action, of) = row[0].split_once(" of ").unwrap_or((&row[0], "-"));
        let who: Vec<_> = listed(&row[2]).into_iter().map(|code| roles.name(code)).collect();
        for code in listed(of) {
            let what = if code == "-" { "-" } else { roles.name(code) };
            let place = roles.codes().position(|known| known == code).unwrap_or(100 + at);
            lines.push((place, format!("approve {action} {what} {} {}", row[1], who.join(","))));
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

/// The canonical text, made from the documents.
pub fn canonical_text() -> String {
    let security = source::read("SECURITY.md");
    let mut lines = vec!["strongroom/matrix/1".to_owned()];
    let (_, times) = table(&source::read("FORMAT.md"), "| Time | Seconds |");
    lines.extend(times.iter().map(|row| format!("time {} {}", row[0], row[1])));

    let roles = Roles(table(&security, "| | Role | Held by |").1);
    for role in &roles.0 {
        let kind = role[2].strip_prefix("a ").unwrap();
        lines.push(format!("role {} {kind} {}", role[1], listed(&role[3]).join(",")));
    }
    let together = "| Constraint | Roles that must not act in one session |";
    let (held, together) = (table(&security, "| Constraint |").1, table(&security, together).1);
    for (verb, row) in
        held.iter().map(|row| ("apart", row)).chain(together.iter().map(|row| ("session", row)))
    {
        let (_, name) = row[0].rsplit_once('(').unwrap();
        for group in row[1].split("; ") {
            let (one, others) = group.split_once(" with ").unwrap();
            let any: Vec<&str> = roles.codes().filter(|code| *code != one).collect();
            let others = if others == "any other" { any } else { listed(others) };
            let apart = |other| {
                format!("{verb} {} {} {}", name.trim_end_matches(')'), roles.name(one), roles.name(other))
            };
            lines.extend(others.into_iter().map(apart));
        }
    }
    lines.extend(approvals(&security, &roles));
    let (codes, actions) = table(&security, "| Action | AU |");
    let fields = table(&security, "| Action | Roles | Fields |").1;
    for row in actions {
        for (code, cell) in codes.iter().zip(&row).skip(1).filter(|(_, cell)| *cell != "-") {
            let found =
                fields.iter().find(|line| line[0] == row[0] && listed(&line[1]).contains(&code.as_str()));
            let fields = found.map_or_else(String::new, |line| listed(&line[2]).join(","));
            lines.push(format!("cell {} {} {cell} {fields}", row[0], roles.name(code)).trim_end().to_owned());
        }
    }
    lines.push("strongroom/policy/1".to_owned());
    lines.join("\n") + "\n" + &source::read("policy/default.toml")
}

/// Its hash, as entries quote it.
pub fn hash() -> [u8; 32] {
    sha256(&[canonical_text().as_bytes()])
}
