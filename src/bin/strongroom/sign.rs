//! Signing with an SSH key, by `ssh-keygen` where its person is.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use strongroom::room::SecretText;

use crate::{failed::Failed, line};

/// What a signature is made for: one for anything else does not count.
pub const NAMESPACE: &str = "strongroom-login";

/// The signature that `ssh-keygen` makes on the person's side, wherever the command is carried out; it asks for what the
/// key needs, a passphrase or a touch, by itself.
///
/// # Errors
/// It does not run, or does not sign.
pub fn by_ssh_keygen(key: &Path, challenge: &SecretText) -> Result<String, Failed> {
    match (line::current(), key.to_str()) {
        (None, _) => here(key, challenge),
        (Some(line), Some(key)) => line.sign(key, challenge),
        (Some(_), None) => Err(Failed::usage("over the socket a key's file has a name of UTF-8")),
    }
}

/// The same, on this machine.
///
/// # Errors
/// As [`by_ssh_keygen`].
pub fn here(key: &Path, challenge: &SecretText) -> Result<String, Failed> {
    let failed =
        |why: String| Failed::new(format!("`ssh-keygen` did not sign with `{}`: {why}", key.display()));
    let mut program = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| failed(e.kind().to_string()))?;
    if let Some(mut input) = program.stdin.take() {
        // One that ended before it read says so by how it ended.
        let _ = input.write_all(challenge.expose().as_bytes());
    }
    let output = program.wait_with_output().map_err(|e| failed(e.kind().to_string()))?;
    if !output.status.success() {
        return Err(failed(output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("it wrote no text".to_owned()))
}
