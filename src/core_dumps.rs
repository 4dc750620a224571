//! Keeps what is in memory, private keys and passwords among it, out of core dumps.

use nix::sys::resource::{Resource, setrlimit};

/// Turns core dumps of this process off. The limit alone does not stop a dump that the system pipes to a program;
/// a process that is not dumpable is not dumped at all, and others of the same user cannot read its memory.
pub fn turn_off() {
    // Both only ever take rights away, so that what fails leaves the other.
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    #[cfg(target_os = "linux")]
    let _ = nix::sys::prctl::set_dumpable(false);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn this_process_is_not_dumped() {
        super::turn_off();
        assert_eq!(nix::sys::prctl::get_dumpable(), Ok(false));
    }
}
