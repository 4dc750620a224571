//! `svpki bulk`: many certificates from a spreadsheet, planned before anything is ordered, and finished however often
//! the run is cut.
//!
//! [`sheet`] reads a file into rows, [`columns`] and [`request`] make an order of each, `plan` says what would become
//! of it, `session` carries the plan out with the `journal` beside the input.

mod apply;
mod args;
mod aside;
mod book;
pub mod columns;
mod error;
mod filter;
mod follow;
mod ground;
mod holdings;
mod input;
mod interrupt;
mod journal;
pub mod keys;
mod login;
mod outdir;
mod place;
mod plan;
mod planning;
mod progress;
mod report;
pub mod request;
mod result;
mod run;
mod send;
mod session;
pub mod sheet;
mod status;
mod steps;
mod template;

pub use args::Command;
pub use error::BulkError;

use steps::Step;

use super::{CliError, Context, Exit};

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Plan(args) => planning::run(context, args).await,
        Command::Apply(args) => apply::run(context, args, false).await,
        Command::Retry(args) => apply::run(context, args, true).await,
        Command::Status(args) => status::run(context, args).await,
        Command::Template(args) => template::run(context, args).await,
        Command::Renew(args) => steps::run(context, Step::Renew, args).await,
        Command::Revoke(args) => steps::run(context, Step::Revoke, args).await,
        Command::Replace(args) => steps::run(context, Step::Replace, args).await,
    }
}
