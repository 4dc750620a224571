//! `svpki completions SHELL` and `svpki man`: both made from the command tree itself.

use std::path::PathBuf;

use clap_complete::Shell;

use super::files::{Access, write_new};
use super::{CliError, Context, Exit, command};

#[derive(Debug, clap::Args)]
pub struct Args {
    pub shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write one page for each command into this folder; without it, the first page to standard output
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    context.ui.data(&completion(args.shell))?;
    Ok(Exit::Done)
}

pub fn man(context: &Context, args: &ManArgs) -> Result<Exit, CliError> {
    let pages = man_pages()?;
    match &args.out {
        None => {
            for (_, page) in pages.iter().take(1) {
                context.ui.data(page)?;
            }
        }
        Some(folder) => {
            for (name, page) in &pages {
                write_new(&folder.join(name), page, Access::Everyone, true)?;
            }
            context.ui.status(&format!(
                "{} pages written to {}",
                pages.len(),
                folder.display()
            ));
        }
    }
    Ok(Exit::Done)
}

/// The script that the shell loads.
pub fn completion(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "svpki", &mut script);
    script
}

/// File names and pages: `svpki.1` first, then one for each command.
pub fn man_pages() -> Result<Vec<(String, Vec<u8>)>, CliError> {
    let mut root = command();
    root.build();
    let mut pages = Vec::new();
    collect(&root, "svpki", &mut pages)?;
    Ok(pages)
}

fn collect(
    command: &clap::Command,
    name: &str,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> Result<(), CliError> {
    if command.is_hide_set() || command.get_name() == "help" {
        return Ok(());
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for sub in command.get_subcommands() {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}
