//! What verifying one record may cost.

use crate::base::limits;

/// Ceilings on what a record may ask of whoever verifies it, held before any memory is taken. The defaults are
/// the most that is meant for a login; a host with less memory lowers them.
///
/// ```
/// use strongroom::password::{Cost, Dialect, Limits, Record, Unsupported};
///
/// let mut limits = Limits::default();
/// limits.argon2_memory_kib = 64 * 1024;
/// let bomb = "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$UwBfkbyIxTLRv8XyyWEpCQ";
/// let refused = Record::parse(bomb, &Dialect::none(), &limits).err();
/// let (required, limit) = (4_194_304, 65_536);
/// assert_eq!(refused, Some(Unsupported::TooCostly { what: Cost::Argon2MemoryKib, required, limit }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Argon2 memory, KiB. Default: 1 GiB.
    pub argon2_memory_kib: u32,
    /// Argon2 passes. Default: 16.
    pub argon2_passes: u32,
    /// Argon2 lanes, which are computed one after the other. Default: 16.
    pub argon2_lanes: u32,
    /// Argon2 memory times passes, KiB. Default: 4 GiB.
    pub argon2_work_kib: u32,
    /// bcrypt cost, the power of two of its rounds; the format ends at 31. Default: 15.
    pub bcrypt_cost: u32,
    /// scrypt and yescrypt memory, 128 r (N + p) bytes, in KiB. Default: 256 MiB and 64 KiB.
    pub scrypt_memory_kib: u32,
    /// scrypt memory times lanes, 128 N r p bytes, in KiB. Default: 1 GiB.
    pub scrypt_work_kib: u32,
    /// scrypt lanes, which are computed one after the other. Default: 16.
    pub scrypt_lanes: u32,
    /// PBKDF2 iterations, times the blocks of the tag. Default: 10,000,000.
    pub pbkdf2_iterations: u32,
    /// Rounds of SHA-crypt and of the schemes before it. Default: 5,000,000.
    pub crypt_rounds: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            argon2_memory_kib: limits::ARGON2_MEMORY_KIB_MAX,
            argon2_passes: limits::ARGON2_PASSES_MAX,
            argon2_lanes: limits::ARGON2_LANES_MAX,
            argon2_work_kib: limits::ARGON2_WORK_KIB_MAX,
            bcrypt_cost: limits::BCRYPT_COST_MAX,
            scrypt_memory_kib: limits::SCRYPT_MEMORY_KIB_MAX,
            scrypt_work_kib: limits::SCRYPT_WORK_KIB_MAX,
            scrypt_lanes: limits::SCRYPT_LANES_MAX,
            pbkdf2_iterations: limits::PBKDF2_ITERATIONS_MAX,
            crypt_rounds: limits::CRYPT_ROUNDS_MAX,
        }
    }
}
