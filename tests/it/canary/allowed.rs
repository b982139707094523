//! What may stand where: the whole list. A line that nothing needs any more fails the test too.

use super::{search::Find, story::key_mark};

/// A mark, the end of the place's name where it may stand, and why.
const ALLOWED: [(&str, &str, &str); 10] = [
    ("COMPONENT", "store/store.db", "`via` of each entry names the program, in the clear"),
    ("COMPONENT", "store/store.db-wal", "`via`, before it is moved into the database"),
    ("COMPONENT", "a line of the log", "`via`"),
    ("COMPONENT", "debug: an entry", "`via`"),
    ("HOST", "store/store.db", "`via` of each entry names the host, in the clear"),
    ("HOST", "store/store.db-wal", "`via`, before it is moved into the database"),
    ("HOST", "a line of the log", "`via`"),
    ("HOST", "debug: an entry", "`via`"),
    ("COMPONENT", "debug: options", "the program's own setting"),
    ("HOST", "debug: options", "the program's own setting"),
];

/// Whether a key stands in its own file and nowhere else.
fn own_key_file(find: &Find) -> bool {
    let file = find.place.rsplit_once('/').map_or("", |(_, file)| file);
    find.place.contains("keys/") && find.mark == key_mark(file)
}

/// Those that may not stand where they were found, and the lines of the list that allowed nothing.
pub fn judge(finds: Vec<Find>) -> (Vec<Find>, Vec<&'static str>) {
    let mut used = [false; ALLOWED.len()];
    let mut leaks = Vec::new();
    for find in finds {
        let line =
            ALLOWED.iter().position(|(mark, place, _)| find.mark == *mark && find.place.ends_with(place));
        match line {
            Some(line) => used[line] = true,
            None if own_key_file(&find) => {}
            None => leaks.push(find),
        }
    }
    let unused =
        ALLOWED.iter().zip(used).filter(|(_, used)| !used).map(|((_, place, _), _)| *place).collect();
    (leaks, unused)
}
