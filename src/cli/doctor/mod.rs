//! `svpki doctor`: checks every prerequisite, and shows the command that fixes each problem.

mod configs;
mod policy;
mod server;

pub(in crate::cli) use configs::term_cap;
use serde::Serialize;
use serde_json::json;

use super::{CliError, Column, Context, Exit, Format, List, Tone, column};
use svpki_types::ConfigName;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at this config alone
    pub config: Option<ConfigName>,
    /// Print the policy that such a token needs, and look at nothing
    #[arg(
        long = "for",
        value_name = "READER",
        value_enum,
        conflicts_with = "fix"
    )]
    pub reader: Option<policy::For>,
    /// Do what is safe: close the token file, renew the token, download missing profiles
    #[arg(long)]
    pub fix: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Good to know, but nothing is broken.
    Note,
    Problem,
}

/// The result of one check.
#[derive(Debug, Serialize)]
struct Look {
    verdict: Verdict,
    about: String,
    message: String,
    /// The command that fixes the problem.
    #[serde(skip_serializing_if = "String::is_empty")]
    fix: String,
}

#[derive(Debug, Default)]
struct Looks(Vec<Look>);

impl Looks {
    fn ok(&mut self, about: &str, message: impl Into<String>) {
        self.add(Verdict::Ok, about, message, "");
    }

    fn note(&mut self, about: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Verdict::Note, about, message, fix);
    }

    fn problem(&mut self, about: &str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(Verdict::Problem, about, message, fix);
    }

    fn add(
        &mut self,
        verdict: Verdict,
        about: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        let (about, message, fix) = (about.to_owned(), message.into(), fix.into());
        self.0.push(Look {
            verdict,
            about,
            message,
            fix,
        });
    }
}

const COLUMNS: [Column; 4] = [
    column("verdict", "VERDICT"),
    column("about", "ABOUT"),
    column("message", "MESSAGE"),
    column("fix", "FIX"),
];

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let only = args.config.as_ref().map(ConfigName::as_str);
    if let Some(reader) = args.reader {
        return print_policy(context, reader, only).await;
    }
    let mut looks = Looks::default();
    if let Some(server) = server::look(context, only, &mut looks, args.fix).await? {
        let spinner = context.ui.spinner("asking SCM through each config");
        configs::look(context, &server, only, &mut looks, args.fix).await;
        spinner.finish_and_clear();
    }
    let problems = looks
        .0
        .iter()
        .filter(|look| look.verdict == Verdict::Problem)
        .count();
    match context.ui.format() {
        Format::Table => text(context, &looks)?,
        _ => {
            let mut list = List::new(&context.ui, &COLUMNS);
            for look in &looks.0 {
                list.push(look, |_| Tone::Plain)?;
            }
            list.end("")?;
        }
    }
    Ok(if problems == 0 {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// `svpki doctor --for team web | bao policy write team-web -`.
async fn print_policy(
    context: &Context,
    reader: policy::For,
    only: Option<&str>,
) -> Result<Exit, CliError> {
    let text = match (reader, only) {
        (policy::For::Team, None) => {
            return Err(
                CliError::usage("a team's policy is for one config: name it")
                    .hinted("svpki doctor --for team CONFIG"),
            );
        }
        (policy::For::Monitor, Some(_)) => {
            return Err(CliError::usage(
                "a monitor's policy is for the whole mount: leave the config out",
            )
            .hinted("svpki doctor --for monitor"));
        }
        (policy::For::Team, Some(config)) => {
            let engine = context.engine_of(config).await?;
            policy::policy(&engine, reader, config)
        }
        (policy::For::Monitor, None) => {
            let engines = context.engines().await?;
            let policies = engines
                .iter()
                .map(|engine| policy::policy(engine, reader, ""));
            policies.collect()
        }
    };
    match context.ui.format() {
        Format::Table => context.ui.data(text.as_bytes())?,
        _ => super::record(&context.ui, &[], &json!({"policy": text}))?,
    }
    Ok(Exit::Done)
}

/// Prints a line for each check, with the fix below it. A table would cut the commands.
fn text(context: &Context, looks: &Looks) -> Result<(), CliError> {
    let ui = &context.ui;
    for look in &looks.0 {
        let (tone, word) = match look.verdict {
            Verdict::Ok => (Tone::Good, "ok     "),
            Verdict::Note => (Tone::Warn, "note   "),
            Verdict::Problem => (Tone::Bad, "problem"),
        };
        let message = super::clean(&look.message);
        ui.line(&format!(
            "{} {}: {message}",
            ui.paint(tone, word),
            super::clean(&look.about)
        ))?;
        for line in look.fix.lines() {
            ui.line(&format!("          {}", super::clean(line)))?;
        }
    }
    ui.flush()
}
