//! What whoever steals the disk without its keys reads: the room's files are searched for what was typed.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use super::{
    amiss::amiss,
    assets::{CARD, EMAIL, NAME, PASSWORD, STATEMENT},
    stage::Stage,
};
use crate::failed::Failed;

/// Searches the files.
pub fn play(stage: &mut Stage<'_>, directory: &Path) -> Result<(), Failed> {
    let mut files = Vec::new();
    read_all(directory, &mut files).map_err(amiss)?;
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    stage.story.scene("disk", "What lies on the disk")?;
    stage.story.say(&format!(
        "All {} files of the room, {} KiB, are searched for what was typed. What lies open is \
         ids, names of events, states, dates and amounts.",
        files.len(),
        bytes / 1024
    ))?;
    let statement = STATEMENT.content.get(..64).unwrap_or_default();
    let wanted: [(&str, &[u8], bool); 7] = [
        ("her address", EMAIL.as_bytes(), false),
        ("her name", NAME.as_bytes(), false),
        ("her password", PASSWORD.as_bytes(), false),
        ("a line of the ticket", b"You charged me twice", false),
        ("the card number", CARD.as_bytes(), false),
        ("the bank statement", statement, false),
        ("`ticket.opened`, an event's name", b"ticket.opened", true),
    ];
    for (what, needle, is_open) in wanted {
        let found = files.iter().filter(|(_, content)| holds(content, needle)).count();
        if (found > 0) != is_open {
            return Err(amiss("a search of the files did not end as it must"));
        }
        stage.story.searched(what, found)?;
    }
    stage.keep(files.into_iter().map(|(file, _)| file));
    Ok(())
}

fn read_all(directory: &Path, files: &mut Vec<(File, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            read_all(&path, files)?;
        } else {
            let (mut file, mut content) = (File::open(path)?, Vec::new());
            file.read_to_end(&mut content)?;
            files.push((file, content));
        }
    }
    Ok(())
}

fn holds(file: &[u8], needle: &[u8]) -> bool {
    file.windows(needle.len().max(1)).any(|window| window == needle)
}
