//! `svpki domains`: list, read, start, check, wait.

mod dns;
mod zone;

use std::net::SocketAddr;

use serde::Serialize;
use tokio::time::{Duration, Instant};

use super::{
    CliError, Column, Context, Exit, List, Tone, column, csv_column, day, field, plural, record,
    render,
};
use dns::{Caa, Dnssec, Found, Resolver};
use svpki_types::ConfigName;
use svpki_types::api::DomainAnswer;
use vault_client::EngineClient;
use zone::Print;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Domains with their validation, of all configs or of one
    List {
        /// Only this config
        config: Option<ConfigName>,
        /// The records to publish, instead of the table
        #[arg(long, value_enum, conflicts_with = "output")]
        print: Option<Print>,
    },
    /// The validation of a domain: what to publish, until when it holds, and what hangs on it
    Read {
        /// The config whose account has the domain
        config: ConfigName,
        /// The domain, such as example.com
        domain: String,
        /// The record to publish, and nothing else
        #[arg(long, value_enum, conflicts_with = "output")]
        print: Option<Print>,
    },
    /// Start the validation of domains, and show what to publish
    Start(StartArgs),
    /// Whether DNS has the record and lets Sectigo issue; then SCM looks, too
    Check(CheckArgs),
    /// Wait until a domain is validated
    Wait(WaitArgs),
}

#[derive(Debug, clap::Args)]
pub struct StartArgs {
    /// The config whose account has the domain
    pub config: ConfigName,
    /// The domains to validate
    #[arg(required = true)]
    pub domains: Vec<String>,
    /// How control is proven
    #[arg(long, value_enum, default_value = "cname")]
    pub method: Method,
    /// With --method email: where SCM sends the mail
    #[arg(long, required_if_eq("method", "email"))]
    pub email: Option<String>,
    /// The records to publish, and nothing else
    #[arg(long, value_enum, conflicts_with = "output")]
    pub print: Option<Print>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
    Cname,
    Txt,
    Http,
    Https,
    Email,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Self::Cname => "cname",
            Self::Txt => "txt",
            Self::Http => "http",
            Self::Https => "https",
            Self::Email => "email",
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct CheckArgs {
    /// The config whose account has the domain
    pub config: ConfigName,
    /// Without it, every domain of the config
    pub domain: Option<String>,
    /// Address of the name server to ask; without it, that of /etc/resolv.conf
    #[arg(long, value_name = "ADDRESS[:PORT]", value_parser = dns::server)]
    pub resolver: Option<SocketAddr>,
}

#[derive(Debug, clap::Args)]
pub struct WaitArgs {
    /// The config whose account has the domain
    pub config: ConfigName,
    /// The domain, such as example.com
    pub domain: String,
    /// Seconds; without it, for as long as it takes
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

pub async fn run(context: &Context, command: Command) -> Result<Exit, CliError> {
    match command {
        Command::List { config, print } => list(context, config.as_ref(), print).await,
        Command::Read {
            config,
            domain,
            print,
        } => {
            let engine = context.engine_of(config.as_str()).await?;
            let answer = engine.domain(config.as_str(), &domain).await?;
            context.ui.warnings(&answer.warnings);
            shown(context, &[answer.value], print)
        }
        Command::Start(args) => start(context, &args).await,
        Command::Check(args) => check(context, &args).await,
        Command::Wait(args) => wait(context, &args).await,
    }
}

const COLUMNS: [Column; 15] = [
    column("domain", "DOMAIN"),
    column("status", "STATUS"),
    column("valid_until", "VALID UNTIL"),
    column("blocked_renewals", "BLOCKED"),
    column("certificates", "CERTIFICATES"),
    column("method", "METHOD"),
    column("validation", "VALIDATION"),
    column("config", "CONFIG"),
    column("mount", "MOUNT"),
    csv_column("validation_method"),
    csv_column("first_blocked"),
    csv_column("last_check"),
    csv_column("next_check"),
    csv_column("method_ends"),
    csv_column("record"),
];

async fn list(
    context: &Context,
    config: Option<&ConfigName>,
    print: Option<Print>,
) -> Result<Exit, CliError> {
    let engines = match config {
        Some(config) => vec![context.engine_of(config.as_str()).await?],
        None => context.engines().await?,
    };
    let mut to_print = Vec::new();
    let mut list = List::new(&context.ui, &COLUMNS);
    for engine in engines {
        let configs = match config {
            Some(config) => vec![config.to_string()],
            None => engine.configs().await?,
        };
        for config in configs {
            for domain in domains(context, &engine, &config).await? {
                let tone = tone(&domain);
                if print.is_none() {
                    list.push(
                        &render::with_mount(&domain, engine.mount()),
                        |key| match key {
                            "status" | "blocked_renewals" => tone,
                            _ => Tone::Plain,
                        },
                    )?;
                }
                to_print.push(domain);
            }
        }
    }
    match print {
        Some(print) => zone::print(&context.ui, &to_print, print)?,
        None => list.end("No domains")?,
    }
    Ok(Exit::Done)
}

fn tone(domain: &DomainAnswer) -> Tone {
    match domain.status.as_str() {
        _ if domain.blocked_renewals > 0 => Tone::Bad,
        "validated" => Tone::Good,
        "expired" => Tone::Bad,
        _ => Tone::Warn,
    }
}

async fn domains(
    context: &Context,
    engine: &EngineClient,
    config: &str,
) -> Result<Vec<DomainAnswer>, CliError> {
    let listing = engine.domains(config).await?;
    context.ui.warnings(&listing.warnings);
    let known = listing.key_info;
    Ok(listing
        .keys
        .iter()
        .filter_map(|name| serde_json::from_value(known.get(name)?.clone()).ok())
        .collect())
}

fn shown(
    context: &Context,
    domains: &[DomainAnswer],
    print: Option<Print>,
) -> Result<Exit, CliError> {
    if let Some(print) = print {
        zone::print(&context.ui, domains, print)?;
        return Ok(Exit::Done);
    }
    for domain in domains {
        context.ui.warnings(&domain.warnings);
        let record_of = domain.record.as_ref();
        let kind = record_of.map(|one| one.kind.as_str()).unwrap_or_default();
        let fields = [
            field("Domain", &domain.domain),
            field("Status", &domain.status),
            field("Method", domain.method.as_deref().unwrap_or_default()),
            field(
                "Valid until",
                domain.valid_until.as_deref().map(day).unwrap_or_default(),
            ),
            field("Validation", &domain.validation),
            field("Publish", kind),
            field(
                "Name",
                record_of.map(|one| one.name.as_str()).unwrap_or_default(),
            ),
            field(
                "Value",
                record_of.map(|one| one.value.as_str()).unwrap_or_default(),
            ),
            field("Mail to", domain.email.as_deref().unwrap_or_default()),
            field(
                "Last check",
                domain.last_check.as_deref().unwrap_or_default(),
            ),
            field(
                "Next check",
                domain.next_check.as_deref().unwrap_or_default(),
            ),
            field("Certificates", domain.certificates),
            field("Blocked renewals", domain.blocked_renewals),
            field(
                "First blocked",
                domain.first_blocked.as_deref().map(day).unwrap_or_default(),
            ),
        ];
        record(&context.ui, &fields, domain)?;
    }
    Ok(Exit::Done)
}

async fn start(context: &Context, args: &StartArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let mut fields = serde_json::Map::new();
    fields.insert("action".into(), "start".into());
    fields.insert("method".into(), args.method.as_str().into());
    if let Some(email) = &args.email {
        fields.insert("email".into(), email.clone().into());
    }
    let fields = serde_json::Value::Object(fields);
    let mut started = Vec::new();
    for domain in &args.domains {
        let answer = engine.step_domain(config, domain, &fields).await?;
        context.ui.warnings(&answer.warnings);
        started.push(answer.value);
    }
    let exit = shown(context, &started, args.print)?;
    context.ui.explain(&format!(
        "When it is published: svpki domains check {config} {}",
        match &args.domains[..] {
            [one] => one,
            _ => "",
        }
    ));
    Ok(exit)
}

/// What a look at DNS came to.
#[derive(Debug, Serialize)]
struct Checked {
    domain: String,
    config: String,
    status: String,
    valid_until: String,
    /// `stands`, `missing`, `other`, `unknown`, or empty where nothing is to be published.
    record: &'static str,
    /// `allowed`, `forbidden`, `unknown`.
    caa: &'static str,
    /// `ok`, `broken`, `unknown`.
    dnssec: &'static str,
    message: String,
}

const CHECK_COLUMNS: [Column; 8] = [
    column("domain", "DOMAIN"),
    column("status", "STATUS"),
    column("record", "RECORD"),
    column("caa", "CAA"),
    column("dnssec", "DNSSEC"),
    column("message", "MESSAGE"),
    csv_column("valid_until"),
    csv_column("config"),
];

async fn check(context: &Context, args: &CheckArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let resolver = Resolver::new(args.resolver)?;
    let all = match &args.domain {
        Some(domain) => vec![engine.domain(config, domain).await?.value],
        None => domains(context, &engine, config).await?,
    };
    let mut list = List::new(&context.ui, &CHECK_COLUMNS);
    let mut findings = 0;
    for domain in all {
        let (mut checked, mut of_record) = looked_at(&resolver, &domain).await;
        if domain.validation == "submitted" {
            let fields = serde_json::json!({"action": "check"});
            let base = domain.domain.trim_start_matches("*.");
            let answer = engine.step_domain(config, base, &fields).await?;
            context.ui.warnings(&answer.warnings);
            checked.status = answer.value.status;
            checked.valid_until = answer.value.valid_until.unwrap_or_default();
            if answer.value.validation != "submitted" {
                checked.record = "";
                of_record = None;
            } else if checked.record == "stands" {
                let next = answer.value.next_check.unwrap_or_default();
                of_record = Some(format!(
                    "SCM has not seen the record from all its places yet; its next check is {next}"
                ));
            }
        }
        let others = Some(checked.message).filter(|text| !text.is_empty());
        checked.message = of_record
            .into_iter()
            .chain(others)
            .collect::<Vec<_>>()
            .join("; ");
        let bad = !checked.message.is_empty() || checked.status != "validated";
        findings += usize::from(bad);
        list.push(&checked, |key| match key {
            "message" | "status" if bad => Tone::Bad,
            _ => Tone::Plain,
        })?;
    }
    list.end("No domains")?;
    if findings > 0 {
        context.ui.status(&plural(findings, "finding", "findings"));
        return Ok(Exit::Findings);
    }
    Ok(Exit::Done)
}

/// What DNS says, with what it says against the record apart: that may have done its work.
async fn looked_at(resolver: &Resolver, domain: &DomainAnswer) -> (Checked, Option<String>) {
    let base = domain.domain.trim_start_matches("*.");
    let (caa, dnssec) = (resolver.caa(base).await, resolver.dnssec(base).await);
    let found = match &domain.record {
        Some(record) if record.kind != "file" => Some(resolver.record(record).await),
        _ => None,
    };
    let (mut of_record, mut messages) = (None, Vec::new());
    if let (Some(found), Some(record)) = (&found, &domain.record) {
        match found {
            Found::Stands => {}
            Found::Missing => {
                of_record = Some(format!(
                    "publish {} {} {}; it must be seen from all over the world",
                    record.name, record.kind, record.value
                ))
            }
            Found::Other(other) => {
                of_record = Some(format!(
                    "{} has another {}: {other}; it must be {}",
                    record.name, record.kind, record.value
                ))
            }
            Found::Unknown(why) => of_record = Some(format!("{}: {why}", record.name)),
        }
    }
    if let Caa::Forbidden(at, allowed) = &caa {
        messages.push(format!(
            "the CAA record of {at} lets only {} issue: add 'issue \"sectigo.com\"'",
            if allowed.is_empty() {
                "nobody"
            } else {
                allowed
            }
        ));
    }
    if dnssec == Dnssec::Broken {
        messages.push(format!(
            "DNSSEC of {base} is broken: no CA may validate it until its zone is signed rightly"
        ));
    }
    let checked = Checked {
        domain: domain.domain.clone(),
        config: domain.config.clone(),
        status: domain.status.clone(),
        valid_until: domain.valid_until.clone().unwrap_or_default(),
        record: found.as_ref().map(Found::word).unwrap_or_default(),
        caa: caa.word(),
        dnssec: dnssec.word(),
        message: messages.join("; "),
    };
    (checked, of_record)
}

/// Pause between two looks of `wait`.
const PAUSE: Duration = Duration::from_secs(10);

async fn wait(context: &Context, args: &WaitArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let deadline = args
        .wait
        .map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let spinner = context
        .ui
        .spinner(&format!("waiting for the validation of {}", args.domain));
    let fields = serde_json::json!({"action": "check"});
    let found = loop {
        let answer = engine.step_domain(config, &args.domain, &fields).await?;
        let domain = answer.value;
        let done = domain.status == "validated" && domain.validation == "not_initiated";
        let over = deadline.is_some_and(|deadline| Instant::now() + PAUSE > deadline);
        if done || over || domain.validation == "rejected" {
            break domain;
        }
        tokio::time::sleep(PAUSE).await;
    };
    spinner.finish_and_clear();
    let exit = match (found.status.as_str(), found.validation.as_str()) {
        ("validated", "not_initiated") => Exit::Done,
        (_, "rejected") => Exit::Failed,
        _ => Exit::Pending,
    };
    shown(context, &[found], None)?;
    Ok(exit)
}

/// What `doctor` says of the domains of a config: one sentence for each that stands in the way.
pub async fn complaints(engine: &EngineClient, config: &str) -> Result<Vec<String>, CliError> {
    let listing = engine.domains(config).await?;
    let mut complaints = Vec::new();
    let resolver = Resolver::new(None).ok();
    for name in &listing.keys {
        let info = listing.key_info.get(name).cloned().unwrap_or_default();
        let Ok(domain) = serde_json::from_value::<DomainAnswer>(info) else {
            continue;
        };
        if domain.blocked_renewals > 0 {
            complaints.push(format!(
                "{} will not go through: the validation of {} ends on {}",
                plural(
                    usize::try_from(domain.blocked_renewals).unwrap_or(usize::MAX),
                    "renewal",
                    "renewals"
                ),
                domain.domain,
                domain.valid_until.as_deref().map(day).unwrap_or_default()
            ));
        }
        if let Some(resolver) = resolver.as_ref().filter(|_| domain.certificates > 0) {
            let (checked, _) = looked_at(resolver, &domain).await;
            complaints.extend(Some(checked.message).filter(|text| !text.is_empty()));
        }
    }
    Ok(complaints)
}
