//! `svpki tui`: the dashboard with the certificates of all mounts.

use std::io::IsTerminal;
use std::sync::Arc;

use super::order_flow::random_key;
use super::{CliError, Context, Exit};
use crate::tui::model::Settings;
use crate::tui::theme::{Palette, Theme};
use crate::tui::{ExitReason, TuiError, VaultSource, settings_file, show, terminal};
use vault_client::Server;

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// Look only: no action is offered
    #[arg(long)]
    pub read_only: bool,
    /// neutral, dark, light, high-contrast or mono; NO_COLOR means mono
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
    /// Let the mouse click and scroll (m switches it while running)
    #[arg(long)]
    pub mouse: bool,
    /// Seconds between two readings of the server [default: 15]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub refresh: Option<u64>,
}

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(CliError::usage(TuiError::NoTerminal.to_string()));
    }
    if context.global.debug {
        return Err(CliError::usage(
            "--debug writes where the dashboard draws: use it with another command",
        ));
    }
    let server = context.server()?;
    open(context, args, server).await
}

/// Opens the dashboard for a server to which the caller is connected.
pub async fn open(context: &Context, args: Args, server: Server) -> Result<Exit, CliError> {
    let settings = settings(context, args)?;
    let source = VaultSource::new(server, context.global.mount.clone());
    match show(Arc::new(source), settings, &random_key()?).await {
        Ok(session) => {
            for line in session.report {
                context.ui.status(&line);
            }
            Ok(match session.reason {
                ExitReason::Quit => Exit::Done,
                ExitReason::Interrupted => Exit::Interrupted,
            })
        }
        Err(error @ TuiError::NoTerminal) => Err(CliError::usage(error.to_string())),
        Err(error) => Err(CliError::failed(error.to_string())),
    }
}

/// The settings: flags override the settings file, which overrides the defaults. Only NO_COLOR overrides flags.
fn settings(context: &Context, args: Args) -> Result<Settings, CliError> {
    let (file, keymap, palette, start) = match settings_file::path() {
        Some(path) => settings_file::read(&path).map_err(|why| CliError::usage(why.to_string()))?,
        None => Default::default(),
    };
    let chosen = args
        .theme
        .map(|name| name.parse::<Palette>())
        .transpose()
        .map_err(|why| CliError::usage(why.to_string()))?;
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || context.global.color == super::Color::Never;
    let terminal = terminal::theme(|name| std::env::var(name).ok());
    let chosen = chosen.or(palette);
    let palette = if no_color {
        Palette::Mono
    } else {
        chosen.unwrap_or(terminal.palette)
    };
    // The Linux console would print the query for the background colour.
    let answers = std::env::var("TERM").is_ok_and(|term| term != "linux");
    Ok(Settings {
        read_only: args.read_only,
        refresh: args.refresh.or(file.refresh).unwrap_or(15).max(1),
        theme: Theme {
            palette,
            ascii: args.ascii || file.ascii || terminal.ascii,
        },
        keymap,
        mouse: args.mouse || file.mouse,
        asks_background: palette == Palette::Neutral && chosen.is_none() && answers,
        start,
    })
}
