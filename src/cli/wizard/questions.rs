//! The questions, in an order in which people know the answers. A question that was answered by a flag, a file or an
//! earlier run is not asked.

use std::path::Path;

use super::super::config_args::AUTH_METHODS;
use super::super::doctor::term_cap;
use super::super::label_args::{notes, notes_text};
use super::super::{CliError, Ui};
use super::answers::Answers;
use super::ask::{Text, ask, choose, confirm, explain, text};
use super::back::{BACK, went_back};
use svpki_types::ConfigName;
use svpki_types::api::{ConfigHealth, ProfileResponse};

fn given(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("a value is required".to_owned());
    }
    Ok(text.to_owned())
}

fn positive(text: &str) -> Result<String, String> {
    match text.parse::<i64>() {
        Ok(1..) => Ok(text.to_owned()),
        _ => Err(format!("{text:?} is not a number above 0")),
    }
}

/// Checks that the file has PEM blocks with this label. The name may be empty if `may_be_none`.
fn pem_file(text: &str, label: &str, may_be_none: bool) -> Result<String, String> {
    if text.is_empty() && may_be_none {
        return Ok(String::new());
    }
    let content = std::fs::read_to_string(Path::new(text))
        .map_err(|why| format!("{text}: {}", vault_client::io_words(&why)))?;
    if content
        .lines()
        .any(|line| line.starts_with("-----BEGIN ") && line.trim_end().ends_with(label))
    {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{text}: holds no {} in PEM",
        label.trim_end_matches('-').to_lowercase()
    ))
}

pub(super) fn name(ui: &Ui, answers: &mut Answers) -> Result<String, CliError> {
    explain(
        ui,
        answers,
        "\nA config is one SCM account with its defaults. Its name stands in every path: enroll/NAME.",
    );
    let question = Text {
        default: Some("web"),
        ..text("name", "Name of the config", "NAME")
    };
    ask(ui, answers, &question, |text| {
        text.parse::<ConfigName>()
            .map(|name| name.to_string())
            .map_err(|why| why.to_string())
    })
}

pub(super) fn kind(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    let choices = [
        ("ssl_cert", "SSL/TLS certificates for servers"),
        ("client_cert", "client certificates (S/MIME) for people"),
    ]
    .map(|(value, line)| (value.to_owned(), line.to_owned()));
    let question = text("type", "Kind of certificates", "--type");
    choose(ui, answers, &question, &choices, 0).map(drop)
}

/// Asks for SCM's address and the customer.
pub(super) fn account(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    explain(
        ui,
        answers,
        "\nThe address at which you open Sectigo Certificate Manager, without what follows the host name.",
    );
    let question = Text {
        default: Some("https://cert-manager.com"),
        ..text("base_url", "Address of SCM", "--base-url")
    };
    let stored = answers.get("base_url").unwrap_or_default().to_owned();
    // The whole address of the login page contains the customer.
    let customer = std::cell::RefCell::new(None);
    let address = ask(ui, answers, &question, |text| {
        if text == stored {
            return Ok(stored.clone());
        }
        let (address, found) = address_of(text)?;
        *customer.borrow_mut() = found;
        Ok(address)
    })?;
    if let Some(customer) = customer.into_inner() {
        answers.set("customer_uri", &customer);
    }
    explain(
        ui,
        answers,
        "The customer part of that login page: https://cert-manager.com/customer/NAME.",
    );
    let question = text("customer_uri", "Customer name", "--customer-uri");
    ask(ui, answers, &question, |text| {
        match customer_problem(text) {
            Some(why) => Err(why),
            None => Ok(text.to_owned()),
        }
    })?;
    if address.starts_with("https://") {
        let question = Text {
            default: Some(""),
            ..text(
                "ca_bundle",
                "CA of SCM's own certificate, a PEM file (empty: the system's CAs)",
                "--ca-bundle",
            )
        };
        ask(ui, answers, &question, |text| {
            pem_file(text, "CERTIFICATE-----", true)
        })?;
    }
    login(ui, answers)
}

/// Asks for the login method and the login. The secret is asked for later.
fn login(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    explain(
        ui,
        answers,
        "\nHow Vault logs in at SCM. OAuth 2 is the newest way: SCM shows the client's id and secret once, under its API keys.",
    );
    let lines = [
        "OAuth 2: client id and secret",
        "user and password",
        "user and TLS client certificate",
    ];
    let choices: Vec<(String, String)> = AUTH_METHODS
        .iter()
        .zip(lines)
        .map(|(value, line)| ((*value).to_owned(), line.to_owned()))
        .collect();
    let question = text("auth_method", "Way to log in", "--auth-method");
    let chosen = choose(ui, answers, &question, &choices, 0)?;
    if AUTH_METHODS[chosen] == "oauth2" {
        let question = text("oauth2_client_id", "Client id", "--oauth2-client-id");
        ask(ui, answers, &question, given)?;
        let question = Text {
            default: Some(TOKEN_URL),
            ..text(
                "oauth2_token_url",
                "Address that gives tokens",
                "--oauth2-token-url",
            )
        };
        return ask(ui, answers, &question, |text| {
            url::Url::parse(text)
                .map(|_| text.to_owned())
                .map_err(|_| format!("{text:?} is not an address"))
        })
        .map(drop);
    }
    explain(
        ui,
        answers,
        "An SCM administrator with \"Allow API access\"; one of its own for Vault is best.",
    );
    ask(ui, answers, &text("user", "SCM login", "--user"), given)?;
    if AUTH_METHODS[chosen] == "client_certificate" {
        let question = text(
            "auth_certificate",
            "Client certificate with its chain, a PEM file",
            "--auth-certificate",
        );
        ask(ui, answers, &question, |text| {
            pem_file(text, "CERTIFICATE-----", false)
        })?;
        let may_keep = !answers.needs_secret();
        let prompt = if may_keep {
            "Its private key, a PEM file (empty: the stored one)"
        } else {
            "Its private key, a PEM file"
        };
        let question = Text {
            default: may_keep.then_some(""),
            ..text("auth_private_key", prompt, "--auth-private-key")
        };
        ask(ui, answers, &question, |text| {
            pem_file(text, "PRIVATE KEY-----", may_keep)
        })?;
    }
    Ok(())
}

const TOKEN_URL: &str =
    "https://auth.sso.sectigo.com/auth/realms/apiclients/protocol/openid-connect/token";

/// SCM's address in the config's form, and the customer, if the text is the address of the login page.
fn address_of(text: &str) -> Result<(String, Option<String>), String> {
    let refuse =
        || format!("{text:?} is not a valid address of SCM (example: https://cert-manager.com)");
    let full = match text.contains("://") {
        true => text.to_owned(),
        false if text.contains('.') => format!("https://{text}"),
        false => return Err(refuse()),
    };
    let url = url::Url::parse(&full).map_err(|_| refuse())?;
    if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
        return Err(refuse());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the login is asked for later and does not belong in the address".to_owned());
    }
    let origin = url.origin().ascii_serialization();
    let mut parts = url.path().trim_matches('/').split('/');
    match (parts.next(), parts.next()) {
        (None | Some(""), _) => Ok((origin, None)),
        (Some("customer"), customer) => Ok((
            origin,
            customer
                .filter(|name| customer_problem(name).is_none())
                .map(str::to_owned),
        )),
        _ => Ok((full.trim_end_matches('/').to_owned(), None)),
    }
}

fn customer_problem(text: &str) -> Option<String> {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (text.is_empty() || !text.chars().all(known)).then(|| {
        format!(
            "{text:?} is not a customer name: only letters, digits, '-', '_' and '.' are allowed"
        )
    })
}

/// After a refused login, asks what is to be changed.
pub(super) fn account_again(ui: &Ui, answers: &mut Answers, default: bool) -> Result<(), CliError> {
    if ui.confirm(
        "Change the address, customer or login?",
        default,
        "--base-url, --customer-uri, --user",
    )? {
        account(ui, answers)?;
    }
    Ok(())
}

pub(super) fn organisation(
    ui: &Ui,
    answers: &mut Answers,
    health: &ConfigHealth,
) -> Result<(), CliError> {
    explain(
        ui,
        answers,
        "\nThe organisation (or department) that the certificates are ordered for.",
    );
    let found = &health.organisations;
    if found.is_empty() {
        ui.warning(
            "SCM lists no organisation to this login; its number stands in SCM under Organizations",
        );
        let question = text("org_id", "Number of the organisation", "--org-id");
        return ask(ui, answers, &question, positive).map(drop);
    }
    let choices: Vec<(String, String)> = found
        .iter()
        .map(|o| (o.id.to_string(), format!("{} ({})", o.name, o.id)))
        .collect();
    let question = text("org_id", "Organisation", "--org-id");
    choose(ui, answers, &question, &choices, 0).map(drop)
}

pub(super) fn profile(
    ui: &Ui,
    answers: &mut Answers,
    health: &ConfigHealth,
) -> Result<(), CliError> {
    explain(
        ui,
        answers,
        "\nThe profile (certificate type) for requests that name none.",
    );
    let found = &health.profiles;
    if found.is_empty() {
        ui.warning("SCM lists no profile to this login: each request must name one");
        return Ok(());
    }
    let choices: Vec<(String, String)> = found
        .iter()
        .map(|p| (p.id.to_string(), format!("{} ({})", p.name, p.id)))
        .collect();
    let question = text("profile_id", "Profile", "--profile-id");
    let chosen = &found[choose(ui, answers, &question, &choices, 0)?];
    custom_fields(ui, answers, chosen)?;
    term(ui, answers, chosen)
}

/// Asks for values of the fields that SCM requires in every request, so that the config can have them.
fn custom_fields(
    ui: &Ui,
    answers: &mut Answers,
    profile: &ProfileResponse,
) -> Result<(), CliError> {
    const NAME: &str = "custom_fields";
    const PROMPT: &str = "Fields that SCM demands";
    if profile.mandatory_custom_fields.is_empty() {
        return Ok(());
    }
    if answers.take_told(NAME).is_some() {
        answers.passed.pass(NAME, PROMPT);
        return Ok(());
    }
    let mut given = serde_json::Map::new();
    for name in &profile.mandatory_custom_fields {
        ui.status(&format!(
            "SCM demands the custom field {name}. Empty: each request must give it."
        ));
        let before = answers.custom_field(name);
        let value = if ui.asks() {
            let typed = ui.ask(
                &format!("Value of {name}"),
                before.as_deref(),
                "--set sectigo_ssl_cert_custom_fields=…",
            )?;
            if typed == BACK {
                return Err(went_back());
            }
            answers.passed.is_asked(NAME);
            typed
        } else {
            before.unwrap_or_default()
        };
        if !value.is_empty() {
            given.insert(name.clone(), value.into());
        }
    }
    let text = serde_json::Value::Object(given).to_string();
    answers.set(NAME, if text == "{}" { "" } else { &text });
    answers.passed.pass(NAME, PROMPT);
    Ok(())
}

fn term(ui: &Ui, answers: &mut Answers, profile: &ProfileResponse) -> Result<(), CliError> {
    if profile.terms.is_empty() {
        let question = text("term", "Days that a certificate lasts", "--term");
        return ask(ui, answers, &question, positive).map(drop);
    }
    let is_ssl = answers.get("type") != Some("client_cert");
    let cap = term_cap(jiff::Timestamp::now()).filter(|_| is_ssl);
    let above = |days: i64| cap.is_some_and(|cap| days > cap);
    let choices: Vec<(String, String)> = profile
        .terms
        .iter()
        .map(|days| {
            let line = match cap {
                Some(cap) if *days > cap => {
                    format!("{days} days (above the {cap} that public CAs may issue now)")
                }
                _ => format!("{days} days"),
            };
            (days.to_string(), line)
        })
        .collect();
    let longest = (0..profile.terms.len())
        .rfind(|index| !above(profile.terms[*index]))
        .unwrap_or_default();
    if !ui.asks() && answers.get("term").is_none() {
        answers.tell("term", &choices[longest].0);
    }
    let question = text("term", "Term", "--term");
    let days = profile.terms[choose(ui, answers, &question, &choices, longest)?];
    if above(days) {
        ui.warning(&format!(
            "{days} days is more than public CAs may issue now; SCM may refuse or shorten it"
        ));
    }
    Ok(())
}

/// Asks which names may be ordered.
pub(super) fn policy(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    if answers.get("type") == Some("client_cert") {
        return Ok(());
    }
    explain(
        ui,
        answers,
        "\nWhich names may be ordered with this config. Empty: every name that SCM takes.",
    );
    let question = Text {
        default: Some(""),
        ..text(
            "allowed_domains",
            "Allowed domains, with commas between",
            "--allowed-domains",
        )
    };
    let domains = ask(ui, answers, &question, |text| {
        let words: Vec<&str> = text
            .split(',')
            .map(str::trim)
            .filter(|w| !w.is_empty())
            .collect();
        match words.iter().find(|word| !is_domain(word)) {
            Some(word) => Err(format!("{word:?} is not a domain, such as example.com")),
            None => Ok(words.join(",")),
        }
    })?;
    if domains.is_empty() {
        return Ok(());
    }
    let question = text(
        "allow_subdomains",
        "Names below these domains, too?",
        "--allow-subdomains",
    );
    confirm(ui, answers, &question, true)?;
    let question = text("allow_wildcards", "Wildcard names?", "--allow-wildcards");
    confirm(ui, answers, &question, false).map(drop)
}

fn is_domain(text: &str) -> bool {
    idna::domain_to_ascii_strict(text)
        .is_ok_and(|ascii| ascii.contains('.') && !ascii.starts_with('.') && !ascii.ends_with('.'))
}

/// Asks for the owner and the team that reports and monitors show for this config's certificates.
pub(super) fn labels(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    explain(
        ui,
        answers,
        "\nOwner and team that svpki check and the lists show for these certificates. A role or an order can name others.",
    );
    for (name, prompt, flag) in [
        ("owner", "Owner (empty: none)", "--owner"),
        ("team", "Team (empty: none)", "--team"),
        ("ticket", "Ticket (empty: none)", "--ticket"),
    ] {
        let question = Text {
            default: Some(""),
            ..text(name, prompt, flag)
        };
        ask(ui, answers, &question, |text| Ok(text.to_owned()))?;
    }
    let question = Text {
        default: Some(""),
        ..text(
            "metadata",
            "Notes, NAME=VALUE with commas between (empty: none)",
            "--metadata",
        )
    };
    ask(ui, answers, &question, |text| {
        notes(text).map(|notes| notes_text(&notes))
    })?;
    Ok(())
}

pub(super) fn automation(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    explain(
        ui,
        answers,
        "\nRenewal in the background: each renewal is an order at SCM.",
    );
    let question = text(
        "auto_renew",
        "Renew certificates before they end?",
        "--auto-renew",
    );
    if !confirm(ui, answers, &question, true)? {
        return Ok(());
    }
    let term = answers
        .get("term")
        .and_then(|days| days.parse::<i64>().ok());
    let question = Text {
        default: Some("33%"),
        ..text(
            "expiry_window",
            "How long before the end: days, or a share such as 33%",
            "--expiry-window",
        )
    };
    ask(ui, answers, &question, |text| {
        match window_problem(text, term) {
            Some(why) => Err(why),
            None => Ok(text.to_owned()),
        }
    })
    .map(drop)
}

/// Why this expiry window cannot be used. A window as long as the certificate's lifetime would renew endlessly.
fn window_problem(text: &str, term: Option<i64>) -> Option<String> {
    let number: i64 = match text.trim_end_matches('%').parse() {
        Ok(number) if number > 0 => number,
        _ => {
            return Some(format!(
                "{text:?} is neither a number of days nor a percentage"
            ));
        }
    };
    if text.ends_with('%') {
        return (number >= 100)
            .then(|| "a window of the whole lifetime would renew endlessly".to_owned());
    }
    let term = term?;
    (number >= term).then(|| {
        format!(
            "{number} days is as long as the certificate lasts ({term}): it would renew endlessly"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_given_as_it_is_seen() {
        let of = |text: &str| {
            address_of(text).map(|(address, customer)| (address, customer.unwrap_or_default()))
        };
        let told = |address: &str, customer: &str| Ok((address.to_owned(), customer.to_owned()));
        let scm = "https://cert-manager.com";
        assert_eq!(of(scm), told(scm, ""));
        assert_eq!(of("https://cert-manager.com/"), told(scm, ""));
        assert_eq!(of("cert-manager.com"), told(scm, ""));
        assert_eq!(
            of("https://cert-manager.com/customer/acme?locale=en#login"),
            told(scm, "acme")
        );
        assert_eq!(
            of("http://127.0.0.1:9000"),
            told("http://127.0.0.1:9000", "")
        );
        for bad in [
            "",
            "nonsense",
            "ftp://cert-manager.com",
            "https://",
            "https://a:b@x.com",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
        for bad in ["", "http://127.0.0.1", "a b", "a/b"] {
            assert!(customer_problem(bad).is_some(), "{bad}");
        }
        assert_eq!(customer_problem("acme_co-1"), None);
    }

    #[test]
    fn a_window_that_loops_is_refused() {
        for bad in ["100%", "199", "400", "0", "-3", "soon", ""] {
            assert!(window_problem(bad, Some(199)).is_some(), "{bad}");
        }
        for good in ["33%", "30", "198"] {
            assert_eq!(window_problem(good, Some(199)), None, "{good}");
        }
    }
}
