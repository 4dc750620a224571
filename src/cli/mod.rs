//! `svpki`: the operator's command line, with one file for each command. Only `ui` accesses the terminal, and
//! `exit` lists all exit codes. Nothing here talks to SCM: a command can do what its Vault token may do.

mod args;
pub mod bulk;
mod certs;
mod check;
mod completion_values;
mod completions;
mod config;
mod config_args;
mod context;
mod current;
pub mod demo;
mod doctor;
mod domains;
mod enroll;
mod error;
mod exit;
mod export;
mod fields;
mod files;
mod find;
mod forecast;
mod help;
mod init;
mod issue;
mod label_args;
mod main;
mod order_flow;
mod orders;
mod output;
pub mod plugin;
mod profile;
mod prompt;
mod prompt_guard;
mod reconcile;
mod render;
mod renew;
mod replace;
mod revoke;
pub mod roles;
mod table;
mod tui;
mod ui;
mod wizard;

pub use args::Global;
pub use context::Context;
pub use error::CliError;
pub use exit::Exit;
pub use files::{Access, check_free, write_new};
pub use main::{Cli, Command, command, main};
pub use output::{
    Column, Field, List, column, csv_column, day, field, plain, plural, record, table_column, toned,
};
pub use table::cut;
pub use ui::{
    Color, Format, Tone, Ui, UiOptions, clean, secret_from_file, secret_from_stdin, tone_of,
};
