//! Where webhooks go: `[webhook]` in `room.toml`, for each host.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::limits;

/// The section of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct WebhookConfig {
    pub(in super::super) url: String,
    /// Files of secrets, the one that counts first; two while one is being replaced.
    pub(in super::super) secrets: Vec<PathBuf>,
    /// A file of certificates, in place of those that the program brings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in super::super) authorities: Option<PathBuf>,
}

/// Where webhooks go, and by which files they are signed. Paths are from the room's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookPlace {
    /// The address.
    pub url: String,
    /// The files of one or two secrets.
    pub secrets: Vec<PathBuf>,
    /// The file of certificates (PEM) that a receiver's is held against; without it, those that the program brings.
    pub authorities: Option<PathBuf>,
}

impl WebhookConfig {
    /// The place, of a room in this directory.
    pub(in super::super) fn place(self, room: &Path) -> WebhookPlace {
        WebhookPlace {
            url: self.url,
            secrets: self.secrets.iter().map(|path| room.join(path)).collect(),
            authorities: self.authorities.map(|path| room.join(path)),
        }
    }

    /// What is wrong with it.
    pub(in super::super) fn fault(&self) -> Option<&'static str> {
        if self.url.len() > limits::WEBHOOK_URL_BYTES_MAX {
            return Some("webhook.url is longer than 2048 bytes");
        }
        if !self.url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Some("webhook.url takes no white space and nothing outside ASCII");
        }
        if !is_private(&self.url) {
            return Some(
                "webhook.url begins with `https://` and names no user; `http://` is for this host alone",
            );
        }
        if !(1..=2).contains(&self.secrets.len()) {
            return Some("webhook.secrets names one file, or two while one is being replaced");
        }
        None
    }
}

/// Whether nobody on the way reads what is sent: it is encrypted, or does not leave the host. What stands before an `@`
/// is refused, because it would be a password in a file that is not kept as one.
fn is_private(url: &str) -> bool {
    let (rest, is_encrypted) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let is_here = matches!(host, "127.0.0.1" | "::1" | "localhost");
    !host.is_empty() && !authority.contains('@') && (is_encrypted || is_here)
}

#[cfg(test)]
mod tests {
    use super::is_private;

    #[test]
    fn what_leaves_the_host_is_encrypted() {
        for good in [
            "https://example.com",
            "https://example.com:8443/hooks?of=room",
            "http://127.0.0.1:8080/x",
            "http://[::1]:80/",
            "http://localhost/",
        ] {
            assert!(is_private(good), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "ftp://example.com",
            "http://example.com",
            "http://127.0.0.1.example.com/",
            "http://localhost@example.com/",
            "http://127.0.0.1:80@example.com/",
            "https://user:password@example.com/",
            "https:///path",
            "http://[::2]/",
            "HTTPS://example.com",
        ] {
            assert!(!is_private(bad), "{bad}");
        }
    }
}
