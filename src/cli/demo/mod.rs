//! `svpki demo`: a simulated SCM, a dev server with the plugin, and some certificates. Everything is on this machine
//! and is removed at the end. Tests use the same [`DemoEnvironment`], and [`sample_data`] fills it with many
//! certificates.

mod environment;
pub mod sample_data;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::sync::oneshot;

use super::{CliError, Context, Exit, certs};
use dev_server::server_binary;
pub use environment::{DemoEnvironment, DemoOptions};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Vault's or OpenBao's binary; without it VAULT_BIN, else bao or vault on PATH
    #[arg(long, value_name = "FILE")]
    pub server_bin: Option<PathBuf>,
    /// The plugin's binary; without it the one beside this program
    #[arg(long, value_name = "FILE")]
    pub plugin_bin: Option<PathBuf>,
    /// Fill the server with an estate of 300 certificates in several mounts and open the dashboard on it
    #[arg(long)]
    pub tui: bool,
    /// How many certificates the estate has
    #[arg(long, value_name = "NUMBER", requires = "tui", hide = true, default_value_t = sample_data::CERTIFICATES)]
    pub certificates: usize,
}

/// Common name, other names, key type, key size.
const CERTIFICATES: [(&str, &[&str], &str, &str); 6] = [
    (
        "www.example.com",
        &["example.com", "static.example.com"],
        "RSA",
        "2048",
    ),
    ("api.example.com", &[], "EC", "P-256"),
    (
        "mail.example.com",
        &["smtp.example.com", "imap.example.com"],
        "RSA",
        "2048",
    ),
    ("vpn.example.com", &[], "EC", "P-384"),
    ("*.apps.example.com", &["apps.example.com"], "EC", "P-256"),
    ("login.example.com", &["sso.example.com"], "RSA", "3072"),
];

/// A profile of the simulator: OV, with any key.
const PROFILE: i64 = 51;

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let mut stop = Interrupts::listen()?;
    // Once the user was told to press Ctrl-C, it is not an interruption.
    let waits = AtomicBool::new(false);
    tokio::select! {
        result = play(context, args, &waits) => result,
        () = stop.wait() => match waits.load(Ordering::Relaxed) {
            true => Ok(Exit::Done),
            false => Err(CliError::interrupted()),
        },
    }
}

async fn play(context: &Context, args: Args, waits: &AtomicBool) -> Result<Exit, CliError> {
    let ui = &context.ui;
    if args.tui && !std::io::stdout().is_terminal() {
        return Err(CliError::usage("--tui needs a terminal"));
    }
    let options = DemoOptions {
        server: match args.server_bin {
            Some(server) => server,
            None => server_binary().map_err(|why| CliError::failed(why.to_string()))?,
        },
        plugin: match args.plugin_bin {
            Some(plugin) => plugin,
            None => super::plugin::sibling_binary()?,
        },
        mount: vault_client::PLUGIN_NAME.to_owned(),
    };
    let mut stage = DemoEnvironment::set(ui, &options).await?;
    if args.tui {
        sample_data::fill(ui, &mut stage, args.certificates).await?;
        let server = stage.engine.server().clone();
        let exit = super::tui::open(context, super::tui::Args::default(), server).await?;
        stage.clear().await?;
        return Ok(exit);
    }
    stage.config("web", &json!({})).await?;
    ui.status("Config web is written: SCM login, organisation 123");
    let bar = ui.bar(CERTIFICATES.len() as u64, "Enrolling");
    for (name, others, kind, size) in CERTIFICATES {
        bar.set_message(format!("Enrolling {name} ({kind} {size})"));
        let fields = json!({
            "common_name": name,
            "alt_names": others,
            "key_type": kind,
            "key_bits": size,
            "profile_id": PROFILE,
            "term": 199,
            "sectigo_max_timeout": 60,
        });
        let answer = stage.engine.enroll("web", &fields).await?.value;
        bar.suspend(|| {
            ui.status(&format!(
                "Enrolled {name} ({kind} {size}): {}",
                answer.sectigo_cert_unique_id
            ))
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    ui.status("\nIn Vault now:\n");
    certs::table(ui, std::slice::from_ref(&stage.engine)).await?;
    if ui.asks() {
        ui.status(&format!("\n{}", further(&stage)));
        ui.status("\nThe server runs until you press Enter or Ctrl-C.");
        waits.store(true, Ordering::Relaxed);
        line_of_input().await;
    } else {
        ui.status("\nRun on a terminal, the server stays up and this tells how to look further.");
    }
    stage.clear().await?;
    Ok(Exit::Done)
}

/// Waits until Enter is pressed or the input ends. The thread that reads may still run at the end of the process.
async fn line_of_input() {
    let (pressed, wait) = oneshot::channel();
    std::thread::spawn(move || {
        // An error ends the demo as well.
        let _ = std::io::stdin().read_line(&mut String::new());
        let _ = pressed.send(());
    });
    let _ = wait.await;
}

fn further(stage: &DemoEnvironment) -> String {
    format!(
        "To look further, in another terminal while this runs:\n\
         \x20 export VAULT_ADDR={address} VAULT_TOKEN={token}\n\
         \x20 export BAO_ADDR={address} BAO_TOKEN={token}\n\
         \x20 svpki certs list\n\
         \x20 svpki enroll web --common-name shop.example.com --profile-id {PROFILE} --term 199\n\
         \x20 bao read {mount}/current/web/www.example.com\n\
         \x20 bao path-help {mount}/\n\
         SCM is simulated at {}",
        stage.sim.base_url,
        address = stage.server.address(),
        token = stage.server.token(),
        mount = stage.engine.mount(),
    )
}

/// Listens for SIGINT and SIGTERM, because the server that was started must be ended.
struct Interrupts {
    terminate: tokio::signal::unix::Signal,
}

impl Interrupts {
    fn listen() -> Result<Self, CliError> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    }
}
