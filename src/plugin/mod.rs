//! The plugin, in layers, each knowing only those below it: [`goplugin`] (any go-plugin host), [`logical`] (any
//! Vault backend), [`framework`] (routes and fields of any Vault backend), `engine` (this secrets engine).

pub mod engine;
pub mod framework;
pub mod goplugin;
pub mod logical;
