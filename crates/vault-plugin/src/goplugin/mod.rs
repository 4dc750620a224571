//! The plugin's side of go-plugin, for any go-plugin host: handshake, automatic mTLS, broker, standard streams,
//! controller, and a log in the form that the host reads.
//!
//! A host starts the plugin as a child process with a cookie and a certificate in its environment. The plugin listens
//! on a Unix socket and prints one line on standard output with the path of the socket. The host connects,
//! authenticates with its certificate, and calls the plugin's gRPC services. For each service that the host offers to
//! the plugin, the host listens on another socket and announces it through the broker; the plugin connects to it. The
//! plugin ends when the host asks for it, or when the host is gone.

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

/// How a host recognises this kind of plugin.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The environment variable, and its value, that show that a host and not a person started the program.
    pub cookie: (&'static str, &'static str),
    /// The only version of the plugin's own protocol that is served.
    pub protocol_version: u32,
    /// Printed on standard error for a person who started the program by hand.
    pub by_hand: &'static str,
    /// Environment variables for the host's log level. The first one that is set is used, even if it is empty.
    pub log_level: &'static [&'static str],
    /// The crates to which that level applies; other libraries log only warnings and errors.
    pub crates: &'static [&'static str],
}
