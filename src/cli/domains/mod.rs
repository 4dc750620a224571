//! `svpki domains`: list, read, start, check, wait.

mod check;
mod dns;
mod zone;

use std::net::SocketAddr;

use tokio::time::{Duration, Instant};

use super::{
    CliError, Column, Context, Exit, List, Tone, column, csv_column, day, field, record, render,
};
use svpki_types::ConfigName;
use svpki_types::api::DomainResponse;
use vault_client::{EngineClient, VaultError, VaultErrorKind};
use zone::Print;

pub use check::complaints;

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
    /// The validation of a domain: what to publish, until when it holds, and what depends on it
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
    /// Check the record, CAA and DNSSEC in DNS, then make SCM check; a validation that was never submitted is submitted
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
    /// With --method email: where SCM sends the mail; without it SCM's list of possible addresses is shown
    #[arg(long)]
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
    /// Seconds; without it, for as long as it takes. SCM looks every ten seconds, and once more at the end
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
        Command::Check(args) => check::run(context, &args).await,
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
                context.ui.warnings(&domain.warnings);
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

fn tone(domain: &DomainResponse) -> Tone {
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
) -> Result<Vec<DomainResponse>, CliError> {
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
    domains: &[DomainResponse],
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
    let domains = each_once(&args.domains);
    let (mut started, mut failures) = (Vec::new(), Vec::new());
    for domain in &domains {
        match engine.step_domain(config, domain, &fields).await {
            Ok(answer) => {
                context.ui.warnings(&answer.warnings);
                started.push(answer.value);
            }
            Err(error) => {
                let is_last = !is_of_one_domain(&error);
                failures.push(CliError::from(error));
                if is_last {
                    break;
                }
            }
        }
    }
    if !started.is_empty() {
        shown(context, &started, args.print)?;
        context.ui.explain(&format!(
            "When {}: svpki domains check {config} {}",
            match args.method {
                Method::Email => "the mail is answered",
                _ => "it is published",
            },
            match &domains[..] {
                [one] => one,
                _ => "",
            }
        ));
    }
    told(context, &domains, failures)
}

/// Reports the failures and returns how the command ends: with the error itself for a single domain, with exit code 6
/// when one of several domains failed.
fn told(
    context: &Context,
    domains: &[&str],
    mut failures: Vec<CliError>,
) -> Result<Exit, CliError> {
    if domains.len() == 1
        && let Some(error) = failures.pop()
    {
        return Err(error);
    }
    // The records on standard output must appear before the errors.
    context.ui.flush()?;
    for failure in &failures {
        context.ui.error(failure);
    }
    Ok(match failures.is_empty() {
        true => Exit::Done,
        false => Exit::SomeFailed,
    })
}

fn each_once(names: &[String]) -> Vec<&str> {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(&name.as_str()) {
            once.push(name);
        }
    }
    once
}

/// Whether the error concerns only this domain, so that the next one may succeed.
fn is_of_one_domain(error: &VaultError) -> bool {
    matches!(
        error.kind,
        VaultErrorKind::BadRequest
            | VaultErrorKind::Conflict
            | VaultErrorKind::NotFound
            | VaultErrorKind::ServerFault
            | VaultErrorKind::Timeout
            | VaultErrorKind::Upstream
    )
}

/// The pause between two checks of `wait`.
const PAUSE: Duration = Duration::from_secs(10);

async fn wait(context: &Context, args: &WaitArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    // A time that is too far away to be represented means no deadline.
    let deadline = args
        .wait
        .and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds)));
    let spinner = context
        .ui
        .spinner(&format!("waiting for the validation of {}", args.domain));
    let found = looked_until(context, &engine, args, deadline).await;
    spinner.finish_and_clear();
    let found = found?;
    let exit = match (found.status.as_str(), found.validation.as_str()) {
        ("validated", "not_initiated") => Exit::Done,
        (_, "rejected" | "awaiting_submission") => Exit::Failed,
        _ => Exit::Pending,
    };
    if exit != Exit::Done
        && let Some(to_do) = check::to_do(&found, None)
    {
        context.ui.status(&to_do);
    }
    shown(context, &[found], None)?;
    Ok(exit)
}

/// Makes SCM check the domain again and again, and once more at the deadline. Temporary errors do not end the wait.
async fn looked_until(
    context: &Context,
    engine: &EngineClient,
    args: &WaitArgs,
    deadline: Option<Instant>,
) -> Result<DomainResponse, CliError> {
    let fields = serde_json::json!({"action": "check"});
    let (mut seen, mut said) = (None, String::new());
    loop {
        let is_last = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let step = engine.step_domain(args.config.as_str(), &args.domain, &fields);
        match step.await {
            Ok(answer) if is_last || is_over(&answer.value) => return Ok(answer.value),
            Ok(answer) => seen = Some(answer.value),
            Err(error) if !passes(&error) => return Err(error.into()),
            Err(error) if is_last => return seen.ok_or_else(|| error.into()),
            Err(error) => {
                let text = error.to_string();
                if text != said {
                    context.ui.warning(&text);
                    said = text;
                }
            }
        }
        let next = Instant::now() + PAUSE;
        tokio::time::sleep_until(deadline.map_or(next, |deadline| deadline.min(next))).await;
    }
}

/// Whether further checks are useless, because SCM has decided or the validation was never submitted.
fn is_over(domain: &DomainResponse) -> bool {
    match domain.validation.as_str() {
        "not_initiated" => domain.status == "validated",
        "rejected" | "awaiting_submission" => true,
        _ => false,
    }
}

/// Whether the error is a temporary problem of SCM, of the server or of the network.
fn passes(error: &VaultError) -> bool {
    match error.kind {
        // With 502 SCM has refused the login, or its answer could not be read.
        VaultErrorKind::Upstream => error.status == Some(503),
        VaultErrorKind::RateLimited
        | VaultErrorKind::Sealed
        | VaultErrorKind::ServerFault
        | VaultErrorKind::Standby
        | VaultErrorKind::Timeout
        | VaultErrorKind::Unreachable => true,
        _ => false,
    }
}
