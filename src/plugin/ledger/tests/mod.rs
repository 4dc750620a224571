//! The ledger under everything that storage, SCM, server and people may do to it.

mod ambiguous_scm_state;
mod crash_at_every_write;
mod regressions;
mod retries;
mod storage_failures;
