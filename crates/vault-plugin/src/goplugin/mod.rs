//! The plugin's side of go-plugin, for any go-plugin host: handshake, automatic mTLS, broker, standard streams,
//! controller, and the log that such a host reads.
//!
//! A host starts the plugin as a child process with a cookie and a certificate in its environment. The plugin listens
//! on a Unix socket and prints one line on standard output that names it; the host connects, proves itself with that
//! certificate, and calls the plugin's gRPC services. For anything that the host offers in turn, it listens on one
//! more socket and says where through the broker; the plugin connects back. The plugin ends when the host asks, or
//! when the host is gone.

mod broker;
mod handshake;
mod incoming;
pub mod log;
mod proto;
mod serve;
mod services;
mod socket;
mod tls;

pub use broker::{Broker, BrokerError};
pub use serve::serve;

/// What a host knows this kind of plugin by.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The environment variable that shows a host, not a person, started the program, and its value.
    pub cookie: (&'static str, &'static str),
    /// The only version of the plugin's own protocol that is served.
    pub protocol_version: u32,
    /// Printed on standard error for a person who started the program by hand.
    pub by_hand: &'static str,
    /// Variables that hold the host's log level; the first that is present counts, even when empty.
    pub log_level: &'static [&'static str],
    /// The crates whose log lines follow that level; other libraries log only what is wrong.
    pub crates: &'static [&'static str],
}
