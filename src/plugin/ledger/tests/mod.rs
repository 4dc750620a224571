//! The ledger under everything that a storage, SCM, a server and people may do to it.

mod again;
mod cuts;
mod doubts;
mod halves;
mod mishaps;
