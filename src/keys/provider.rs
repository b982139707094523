//! The joint for key providers.

use super::{Domain, KeyError};
use crate::base::Secret;

/// Where provider keys live: outside the databases, one per wrapping-key version, never derived from a root
/// that outlives them.
///
/// This is the one trait that a new kind of key storage implements.
pub(crate) trait KeyProvider: Send + Sync {
    /// Makes the provider key for a new version.
    ///
    /// # Errors
    /// The key exists already, or cannot be stored.
    fn create(&self, domain: Domain, version: u32) -> Result<(), KeyError>;

    /// Wraps 32 bytes under the provider key of this domain and version.
    ///
    /// # Errors
    /// The provider key cannot be used.
    fn wrap(&self, domain: Domain, version: u32, aad: &[u8], key: &Secret<32>) -> Result<Vec<u8>, KeyError>;

    /// Unwraps what [`KeyProvider::wrap`] made.
    ///
    /// # Errors
    /// The provider key cannot be used, or the bytes are not authentic.
    fn unwrap(
        &self,
        domain: Domain,
        version: u32,
        aad: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret<32>, KeyError>;
}
