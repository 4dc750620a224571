//! `scm-sim`: a local Sectigo Certificate Manager for tests and rehearsals.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use scm_sim::settings::Settings;
use scm_sim::{Options, Sim};
use tokio::signal::unix::{SignalKind, signal};

/// A local Sectigo Certificate Manager: the documented REST API over a real CA, for tests and rehearsals.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve until SIGTERM or SIGINT; prints one line of JSON when ready
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// Address for HTTP and HTTPS (one port serves both); port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// File that keeps CA, orders and people across restarts; without it everything is forgotten
    #[arg(long)]
    state: Option<PathBuf>,
    /// Profiles, organisations, accounts, switches and rules, in TOML or JSON
    #[arg(long)]
    scenario: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let Verb::Serve(serve) = Arguments::parse().verb;
    match run(serve).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "scm-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(serve: Serve) -> anyhow::Result<()> {
    let settings = match &serve.scenario {
        Some(path) => Settings::read(path)?,
        None => Settings::default(),
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let sim = Sim::start(Options {
        listen: Some(serve.listen),
        state: serve.state,
        settings,
    })
    .await?;
    let mut line = serde_json::to_string(&sim.ready)?;
    line.push('\n');
    std::io::stdout()
        .write_all(line.as_bytes())
        .and_then(|()| std::io::stdout().flush())
        .context("cannot say on stdout that the simulator is ready")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    sim.stop().await;
    Ok(())
}
