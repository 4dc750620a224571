//! `svpki domains check`: checks a domain in DNS and at SCM, and says what to do for its validation.

use serde::Serialize;

use super::super::{CliError, Column, Context, Exit, List, Tone, column, csv_column, day, plural};
use super::dns::{Caa, CaaOf, Dnssec, Found, Resolver};
use super::{CheckArgs, domains, is_of_one_domain};
use svpki_types::api::{DcvRecordResponse, DomainResponse};
use vault_client::{EngineClient, VaultError};

/// The results of the checks in DNS and at SCM.
#[derive(Debug, Serialize)]
struct Checked {
    domain: String,
    config: String,
    status: String,
    valid_until: String,
    /// `stands`, `missing`, `other`, `unknown`, or empty when no DNS record is to be published.
    record: &'static str,
    /// `allowed`, `forbidden`, `unknown`.
    caa: &'static str,
    /// The same for wildcard names.
    caa_wildcard: &'static str,
    /// `ok`, `broken`, `unknown`.
    dnssec: &'static str,
    message: String,
}

const COLUMNS: [Column; 9] = [
    column("domain", "DOMAIN"),
    column("status", "STATUS"),
    column("record", "RECORD"),
    column("caa", "CAA"),
    column("dnssec", "DNSSEC"),
    column("message", "MESSAGE"),
    csv_column("valid_until"),
    csv_column("config"),
    csv_column("caa_wildcard"),
];

pub async fn run(context: &Context, args: &CheckArgs) -> Result<Exit, CliError> {
    let config = args.config.as_str();
    let engine = context.engine_of(config).await?;
    let resolver = Resolver::new(args.resolver)?;
    let all = match &args.domain {
        Some(domain) => vec![engine.domain(config, domain).await?.value],
        None => domains(context, &engine, config).await?,
    };
    let mut list = List::new(&context.ui, &COLUMNS);
    let (mut findings, mut stopped) = (0, None);
    for domain in all {
        let seen = Seen::at(&resolver, &domain).await;
        let checked = match looked_at_scm(context, &engine, &domain).await {
            Ok(now) => seen.checked(&now),
            Err(error) if is_of_one_domain(&error) => seen.with_error(&domain, &error),
            // The server's problem would be the same for all other domains.
            Err(error) => {
                stopped = Some(error);
                break;
            }
        };
        let bad = !checked.message.is_empty() || checked.status != "validated";
        findings += usize::from(bad);
        list.push(&checked, |key| match key {
            "message" | "status" if bad => Tone::Bad,
            _ => Tone::Plain,
        })?;
    }
    list.end("No domains")?;
    if let Some(error) = stopped {
        return Err(error.into());
    }
    if findings > 0 {
        context.ui.status(&plural(findings, "finding", "findings"));
        return Ok(Exit::Findings);
    }
    Ok(Exit::Done)
}

/// If the validation is under way, asks SCM to check the record. Otherwise returns the domain as it is.
async fn looked_at_scm(
    context: &Context,
    engine: &EngineClient,
    domain: &DomainResponse,
) -> Result<DomainResponse, VaultError> {
    if !matches!(
        domain.validation.as_str(),
        "submitted" | "awaiting_submission"
    ) {
        return Ok(domain.clone());
    }
    let fields = serde_json::json!({"action": "check"});
    let base = domain.domain.trim_start_matches("*.");
    let answer = engine.step_domain(&domain.config, base, &fields).await?;
    context.ui.warnings(&answer.warnings);
    Ok(DomainResponse {
        domain: domain.domain.clone(),
        ..answer.value
    })
}

/// What DNS says about a domain.
struct Seen {
    /// `None` when no record is to be published.
    record: Option<Found>,
    caa: CaaOf,
    dnssec: Dnssec,
}

impl Seen {
    async fn at(resolver: &Resolver, domain: &DomainResponse) -> Self {
        let base = domain.domain.trim_start_matches("*.");
        Self {
            record: match &domain.record {
                Some(record) if record.kind != "file" => Some(resolver.record(record).await),
                _ => None,
            },
            caa: resolver.caa(base).await,
            dnssec: resolver.dnssec(base).await,
        }
    }

    /// The result, with the state of the validation after SCM has checked.
    fn checked(&self, domain: &DomainResponse) -> Checked {
        // Once SCM has accepted the record, it does not matter any more.
        let record = self.record.as_ref().filter(|_| domain.record.is_some());
        let messages = to_do(domain, record).into_iter().chain(self.faults(domain));
        Checked {
            domain: domain.domain.clone(),
            config: domain.config.clone(),
            status: domain.status.clone(),
            valid_until: domain.valid_until.clone().unwrap_or_default(),
            record: record.map(Found::word).unwrap_or_default(),
            caa: self.caa.names.word(),
            caa_wildcard: self.caa.wildcards.word(),
            dnssec: self.dnssec.word(),
            message: messages.collect::<Vec<_>>().join("; "),
        }
    }

    /// The result when SCM could not be asked.
    fn with_error(&self, domain: &DomainResponse, error: &VaultError) -> Checked {
        let checked = self.checked(domain);
        let others = Some(checked.message).filter(|text| !text.is_empty());
        let message: Vec<String> = std::iter::once(error.to_string()).chain(others).collect();
        Checked {
            message: message.join("; "),
            ..checked
        }
    }

    /// What prevents all CAs, or Sectigo, from issuing.
    fn faults(&self, domain: &DomainResponse) -> Vec<String> {
        let mut faults = Vec::new();
        if let Caa::Forbidden(at, allowed) = &self.caa.names {
            faults.push(format!(
                "the CAA record of {at} lets {} issue: add 'issue \"sectigo.com\"'",
                only(allowed)
            ));
        }
        let has_wildcards = domain.wildcard_certificates > 0 || domain.domain.starts_with("*.");
        if let Caa::Forbidden(at, allowed) = &self.caa.wildcards
            && has_wildcards
            && self.caa.wildcards != self.caa.names
        {
            faults.push(format!(
                "the CAA record of {at} lets {} issue wildcard certificates: add 'issuewild \"sectigo.com\"'",
                only(allowed)
            ));
        }
        if self.dnssec == Dnssec::Broken {
            faults.push(format!(
                "DNSSEC of {} is broken: no CA may validate it until its zone is signed rightly",
                domain.domain.trim_start_matches("*.")
            ));
        }
        faults
    }
}

fn only(allowed: &str) -> String {
    match allowed.is_empty() {
        true => "nobody".to_owned(),
        false => format!("only {allowed}"),
    }
}

/// What somebody must do, or wait for, until the domain is validated. `found` is the state of the record in DNS, if it
/// was looked up.
pub fn to_do(domain: &DomainResponse, found: Option<&Found>) -> Option<String> {
    let (config, name) = (&domain.config, domain.domain.trim_start_matches("*."));
    let start = format!("svpki domains start {config} {name}");
    Some(match (domain.validation.as_str(), &domain.record) {
        ("not_initiated", _) if domain.status == "validated" => return None,
        ("not_initiated", _) => format!("no validation is under way: {start}"),
        ("rejected", _) => format!("SCM has rejected the validation: {start}"),
        ("awaiting_submission", _) => {
            format!("the validation was made and not submitted to SCM: {start}")
        }
        (_, Some(record)) if record.kind == "file" => format!(
            "put the file {} on the web server, with the lines {}; it must be seen from all over the world",
            record.name,
            record.value.replace('\n', ", ")
        ),
        (_, Some(record)) => of_record(domain, record, found),
        (_, None) => match &domain.email {
            Some(email) => format!("answer the mail that SCM has sent to {email}"),
            None => format!("SCM has not seen the proof yet{}", next_check(domain)),
        },
    })
}

fn of_record(domain: &DomainResponse, record: &DcvRecordResponse, found: Option<&Found>) -> String {
    match found {
        None | Some(Found::Missing) => format!(
            "publish {} {} {}; it must be seen from all over the world",
            record.name, record.kind, record.value
        ),
        Some(Found::Stands) => format!(
            "SCM has not seen the record from all its places yet{}",
            next_check(domain)
        ),
        Some(Found::Other(other)) => format!(
            "{} has another {}: {other}; it must be {}",
            record.name, record.kind, record.value
        ),
        Some(Found::Unknown(why)) => format!("{}: {why}", record.name),
    }
}

fn next_check(domain: &DomainResponse) -> String {
    let next = domain.next_check.as_ref();
    next.map_or_else(String::new, |next| format!("; its next check is {next}"))
}

/// A problem of a domain that `doctor` reports, and its fix.
pub struct Complaint {
    pub what: String,
    pub cure: String,
}

/// The problems of a config's domains for `doctor`.
pub async fn complaints(engine: &EngineClient, config: &str) -> Result<Vec<Complaint>, CliError> {
    let listing = engine.domains(config).await?;
    let mut complaints = Vec::new();
    let resolver = Resolver::new(None).ok();
    for name in &listing.keys {
        let info = listing.key_info.get(name).cloned().unwrap_or_default();
        let Ok(domain) = serde_json::from_value::<DomainResponse>(info) else {
            continue;
        };
        complaints.extend(of_blocked_renewals(&domain, jiff::Timestamp::now()));
        if let Some(resolver) = resolver.as_ref().filter(|_| domain.certificates > 0) {
            let faults = Seen::at(resolver, &domain).await.faults(&domain);
            complaints.extend(faults.into_iter().map(|what| Complaint {
                what,
                cure: step("check", &domain),
            }));
        }
    }
    Ok(complaints)
}

/// A blocked renewal is reported when it is due within this time. Most domains are validated again before a later one.
const NEAR: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);

/// Whether the domain blocks a renewal that is due soon. Without a date, as from an older version, it does.
fn blocks_soon(domain: &DomainResponse, now: jiff::Timestamp) -> bool {
    let first = domain.first_blocked.as_ref();
    let first: Option<jiff::Timestamp> = first.and_then(|at| at.parse().ok());
    domain.blocked_renewals > 0 && first.is_none_or(|first| first < now + NEAR)
}

fn of_blocked_renewals(domain: &DomainResponse, now: jiff::Timestamp) -> Option<Complaint> {
    if !blocks_soon(domain, now) {
        return None;
    }
    let blocked = usize::try_from(domain.blocked_renewals).unwrap_or(usize::MAX);
    Some(Complaint {
        what: format!(
            "{} will not go through: the validation of {} ends on {}",
            plural(blocked, "renewal", "renewals"),
            domain.domain,
            domain.valid_until.as_deref().map(day).unwrap_or_default()
        ),
        cure: match domain.validation.as_str() {
            "submitted" | "awaiting_submission" => step("check", domain),
            _ => step("start", domain),
        },
    })
}

fn step(step: &str, domain: &DomainResponse) -> String {
    let name = domain.domain.trim_start_matches("*.");
    format!("svpki domains {step} {} {name}", domain.config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(validation: &str) -> DomainResponse {
        DomainResponse {
            domain: "example.com".to_owned(),
            config: "web".to_owned(),
            status: "expired".to_owned(),
            validation: validation.to_owned(),
            ..DomainResponse::default()
        }
    }

    /// Each finding must say what to do.
    #[test]
    fn each_state_that_does_not_hold_says_what_to_do() {
        for (validation, words) in [
            ("not_initiated", "svpki domains start web example.com"),
            ("rejected", "svpki domains start web example.com"),
            ("awaiting_submission", "not submitted to SCM"),
            ("submitted", "SCM has not seen the proof yet"),
            ("some_new_word", "SCM has not seen the proof yet"),
        ] {
            let told = to_do(&domain(validation), None).unwrap();
            assert!(told.contains(words), "{told}");
        }
        let mut by_mail = domain("submitted");
        by_mail.email = Some("admin@example.com".to_owned());
        let told = to_do(&by_mail, None).unwrap();
        assert!(told.contains("admin@example.com"), "{told}");
        let mut by_file = domain("submitted");
        by_file.record = Some(DcvRecordResponse {
            kind: "file".to_owned(),
            name: "http://example.com/a.txt".to_owned(),
            value: "one\ntwo".to_owned(),
        });
        let told = to_do(&by_file, None).unwrap();
        assert!(
            told.contains("a.txt") && told.contains("one, two"),
            "{told}"
        );
        let mut holds = domain("not_initiated");
        holds.status = "validated".to_owned();
        assert_eq!(to_do(&holds, None), None);
    }

    #[test]
    fn doctor_names_the_command_that_mends_a_blocked_renewal_and_only_those_that_come_soon() {
        let now: jiff::Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
        let blocked = |first: &str, validation| {
            let domain = DomainResponse {
                blocked_renewals: 2,
                first_blocked: Some(first.to_owned()),
                ..domain(validation)
            };
            of_blocked_renewals(&domain, now).map(|found| found.cure)
        };
        let soon = "2026-12-20T00:00:00Z";
        assert_eq!(
            blocked(soon, "not_initiated").as_deref(),
            Some("svpki domains start web example.com")
        );
        assert_eq!(
            blocked(soon, "submitted").as_deref(),
            Some("svpki domains check web example.com")
        );
        assert_eq!(blocked("2027-04-01T00:00:00Z", "not_initiated"), None);
    }

    #[test]
    fn wildcards_are_a_finding_where_there_are_any() {
        let forbidden = Caa::Forbidden("example.com".to_owned(), String::new());
        let seen = |names, wildcards| Seen {
            record: None,
            caa: CaaOf { names, wildcards },
            dnssec: Dnssec::Ok,
        };
        let mut domain = domain("not_initiated");
        let only_names = seen(Caa::Allowed, forbidden.clone());
        assert!(only_names.faults(&domain).is_empty());
        domain.wildcard_certificates = 1;
        let told = only_names.faults(&domain);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("issuewild \"sectigo.com\""), "{told:?}");
        // One message is enough when the same record forbids both.
        assert_eq!(seen(forbidden.clone(), forbidden).faults(&domain).len(), 1);
    }
}
