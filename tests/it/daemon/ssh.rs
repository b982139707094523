//! Staff on laptops: SSH with a forced command, by a real sshd.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::{Served, until};
use crate::world::{JANE, PASSWORD};

/// An sshd of the test's own, whose one key may do one thing.
struct Sshd {
    process: Child,
    /// The directory with an `ssh` that finds it.
    path: PathBuf,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn found(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
        .iter()
        .map(|directory| Path::new(directory).join(name))
        .find(|path| path.exists())
}

fn keygen(path: &Path) {
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(path).output();
    assert!(made.unwrap().status.success());
}

impl Sshd {
    /// Starts it; none where there is no sshd to start.
    fn start(directory: &Path, forced: &str) -> Option<Self> {
        let (Some(sshd), Some(ssh)) = (found("sshd"), found("ssh")) else {
            crate::postgres::skip("there is no sshd");
            return None;
        };
        if rustix::process::geteuid().is_root() {
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let at = |name: &str| directory.join(name);
        fs::create_dir(at("bin")).unwrap();
        keygen(&at("host_key"));
        keygen(&at("laptop_key"));
        let public = fs::read_to_string(at("laptop_key.pub")).unwrap();
        fs::write(at("authorized_keys"), format!("restrict,command=\"{forced}\" {public}")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host_key\nAuthorizedKeysFile {0}/authorized_keys\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin forced-commands-only\nPidFile none\n",
            directory.display()
        );
        fs::write(at("sshd_config"), config).unwrap();
        let log = fs::File::create(at("sshd.log")).unwrap();
        let process = Command::new(sshd)
            .args(["-D", "-e", "-f"])
            .arg(at("sshd_config"))
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let script = format!(
            "#!/bin/sh\nexec {} -F none -p {port} -i {1}/laptop_key -o IdentitiesOnly=yes -o BatchMode=yes \
             -o UserKnownHostsFile={1}/known_hosts -o StrictHostKeyChecking=accept-new \"$@\"\n",
            ssh.display(),
            directory.display()
        );
        fs::write(at("bin/ssh"), script).unwrap();
        fs::set_permissions(at("bin/ssh"), fs::Permissions::from_mode(0o755)).unwrap();
        let started = Self { process, path: at("bin") };
        until(|| fs::read_to_string(directory.join("sshd.log")).unwrap().contains("Server listening"));
        Some(started)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("TZ", "UTC").stdin(Stdio::null());
        command.env("PATH", format!("{}:/usr/bin:/bin", self.path.display()));
        command
    }
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn staff_on_a_laptop_work_through_ssh() {
    let served = Served::new();
    let directory = served.world.directory.path().to_path_buf();
    let forced = format!("{} relay --socket {}", env!("CARGO_BIN_EXE_strongroom"), served.socket.display());
    let Some(sshd) = Sshd::start(&directory, &forced) else { return };
    let jane = served.world.customer(JANE);
    let ticket = served.world.ticket(&jane).to_string();
    let laptop = directory.join("laptop");
    fs::create_dir(&laptop).unwrap();
    fs::write(laptop.join("answer.txt"), "on the laptop").unwrap();
    fs::write(laptop.join("password"), PASSWORD).unwrap();
    fs::set_permissions(laptop.join("password"), fs::Permissions::from_mode(0o600)).unwrap();
    let run = |words: &[&str]| {
        let mut command = sshd.command(env!("CARGO_BIN_EXE_strongroom"));
        command.current_dir(&laptop).env("STRONGROOM_SOCKET", "ssh:127.0.0.1");
        command.args(words).output().unwrap()
    };

    // Where no room is at hand, the way is the one that the environment names; files and sessions stay on the laptop.
    let before = served.world.room.log_size().unwrap();
    let put = run(&["--as", "sam", "attachment", "put", &ticket, "answer.txt", "--json"]);
    assert!(put.status.success(), "{}", told(&put));
    let put: serde_json::Value = serde_json::from_slice(&put.stdout).unwrap();
    let id = put["attachment"].as_str().unwrap();
    let get = run(&["--as", "sam", "attachment", "get", id, "back.txt", "--purpose", "support_request"]);
    assert!(get.status.success(), "{}", told(&get));
    assert_eq!(fs::read_to_string(laptop.join("back.txt")).unwrap(), "on the laptop");
    let login = run(&["login", JANE, "--password-file", "password", "--session", "session"]);
    assert!(login.status.success(), "{}", told(&login));
    assert!(run(&["ticket", "list", "--session", "session"]).status.success());

    // The log says from where: the relay knows it from sshd, whatever the laptop says.
    let entries = served.entries(before);
    let opened = entries.iter().find(|entry| entry.entry.what.name() == "attachment.opened").unwrap();
    assert_eq!(opened.entry.via.component, "socket");
    let shown = served.says(&["--as", "vera", "audit", "show", &opened.entry.position.to_string()]);
    assert!(shown.contains("127.0.0.1"), "{shown}");

    // The key is good for that and for nothing else.
    let elsewhere = sshd.command("ssh").args(["-T", "127.0.0.1", "cat", "/etc/passwd"]).output().unwrap();
    let said = String::from_utf8_lossy(&elsewhere.stdout).into_owned();
    assert!(said.contains("{\"hello\":") && !said.contains("root:"), "{said}");
    let terminal = sshd.command("ssh").args(["-tt", "127.0.0.1"]).output().unwrap();
    assert!(told(&terminal).contains("PTY allocation request failed"), "{}", told(&terminal));
    let forward = ["-T", "-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:9", "127.0.0.1"];
    let forward = sshd.command("ssh").args(forward).output().unwrap();
    assert_eq!(forward.status.code(), Some(255), "{}", told(&forward));
}

/// A host that is not there is a failure in words, and nothing hangs.
#[test]
fn a_host_that_is_not_reached_is_said_so() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("ssh"), "#!/bin/sh\nexit 255\n").unwrap();
    fs::set_permissions(directory.path().join("ssh"), fs::Permissions::from_mode(0o755)).unwrap();
    let ran = super::program()
        .env("PATH", format!("{}:/bin:/usr/bin", directory.path().display()))
        .args(["--socket", "ssh:room.example.com", "doctor"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1));
    assert!(told(&ran).contains("the connection to the daemon is over"), "{}", told(&ran));
}
