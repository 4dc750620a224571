//! A stage for demonstrations and tests: a real server, with the plugin in it.

pub mod server;
