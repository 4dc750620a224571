//! `svpki bulk`: orders many certificates from a spreadsheet. The whole sheet is planned before anything is ordered,
//! and an interrupted run can be continued any number of times.
//!
//! [`sheet`] reads a file into rows. [`columns`] and [`request`] turn each row into an order. `plan` decides what would
//! happen to each row. `session` carries the plan out and keeps the `journal` beside the input.

mod apply;
mod args;
pub mod columns;
mod command_line;
mod deploy_list;
mod earlier;
mod earlier_results;
mod error;
mod existing;
mod file_names;
mod input;
mod input_facts;
mod interrupt;
mod journal;
pub mod keys;
mod keystore;
mod lifecycle;
mod login;
mod outcome;
mod outdir;
mod plan;
mod planned;
mod planning;
mod poll_pending;
mod preflight;
mod progress;
mod repeated_warnings;
mod report;
pub mod request;
mod result;
mod result_file;
mod retry;
mod row_finder;
mod row_store;
mod run;
mod send;
mod session;
pub mod sheet;
mod spill;
mod status;
mod target;
mod template;

pub use args::Command;
pub use error::BulkError;

use lifecycle::Action;

use super::{CliError, Context, Exit};

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    preflight::outputs(&command)?;
    match command {
        Command::Plan(args) => planning::run(context, args).await,
        Command::Apply(args) => apply::run(context, args).await,
        Command::Retry(args) => retry::run(context, args).await,
        Command::Status(args) => status::run(context, args).await,
        Command::Template(args) => template::run(context, args).await,
        Command::Renew(args) => lifecycle::run(context, Action::Renew, args).await,
        Command::Revoke(args) => lifecycle::run(context, Action::Revoke, args).await,
        Command::Replace(args) => lifecycle::run(context, Action::Replace, args).await,
    }
}
