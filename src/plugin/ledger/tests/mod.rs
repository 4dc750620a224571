//! The ledger under everything that a storage, SCM, a server and people may do to it.

mod ambiguous_scm_state;
mod crash_at_every_write;
mod regressions;
mod retries;
mod storage_failures;
