//! The questions, in the order in which a person knows the answers.

use super::super::doctor::term_cap;
use super::super::{CliError, Ui};
use super::answers::Answers;
use svpki_types::ConfigName;
use svpki_types::api::{ConfigHealth, ProfileResponse};
use vault_client::EngineClient;

pub(super) async fn name(
    ui: &Ui,
    engine: &EngineClient,
    answers: &mut Answers,
) -> Result<(), CliError> {
    let existing = engine.configs().await?;
    loop {
        ui.explain("\nA config is one SCM account with its defaults. Its name stands in every path: enroll/NAME.");
        let text = ui.ask(
            "Name of the config",
            answers.get("name").or(Some("web")),
            "NAME",
        )?;
        if let Err(error) = text.parse::<ConfigName>() {
            ui.warning(&error.to_string());
            continue;
        }
        answers.set("name", &text);
        if existing.contains(&text) {
            ui.warning(&format!(
                "config {text} exists: what you answer here changes it"
            ));
        }
        break;
    }
    let kinds = ["ssl_cert".to_owned(), "client_cert".to_owned()];
    let shown = [
        "SSL/TLS certificates for servers".to_owned(),
        "client certificates (S/MIME) for people".to_owned(),
    ];
    let before = usize::from(answers.get("type") == Some("client_cert"));
    let chosen = ui.choose("Kind of certificates", &shown, before, "--type")?;
    answers.set("type", &kinds[chosen]);
    Ok(())
}

pub(super) fn account(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    ui.explain("\nThe address at which you open Sectigo Certificate Manager, without what follows the host name.");
    address(ui, answers)?;
    ui.explain("The customer part of that login page: https://cert-manager.com/customer/NAME.");
    loop {
        text(
            ui,
            answers,
            "customer_uri",
            "Customer name",
            None,
            "--customer-uri",
        )?;
        match customer_problem(answers.get("customer_uri").unwrap_or_default()) {
            None => break,
            Some(why) => ui.warning(&why),
        }
        answers.set("customer_uri", "");
    }
    ui.explain("An SCM administrator with \"Allow API access\"; one of its own for Vault is best.");
    text(ui, answers, "user", "SCM login", None, "--user")
}

fn address(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    loop {
        let before = answers
            .get("base_url")
            .unwrap_or("https://cert-manager.com")
            .to_owned();
        let answer = ui.ask("Address of SCM", Some(&before), "--base-url")?;
        match address_of(&answer) {
            Ok((address, customer)) => {
                answers.set("base_url", &address);
                // The whole address of the login page says who the customer is.
                if let Some(customer) = customer {
                    answers.set("customer_uri", &customer);
                }
                return Ok(());
            }
            Err(why) => ui.warning(&why),
        }
    }
}

/// SCM's address as the config wants it, and the customer's name if what was given is the login page's address.
fn address_of(text: &str) -> Result<(String, Option<String>), String> {
    let refuse = || format!("{text:?} is no address of SCM, such as https://cert-manager.com");
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
        return Err(
            "the login is asked for later, and does not belong into the address".to_owned(),
        );
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
        format!("{text:?} is no customer's name: it holds letters, digits, '-', '_' and '.' only")
    })
}

/// After a refused login: what was it that was wrong?
pub(super) fn account_again(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    if ui.confirm(
        "Is address, customer or login to be changed",
        false,
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
    ui.explain("\nThe organisation (or department) that the certificates are ordered for.");
    let found = &health.organisations;
    if found.is_empty() {
        ui.warning(
            "SCM lists no organisation to this login; its number stands in SCM under Organizations",
        );
        return number(
            ui,
            answers,
            "org_id",
            "Number of the organisation",
            "--org-id",
        );
    }
    let shown: Vec<String> = found
        .iter()
        .map(|o| format!("{} ({})", o.name, o.id))
        .collect();
    let before = position(answers.get("org_id"), found.iter().map(|o| o.id));
    let chosen = ui.choose("Organisation", &shown, before, "--org-id")?;
    answers.set("org_id", &found[chosen].id.to_string());
    Ok(())
}

pub(super) fn profile(
    ui: &Ui,
    answers: &mut Answers,
    health: &ConfigHealth,
) -> Result<(), CliError> {
    ui.explain("\nThe profile (certificate type) for requests that name none.");
    let found = &health.profiles;
    if found.is_empty() {
        ui.warning("SCM lists no profile to this login: each request must name one");
        return Ok(());
    }
    let shown: Vec<String> = found
        .iter()
        .map(|p| format!("{} ({})", p.name, p.id))
        .collect();
    let before = position(answers.get("profile_id"), found.iter().map(|p| p.id));
    let chosen = &found[ui.choose("Profile", &shown, before, "--profile-id")?];
    answers.set("profile_id", &chosen.id.to_string());
    custom_fields(ui, answers, chosen)?;
    term(ui, answers, chosen)
}

/// What SCM demands of every request can stand in the config once and for all.
fn custom_fields(
    ui: &Ui,
    answers: &mut Answers,
    profile: &ProfileResponse,
) -> Result<(), CliError> {
    let mut given = serde_json::Map::new();
    for name in &profile.mandatory_custom_fields {
        ui.status(&format!(
            "SCM demands the custom field {name}. Empty: each request must give it."
        ));
        let before = answers.custom_field(name);
        let value = ui.ask(
            &format!("Value of {name}"),
            before.as_deref(),
            "--set sectigo_ssl_cert_custom_fields=…",
        )?;
        if !value.is_empty() {
            given.insert(name.clone(), value.into());
        }
    }
    let text = serde_json::Value::Object(given).to_string();
    answers.set("custom_fields", if text == "{}" { "" } else { &text });
    Ok(())
}

fn term(ui: &Ui, answers: &mut Answers, profile: &ProfileResponse) -> Result<(), CliError> {
    if profile.terms.is_empty() {
        return number(
            ui,
            answers,
            "term",
            "Days that a certificate lasts",
            "--term",
        );
    }
    let is_ssl = answers.get("type") != Some("client_cert");
    let cap = term_cap(jiff::Timestamp::now()).filter(|_| is_ssl);
    let above = |days: i64| cap.is_some_and(|cap| days > cap);
    let shown: Vec<String> = profile
        .terms
        .iter()
        .map(|days| match cap {
            Some(cap) if *days > cap => {
                format!("{days} days (above the {cap} that public CAs may issue now)")
            }
            _ => format!("{days} days"),
        })
        .collect();
    let longest = (0..profile.terms.len()).rfind(|index| !above(profile.terms[*index]));
    let before = match answers.get("term") {
        Some(_) => position(answers.get("term"), profile.terms.iter().copied()),
        None => longest.unwrap_or_default(),
    };
    let chosen = ui.choose("Term", &shown, before, "--term")?;
    let days = profile.terms[chosen];
    if above(days) {
        ui.warning(&format!(
            "{days} days is more than public CAs may issue now; SCM may refuse or shorten it"
        ));
    }
    answers.set("term", &days.to_string());
    Ok(())
}

pub(super) fn automation(ui: &Ui, answers: &mut Answers) -> Result<(), CliError> {
    ui.explain("\nRenewal in the background: each renewal is an order at SCM.");
    let before = answers.get("auto_renew") != Some("false");
    let on = ui.confirm("Renew certificates before they end", before, "--auto-renew")?;
    answers.set("auto_renew", if on { "true" } else { "false" });
    if !on {
        return Ok(());
    }
    loop {
        let before = answers.get("expiry_window").unwrap_or("33%").to_owned();
        let text = ui.ask(
            "How long before the end: days, or a share such as 33%",
            Some(&before),
            "--expiry-window",
        )?;
        let term = answers
            .get("term")
            .and_then(|days| days.parse::<i64>().ok());
        match window_problem(&text, term) {
            Some(why) => ui.warning(&why),
            None => {
                answers.set("expiry_window", &text);
                return Ok(());
            }
        }
    }
}

/// A window as long as the certificate's life would renew for ever.
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
            .then(|| "a window of the whole lifetime would renew for ever".to_owned());
    }
    let term = term?;
    (number >= term).then(|| {
        format!(
            "{number} days is as long as the certificate lasts ({term}): it would renew for ever"
        )
    })
}

fn position(before: Option<&str>, ids: impl Iterator<Item = i64>) -> usize {
    let before: Option<i64> = before.and_then(|text| text.parse().ok());
    ids.into_iter()
        .position(|id| Some(id) == before)
        .unwrap_or_default()
}

fn text(
    ui: &Ui,
    answers: &mut Answers,
    question: &str,
    prompt: &str,
    default: Option<&str>,
    flag: &str,
) -> Result<(), CliError> {
    loop {
        let before = answers.get(question).or(default).map(str::to_owned);
        let answer = ui.ask(prompt, before.as_deref(), flag)?;
        if !answer.is_empty() {
            answers.set(question, &answer);
            return Ok(());
        }
        ui.warning("this is needed");
    }
}

fn number(
    ui: &Ui,
    answers: &mut Answers,
    question: &str,
    prompt: &str,
    flag: &str,
) -> Result<(), CliError> {
    loop {
        let before = answers.get(question).map(str::to_owned);
        let answer = ui.ask(prompt, before.as_deref(), flag)?;
        if answer.parse::<i64>().is_ok_and(|number| number > 0) {
            answers.set(question, &answer);
            return Ok(());
        }
        ui.warning(&format!("{answer:?} is no number"));
    }
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
