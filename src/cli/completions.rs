//! `svpki completions SHELL` and `svpki man`, both generated from the command tree. The scripts only call `svpki` with
//! [`VARIABLE`] set each time Tab is pressed, so they always offer what this version and the server know.

use std::ffi::OsString;
use std::path::PathBuf;

use clap_complete::{CompleteEnv, Shell, env::Shells};

use super::completion_values::with_completion_values;
use super::files::{Access, write_new};
use super::{CliError, Context, Exit, help};

/// The environment variable with the name of the shell. Not clap's `COMPLETE`, which may be set for another program.
const VARIABLE: &str = "SVPKI_COMPLETE";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell that loads the script
    pub shell: Shell,
}

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// Write one page for each command into this folder; without it, the first page to standard output
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    context.ui.data(&script(args.shell)?)?;
    Ok(Exit::Done)
}

pub fn man(context: &Context, args: &ManArgs, tree: clap::Command) -> Result<Exit, CliError> {
    let pages = man_pages(tree)?;
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
fn script(shell: Shell) -> Result<Vec<u8>, CliError> {
    let name = shell.to_string();
    let shells = Shells::builtins();
    let asks = shells
        .completer(&name)
        .ok_or_else(|| CliError::usage(format!("no completions for {name}")))?;
    let mut script = Vec::new();
    asks.write_registration(VARIABLE, "svpki", "svpki", "svpki", &mut script)?;
    Ok(script)
}

/// Answers a shell that asks for completions. `None` when this is an ordinary run.
pub fn answer(args: &[OsString], tree: fn() -> clap::Command) -> Option<Exit> {
    let escape = args
        .iter()
        .position(|arg| arg == "--")
        .map_or(0, |at| at + 1);
    let words = args.get(escape..).unwrap_or_default().to_vec();
    let folder = std::env::current_dir().ok();
    let answered = CompleteEnv::with_factory(move || with_completion_values(tree(), &words))
        .var(VARIABLE)
        .completer("svpki")
        .try_complete(args, folder.as_deref());
    match answered {
        Ok(false) => None,
        Ok(true) => Some(Exit::Done),
        // Print no message: it would appear in the middle of the line that is being typed.
        Err(_) => Some(Exit::Failed),
    }
}

/// The manual pages with their file names: `svpki.1` first, then one for each command.
pub fn man_pages(root: clap::Command) -> Result<Vec<(String, Vec<u8>)>, CliError> {
    // The subcommand `help` has no page.
    let mut root = root
        .disable_help_subcommand(true)
        .after_help(help::EXAMPLES);
    root.build();
    let mut pages = Vec::new();
    collect(&root, "svpki", &mut pages)?;
    Ok(pages)
}

/// Turns a text into roff, with a line break after each line.
fn roff(text: &str) -> String {
    text.lines()
        .map(|line| format!("{}\n.br\n", line.replace('-', "\\-")))
        .collect()
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
    // A page has the texts of the long help. Options that the short help hides would have no text.
    let whole = command
        .clone()
        .mut_args(|argument| argument.hide_short_help(false));
    clap_mangen::Man::new(whole).render(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).replace("\n.SH EXTRA\n", "\n.SH EXAMPLES\n");
    page.push_str(".SH ENVIRONMENT\n");
    page.push_str(&roff(help::ENVIRONMENT));
    page.push_str(".SH EXIT STATUS\n");
    page.push_str(&roff(&help::exit_codes()));
    let page = page.into_bytes();
    pages.push((format!("{name}.1"), page));
    for sub in command.get_subcommands() {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}
