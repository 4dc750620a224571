//! The command tree, and the path from the process's arguments to its exit code.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches as _, Parser, Subcommand};

use super::{
    CliError, Context, Exit, Format, Global, Ui, UiOptions, bulk, certs, check, completions,
    config, current, demo, doctor, domains, enroll, forecast, help, init, issue, orders, plugin,
    profile, prompt_guard, reconcile, renew, replace, revoke, roles, tui,
};

/// Operator's tool for the Sectigo PKI secrets engine of HashiCorp Vault and OpenBao.
#[derive(Debug, Parser)]
#[command(name = "svpki", version, after_help = help::after_help(), propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// First run: server, plugin, mount, config, and a first certificate
    Init(init::Args),
    /// Configs: an SCM account with its defaults and its policy
    #[command(subcommand)]
    Config(config::Command),
    /// Certificate profiles of SCM, as stored for checking requests
    #[command(subcommand)]
    Profile(profile::Command),
    /// Order a certificate
    Enroll(enroll::Args),
    /// Roles: what programs for Vault's own PKI engine may order through issue and sign
    #[command(subcommand)]
    Roles(roles::Command),
    /// Get a certificate through a role; a repeated command orders nothing more
    Issue(issue::Args),
    /// Stored certificates
    #[command(subcommand)]
    Certs(certs::Command),
    /// The newest certificate of a name, the same command across renewals
    Current(current::Args),
    /// Renew: order a new certificate with a new id and key
    Renew(renew::Args),
    /// Revoke at SCM
    Revoke(revoke::Args),
    /// Reissue under the same id, with other names or another key
    Replace(replace::Args),
    /// Bring a certificate from SCM into Vault
    Fetch(certs::FetchArgs),
    /// Orders that are not certificates yet
    #[command(subcommand)]
    Orders(orders::Command),
    /// Domains: whether their validation holds, what to publish, and what depends on them
    #[command(subcommand)]
    Domains(domains::Command),
    /// Renewals, validations and expiries of each week to come, under the coming limits
    Forecast(forecast::Args),
    /// For monitors: what ends soon or has ended, and what keeps renewals from working
    Check(check::Args),
    /// Compare certificates in SCM and Vault
    Reconcile(reconcile::Args),
    /// The plugin in the server: install, verify, upgrade, status
    #[command(subcommand)]
    Plugin(plugin::Command),
    /// Many certificates from a spreadsheet
    #[command(subcommand)]
    Bulk(bulk::Command),
    /// The dashboard: every certificate of every mount on one screen
    Tui(tui::Args),
    /// Check all prerequisites and suggest fixes
    Doctor(doctor::Args),
    /// Shell completions
    Completions(completions::Args),
    /// Manual pages
    Man(completions::ManArgs),
    /// Run a local demo: a simulated SCM, a dev server, certificates
    Demo(demo::Args),
}

/// The whole command tree, for completions and manual pages.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The tree in which empty environment variables are ignored: `SVPKI_WEBHOOK=` counts as unset, as in other programs.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            let value = arg.get_env().and_then(std::env::var_os);
            match value.is_some_and(|value| value.is_empty()) {
                true => arg.env(None::<&'static str>),
                false => arg,
            }
        })
        .mut_subcommands(without_empty_variables)
}

/// The tree takes most of a megabyte, and is gone when the command begins.
fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut tree = without_empty_variables(Cli::command());
    let matches = tree.try_get_matches_from_mut(args);
    let read = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    read.map_err(|error| error.format(&mut tree))
}

/// Runs `svpki` with the process's arguments.
pub fn main() -> ExitCode {
    crate::core_dumps::turn_off();
    let args: Vec<OsString> = std::env::args_os().collect();
    if let Some(exit) = completions::answer(&args, command) {
        return exit.into();
    }
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(mut error) => {
            hide_value(&mut error);
            return usage(&args, &error).into();
        }
    };
    let ui = Ui::new(UiOptions {
        format: cli.global.output,
        color: cli.global.color,
        quiet: cli.global.quiet,
        no_input: cli.global.no_input,
    });
    if cli.global.debug {
        trace();
    }
    let context = Context {
        ui,
        global: cli.global,
    };
    if context.ui.format() == Format::Xlsx && !cli.command.makes_workbooks() {
        let error = CliError::usage("only `svpki bulk plan` makes a workbook");
        return report(&context, &error.hinted("use -o table, json, yaml or csv")).into();
    }
    let exit = match start(&context, cli.command) {
        Ok(exit) => context
            .ui
            .flush()
            .map_or_else(|error| report(&context, &error), |()| exit),
        Err(error) => report(&context, &error),
    };
    exit.into()
}

fn start(context: &Context, command: Command) -> Result<Exit, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(command.workers())
        .enable_all()
        .build()
        .map_err(|why| CliError::failed(format!("cannot start: {why}")))?;
    runtime.spawn(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            if prompt_guard::abandon() {
                std::process::exit(i32::from(Exit::Interrupted as u8));
            }
        }
    });
    let exit = runtime.block_on(async {
        if command.handles_interrupts() {
            return run(context, command).await;
        }
        tokio::select! {
            result = run(context, command) => result,
            _ = tokio::signal::ctrl_c() => Err(CliError::interrupted()),
        }
    });
    // A task that is blocked in a read from the terminal must not keep the process alive.
    runtime.shutdown_background();
    exit
}

impl Command {
    /// Number of threads for background work.
    fn workers(&self) -> usize {
        match self {
            // The dashboard draws in a thread of its own, which should have a processor even on a machine with two.
            Self::Tui(_) => 1,
            _ => 2,
        }
    }

    /// Whether the command handles Ctrl-C itself.
    fn handles_interrupts(&self) -> bool {
        match self {
            Self::Bulk(command) => command.handles_interrupts(),
            Self::Demo(_) | Self::Tui(_) => true,
            _ => false,
        }
    }

    fn makes_workbooks(&self) -> bool {
        matches!(self, Self::Bulk(bulk::Command::Plan(_)))
    }
}

async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::Init(args) => init::run(context, args).await,
        Command::Config(command) => config::run(context, command).await,
        Command::Profile(command) => profile::run(context, command).await,
        Command::Enroll(args) => enroll::run(context, args).await,
        Command::Roles(command) => roles::run(context, command).await,
        Command::Issue(args) => issue::run(context, args).await,
        Command::Certs(command) => certs::run(context, command).await,
        Command::Current(args) => current::run(context, args).await,
        Command::Renew(args) => renew::run(context, args).await,
        Command::Revoke(args) => revoke::run(context, args).await,
        Command::Replace(args) => replace::run(context, args).await,
        Command::Fetch(args) => certs::fetch(context, args).await,
        Command::Orders(command) => orders::run(context, command).await,
        Command::Forecast(args) => forecast::run(context, args).await,
        Command::Domains(command) => domains::run(context, command).await,
        Command::Bulk(command) => bulk::run(context, command).await,
        Command::Completions(args) => completions::run(context, args),
        Command::Man(args) => completions::man(context, &args, Cli::command()),
        Command::Check(args) => check::run(context, args).await,
        Command::Reconcile(args) => reconcile::run(context, args).await,
        Command::Doctor(args) => doctor::run(context, args).await,
        Command::Plugin(command) => plugin::run(context, command).await,
        Command::Tui(args) => tui::run(context, args).await,
        Command::Demo(args) => demo::run(context, args).await,
    }
}

fn report(context: &Context, error: &CliError) -> Exit {
    if error.is_broken_pipe() {
        return Exit::Done;
    }
    let mut error = error.clone();
    if let Some(note) = context.ui.take_unfinished() {
        error.hint = Some(match error.hint.take() {
            Some(hint) => format!("{hint}; {note}"),
            None => note,
        });
    }
    context.ui.error(&error);
    error.exit
}

/// Hides the value of `--password-stdin=…`: it is a mistake, but may be a secret, and clap would print it.
fn hide_value(error: &mut clap::Error) {
    if error.kind() == ErrorKind::TooManyValues {
        let hidden = ContextValue::String("…".to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
}

/// Prints clap's message: help and version on standard output, errors on standard error.
fn usage(args: &[OsString], error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        // Ignore the error of a closed pipe.
        let _ = error.print();
        return Exit::Done;
    }
    if wants_json(args) {
        let text = error.render().to_string();
        // The first paragraph is the error message; usage and advice follow.
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .collect();
        let message = lines.join(" ");
        let message = message.trim_start_matches("error: ");
        let ui = Ui::new(UiOptions {
            format: Format::Json,
            ..UiOptions::default()
        });
        ui.error(&CliError::usage(message).hinted("svpki --help"));
    } else {
        let _ = error.print();
    }
    Exit::Usage
}

fn wants_json(args: &[OsString]) -> bool {
    let mut before = "";
    args.iter().filter_map(|arg| arg.to_str()).any(|arg| {
        let found = matches!(arg, "-ojson" | "-o=json" | "--output=json")
            || (arg == "json" && matches!(before, "-o" | "--output"));
        before = arg;
        found
    })
}

/// Logs only our own events; those of the HTTP libraries repeat them.
fn trace() {
    let filter =
        tracing_subscriber::EnvFilter::new("off,sectigo_vault_pki=debug,vault_client=debug");
    // Ignore the error when there is a subscriber already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .without_time()
        .with_target(false)
        .try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        command().debug_assert();
    }

    /// For flags and positional arguments: one that is about a secret must take a file or no value.
    #[test]
    fn no_argument_takes_a_secret() {
        fn speaks_of_a_secret(arg: &clap::Arg) -> bool {
            // `token` counts only in names, because the help of other flags mentions what a token may do.
            let named = ["password", "passphrase", "token", "secret", "private"];
            let told = ["password", "passphrase", "secret"];
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let speaks = |text: &str, words: &[&str]| {
                let text = text.to_lowercase();
                words.iter().any(|word| text.contains(word))
            };
            speaks(arg.get_id().as_str(), &named) || speaks(&help, &told)
        }
        fn walk(command: &clap::Command, found: &mut Vec<String>) {
            for arg in command.get_arguments() {
                let takes = arg.get_action().takes_values();
                let names = arg.get_value_names().unwrap_or_default();
                // The help of `--key-storage` mentions keys, but the flag takes one of three words.
                let words = !arg.get_possible_values().is_empty();
                if takes && !words && speaks_of_a_secret(arg) {
                    assert!(
                        // The value says where the secret is; it is not the secret.
                        names.iter().all(|name| name == "FILE" || name == "PATH")
                            && !names.is_empty(),
                        "{} {}: {names:?}",
                        command.get_name(),
                        arg.get_id()
                    );
                    found.push(arg.get_id().to_string());
                }
            }
            for sub in command.get_subcommands() {
                walk(sub, found);
            }
        }
        let mut found = Vec::new();
        walk(&command(), &mut found);
        for known in ["token_file", "password_file"] {
            assert!(found.iter().any(|id| id == known), "{known}: {found:?}");
        }
    }

    #[test]
    fn json_is_wanted_before_it_is_parsed() {
        let args = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(wants_json(&args("svpki certs -o json")));
        assert!(wants_json(&args("svpki --output=json x")));
        assert!(!wants_json(&args("svpki json -o csv")));
    }
}
