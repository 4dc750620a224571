//! `svpki check`, for monitors: finds certificates that end soon, have ended or could not be renewed, and everything
//! that will prevent the next renewal, such as a refused login, a stuck order, a job that does not run or a wrong
//! clock. Exits with 7 if there are any findings. With `--notices` it also reports coming changes of CAs and browsers,
//! which are not urgent.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

mod certificates;
mod digest;
mod prometheus;
mod state;
mod webhook;

use super::certs::within;
use super::label_args::LabelFilter;
use super::{CliError, Column, Context, Exit, List, Tone, column, csv_column, plural};
use certificates::{finding, notices};
use digest::By;
use prometheus::Prometheus;
use svpki_types::{ConfigName, Labels, Status};
use vault_client::{EngineClient, InventoryQuery};
use webhook::Webhook;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this config
    pub config: Option<ConfigName>,
    /// Certificates that end within this time are findings, and automatic renewals due within it that a domain's
    /// validation stands in the way of
    #[arg(long, value_name = "DISTANCE", default_value = "30d", value_parser = distance)]
    pub within: SignedDuration,
    /// Orders that wait longer than this are findings
    #[arg(long, value_name = "DISTANCE", default_value = "24h", value_parser = distance)]
    pub waiting: SignedDuration,
    /// Also tell what needs no hurry: the usage clientAuth in a server's certificate, a chain that ends before its
    /// certificate, a domain proven by a method that CAs give up, a profile that SCM no longer offers. The exit code stays
    #[arg(long, conflicts_with = "prometheus")]
    pub notices: bool,
    #[command(flatten)]
    pub labels: LabelFilter,
    /// Prometheus text format: every certificate's end, and what else is checked
    #[arg(long, conflicts_with_all = ["output", "owner", "team", "ticket", "metadata"])]
    pub prometheus: bool,
    /// Put the findings together by whom they concern
    #[arg(long, value_name = "LABEL", value_enum, conflicts_with = "prometheus")]
    pub by: Option<By>,
    /// The text of a mail for each owner, or for what --by says
    #[arg(long, conflicts_with_all = ["output", "prometheus"])]
    pub mail_text: bool,
    /// Send the findings, if there are any, to this address, signed (Standard Webhooks) and retried; not with --prometheus
    #[arg(
        long,
        value_name = "URL",
        env = "SVPKI_WEBHOOK",
        hide_env_values = true
    )]
    pub webhook: Option<String>,
    /// File with the secret that signs what is sent; whsec_ and base64, or any text
    #[arg(long, value_name = "FILE", env = "SVPKI_WEBHOOK_SECRET_FILE")]
    pub webhook_secret_file: Option<PathBuf>,
}

/// A problem or a notice that `check` reports.
#[derive(Debug, Default, Serialize)]
struct Finding {
    /// `expired`, `expires`, `chain_ends`, `renewal_failed`, `renewal_blocked`, `profile_gone`, `names_missing`,
    /// `login_refused`, `scm_unreachable`, `clock_off`, `order_failed`, `order_waits`, `job_failed` or `job_not_run`;
    /// as a notice also `client_auth` and `method_ends`.
    finding: &'static str,
    /// It is not urgent and does not change the exit code.
    #[serde(skip_serializing_if = "is_false")]
    notice: bool,
    common_name: String,
    not_after: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    days_left: Option<i64>,
    id: String,
    config: String,
    /// The role by which the certificate was ordered, if any.
    #[serde(skip_serializing_if = "String::is_empty")]
    role: String,
    mount: String,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    owner: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    team: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    ticket: String,
}

const COLUMNS: [Column; 13] = [
    column("finding", "FINDING"),
    column("common_name", "NAME"),
    column("days_left", "DAYS LEFT"),
    column("id", "ID"),
    column("config", "CONFIG"),
    column("message", "MESSAGE"),
    csv_column("not_after"),
    csv_column("mount"),
    csv_column("role"),
    csv_column("owner"),
    csv_column("team"),
    csv_column("ticket"),
    csv_column("notice"),
];

pub async fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let webhook = match (args.webhook(), &args.webhook_secret_file) {
        (Some(url), Some(secret)) => Some(Webhook::of(url, secret)?),
        (Some(_), None) => {
            return Err(CliError::usage(
                "a webhook (--webhook, SVPKI_WEBHOOK) needs the secret that signs what is sent",
            )
            .hinted("--webhook-secret-file FILE, or SVPKI_WEBHOOK_SECRET_FILE"));
        }
        (None, _) => None,
    };
    let engines = match &args.config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let mut look = Look {
        now: Timestamp::now(),
        args: &args,
        out: match (args.prometheus, args.is_digest()) {
            (true, _) => Out::Prometheus(Prometheus::begin(&context.ui)?),
            (_, true) => Out::Digest(Vec::new()),
            _ => Out::List(List::new(&context.ui, &COLUMNS)),
        },
        seen: 0,
        findings: 0,
    };
    for engine in &engines {
        look.certificates(engine).await?;
        look.state(context, engine).await?;
    }
    let (seen, findings) = (look.seen, look.findings);
    match look.out {
        Out::Prometheus(out) => out.end()?,
        Out::List(list) => list.end(&all_well(seen))?,
        Out::Digest(found) => {
            let groups = digest::groups(found, args.by.unwrap_or(By::Owner));
            if args.mail_text {
                context.ui.data(digest::mail(&groups, seen).as_bytes())?;
            } else {
                digest::show(context, &groups, seen)?;
            }
            context.ui.flush()?;
            if let Some(webhook) = webhook.filter(|_| !groups.is_empty()) {
                webhook.send(&groups).await?;
            }
        }
    }
    Ok(match findings {
        0 => Exit::Done,
        _ => Exit::Findings,
    })
}

fn all_well(seen: usize) -> String {
    format!(
        "OK: {}, none needs attention",
        plural(seen, "certificate", "certificates")
    )
}

/// Where findings are written.
enum Out<'ui> {
    List(List<'ui>),
    Prometheus(Prometheus<'ui>),
    /// Collects the findings until all are known.
    Digest(Vec<Finding>),
}

struct Look<'a> {
    now: Timestamp,
    args: &'a Args,
    out: Out<'a>,
    seen: usize,
    findings: usize,
}

impl Args {
    fn is_digest(&self) -> bool {
        self.by.is_some() || self.mail_text || self.webhook().is_some()
    }

    /// The environment may name a webhook for all checks, but metrics are not sent.
    fn webhook(&self) -> Option<&str> {
        self.webhook.as_deref().filter(|_| !self.prometheus)
    }

    fn config(&self) -> &str {
        self.config.as_ref().map_or("", ConfigName::as_str)
    }
}

impl Look<'_> {
    async fn certificates(&mut self, engine: &EngineClient) -> Result<(), CliError> {
        let horizon = self.now + self.args.within;
        let mut query = InventoryQuery {
            status: vec![Status::Issued, Status::Expiring, Status::Expired],
            config: self.args.config().to_owned(),
            labels: self.args.labels.labels(),
            // Do not filter by the end: a renewal may have failed long before the certificate ends.
            limit: 500,
            ..InventoryQuery::default()
        };
        loop {
            let page = engine.inventory(&query).await?.value;
            for row in &page.certificates {
                self.seen += 1;
                let mut found: Vec<Finding> = finding(row, engine, horizon).into_iter().collect();
                if self.args.notices {
                    found.extend(notices(row, engine, horizon));
                }
                if let Out::Prometheus(out) = &mut self.out {
                    out.certificate(engine, row)?;
                }
                for found in found {
                    self.tell(found)?;
                }
            }
            if page.next.is_empty() {
                if let Out::Prometheus(out) = &mut self.out {
                    out.counts(engine, &page.summary);
                }
                return Ok(());
            }
            query.after = page.next;
        }
    }

    /// Checks the accounts, orders and background jobs of a mount.
    async fn state(&mut self, context: &Context, engine: &EngineClient) -> Result<(), CliError> {
        let wanted = self.args.labels.labels();
        let needs_labels = self.args.is_digest() || !wanted.is_empty();
        let (config, notices) = (self.args.config(), self.args.notices);
        let state = state::State::of(context, engine, config, needs_labels, notices).await?;
        for found in state.findings(engine, self.now, self.args.waiting, &wanted) {
            if notices || !found.notice {
                self.tell(found)?;
            }
        }
        if let Out::Prometheus(out) = &mut self.out {
            out.state(engine, &state);
        }
        Ok(())
    }

    fn tell(&mut self, found: Finding) -> Result<(), CliError> {
        self.findings += usize::from(!found.notice);
        match &mut self.out {
            Out::Prometheus(_) => Ok(()),
            Out::Digest(all) => {
                all.push(found);
                Ok(())
            }
            Out::List(list) => {
                let tone = tone_of_finding(&found);
                list.push(
                    &found,
                    |key| if key == "finding" { tone } else { Tone::Plain },
                )
            }
        }
    }
}

fn tone_of_finding(found: &Finding) -> Tone {
    match found.finding {
        _ if found.notice => Tone::Warn,
        "expires" | "order_waits" => Tone::Warn,
        _ => Tone::Bad,
    }
}

impl Finding {
    fn labelled(self, labels: &Labels) -> Self {
        Self {
            owner: labels.owner.clone(),
            team: labels.team.clone(),
            ticket: labels.ticket.clone(),
            ..self
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn distance(text: &str) -> Result<SignedDuration, String> {
    within(text).ok_or_else(|| "write a distance such as 30d, 12h or 4w".to_owned())
}

#[cfg(test)]
mod tests {
    use vault_client::{Environment, Flags, Server, Settings};

    use super::*;

    pub(super) fn engine() -> EngineClient {
        let env = Environment::of(&[("VAULT_ADDR", "http://127.0.0.1:1")], None);
        let settings = Settings::read(&Flags::default(), &env).unwrap();
        Server::new(settings).unwrap().engine("pki")
    }
}
