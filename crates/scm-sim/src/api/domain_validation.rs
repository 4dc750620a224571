//! Domain control validation of whole domains (`dcv/…/validation`).
//!
//! CNAME, HTTP and HTTPS: `start` answers what to publish, and `submit` makes the CA check it. TXT: only `submit`
//! answers the record. E-mail: `start` lists addresses, and `submit` would send the mail.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::ordering::is_email;
use super::{dates, ssl_read::text_matches};
use crate::domain::{DcvStatus, Domain, Method, Proof, Running};
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::settings::{DateStyle, DcvWords};
use crate::world::World;

macro_rules! post {
    ($path:literal, $call:literal, $handler:expr) => {
        Route {
            verb: Verb::Post,
            path: concat!("/dcv/{version}/validation", $path),
            call: $call,
            handler: $handler,
        }
    };
}

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/dcv/{version}/validation",
        call: "domain_validations",
        handler: list,
    },
    post!("/status", "domain_status", status),
    post!("/sync", "domain_sync", status),
    post!("/start/domain/cname", "domain_start", |world, ask| start(
        world,
        ask,
        Method::Cname
    )),
    post!("/start/domain/http", "domain_start", |world, ask| start(
        world,
        ask,
        Method::Http
    )),
    post!("/start/domain/https", "domain_start", |world, ask| start(
        world,
        ask,
        Method::Https
    )),
    post!("/start/domain/txt", "domain_start", |world, ask| start(
        world,
        ask,
        Method::Txt
    )),
    post!("/start/domain/email", "domain_start", addresses),
    post!(
        "/submit/domain/cname",
        "domain_submit",
        |world, ask| submit(world, ask, Method::Cname)
    ),
    post!("/submit/domain/http", "domain_submit", |world, ask| submit(
        world,
        ask,
        Method::Http
    )),
    post!(
        "/submit/domain/https",
        "domain_submit",
        |world, ask| submit(world, ask, Method::Https)
    ),
    post!("/submit/domain/txt", "domain_submit", |world, ask| submit(
        world,
        ask,
        Method::Txt
    )),
    post!(
        "/submit/domain/email",
        "domain_submit",
        |world, ask| submit(world, ask, Method::Email)
    ),
    post!("/clear", "domain_clear", clear),
    post!("/delete", "domain_forget", forget),
];

fn list(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    enabled(world)?;
    let now = world.now();
    let number = |name: &str| {
        ask.query(name)
            .map(|text| {
                let number: Option<u32> = text.parse().ok().filter(|number| *number >= 1);
                number.ok_or_else(|| Refusal::member_limit(name, "must be at least 1"))
            })
            .transpose()
    };
    let days = number("expiresIn")?;
    let orgs: Vec<u32> = [number("org")?, number("department")?]
        .into_iter()
        .flatten()
        .collect();
    let same = |wanted: &str, value: &str| folded(wanted) == folded(value);
    let chosen: Vec<Domain> = world
        .domains()
        .filter(|domain| {
            ask.query("domain")
                .is_none_or(|wanted| text_matches(world, wanted, &domain.name))
        })
        .filter(|domain| {
            orgs.iter()
                .all(|org| domain.delegations.iter().any(|one| one.org_id == *org))
        })
        .filter(|domain| {
            let word = standing_word(domain.standing(now));
            ask.query("dcvStatus")
                .is_none_or(|wanted| same(wanted, word))
        })
        .filter(|domain| {
            ask.query("orderStatus")
                .is_none_or(|wanted| same(wanted, order_word(domain)))
        })
        .filter(|domain| days.is_none_or(|days| expires_within(world, domain, days)))
        .cloned()
        .collect();
    let size = world.settings.switches.default_page_size;
    ask.page(chosen, size, |domain| {
        let mut shown = json!({
            "domain": domain.name,
            "dcvStatus": spelled(world, ask, standing_word(domain.standing(now))),
            "dcvOrderStatus": spelled(world, ask, order_word(&domain)),
        });
        if let Some(validation) = domain.validation {
            shown["dcvMethod"] = validation.method.word().into();
            shown["expirationDate"] = day(validation.until).into();
        }
        if let Some(running) = &domain.running {
            shown["dcvOrderMethod"] = running.method.order_word().into();
        }
        shown
    })
}

fn expires_within(world: &World, domain: &Domain, days: u32) -> bool {
    let now = world.now();
    let limit = jiff::SignedDuration::from_hours(24 * i64::from(days));
    domain.validation.is_some_and(|validation| {
        let within = validation.until.duration_since(now) <= limit;
        within && (validation.until > now || world.settings.switches.expires_in_lists_expired)
    })
}

fn status(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let (_, domain) = asked(world, ask)?;
    Ok(Reply::json(&shown(world, ask, &domain)))
}

fn shown(world: &World, ask: &Ask, domain: &Domain) -> Value {
    let mut shown = json!({
        "status": spelled(world, ask, standing_word(domain.standing(world.now()))),
        "orderStatus": spelled(world, ask, order_word(domain)),
    });
    if let Some(validation) = domain.validation {
        shown["validationDate"] = day(validation.at).into();
        shown["expirationDate"] = day(validation.until).into();
    }
    let Some(running) = &domain.running else {
        return shown;
    };
    shown["orderMode"] = running.method.order_word().into();
    shown["orderBackendId"] = running.number.to_string().into();
    if let Some(proof) = &domain.proof {
        add_record(&mut shown, domain.base(), running.method, proof);
    }
    if let Some(email) = &running.email {
        shown["validationEmail"] = email.clone().into();
        shown["emailValidationReferenceNumber"] = running.number.to_string().into();
    }
    if let Some(at) = running.submitted {
        shown["submittedDate"] = day(at).into();
    }
    if let Some(at) = running.last_check {
        shown["lastCheck"] = dates::iso_millis(at).into();
    }
    if let Some(at) = running.next_check {
        shown["nextCheck"] = dates::iso_millis(at).into();
    }
    shown
}

fn add_record(shown: &mut Value, domain: &str, method: Method, proof: &Proof) {
    match method {
        Method::Email => {}
        Method::Cname | Method::Txt => {
            let (host, point) = match method {
                Method::Txt => proof.txt(domain),
                _ => proof.cname(domain),
            };
            shown["host"] = host.into();
            shown["point"] = point.into();
        }
        Method::Http | Method::Https => {
            let scheme = method.order_word().to_lowercase();
            let [first, second] = proof.lines();
            shown["url"] = format!("{scheme}://{domain}{}", proof.path()).into();
            shown["firstLine"] = first.into();
            shown["secondLine"] = second.into();
        }
    }
}

fn start(world: &mut World, ask: &Ask, method: Method) -> Result<Reply, Refusal> {
    let (_, mut domain) = asked(world, ask)?;
    if method == Method::Txt {
        return match world.settings.switches.txt_start_answers {
            true => Ok(Reply::json(
                &json!({"message": "Submit the validation to get the record"}),
            )),
            false => Err(Refusal::coded(
                -1603,
                "Start is not supported for TXT: use submit",
            )),
        };
    }
    set_running(world, &mut domain, method)?;
    let mut answer = json!({});
    if let Some(proof) = &domain.proof {
        add_record(&mut answer, domain.base(), method, proof);
    }
    world.keep_domain(domain);
    Ok(Reply::json(&answer))
}

/// Starts a validation. An earlier submission is forgotten.
fn set_running(world: &mut World, domain: &mut Domain, method: Method) -> Result<(), Refusal> {
    if domain.proof.is_none() || !world.settings.switches.dcv_value_stays {
        domain.proof = Some(Proof::random()?);
    }
    domain.running = Some(Running {
        method,
        number: world.next_id(),
        submitted: None,
        last_check: None,
        next_check: None,
        email: None,
        by_connector: false,
    });
    Ok(())
}

fn addresses(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let names = match (members.text("domain", 255)?, members.texts("domains", 255)?) {
        (Some(one), None) => vec![one],
        (None, Some(many)) if !many.is_empty() => many,
        _ => return Err(Refusal::null_member("domain")),
    };
    let mut each = Vec::new();
    for name in &names {
        let domain = found(world, name)?;
        let base = domain.base().to_owned();
        let admin: Vec<String> = [
            "admin",
            "administrator",
            "hostmaster",
            "postmaster",
            "webmaster",
        ]
        .iter()
        .map(|user| format!("{user}@{base}"))
        .collect();
        each.push(json!({
            "domainName": base, "whoisEmails": [], "adminEmails": admin, "dnsTxtEmails": [],
        }));
    }
    let common = match &each[..] {
        [one] => one["adminEmails"].clone(),
        _ => json!([]),
    };
    Ok(Reply::json(&json!({ "emails": common, "dcvEmails": each })))
}

fn submit(world: &mut World, ask: &Ask, method: Method) -> Result<Reply, Refusal> {
    let (members, mut domain) = asked(world, ask)?;
    let connector = members.filled_text("dnsAgentUUID", 64)?.is_some() && method == Method::Cname;
    let email = match method {
        Method::Email => {
            let email = members.required_text("email", 255)?;
            if !is_email(&email) {
                return Err(Refusal::member_limit("email", "must be an e-mail address"));
            }
            Some(email)
        }
        _ => None,
    };
    let started = domain
        .running
        .as_ref()
        .is_some_and(|running| running.method == method);
    match method {
        Method::Cname | Method::Http | Method::Https if !started && !connector => {
            let text = format!(
                "The request for {} cannot be processed, its validation status is {}",
                domain.name,
                order_word(&domain)
            );
            return Err(Refusal::coded(-724, text));
        }
        Method::Txt | Method::Email | Method::Cname if !started => {
            set_running(world, &mut domain, method)?;
        }
        _ => {}
    }
    let now = world.now();
    if let Some(running) = domain.running.as_mut() {
        // A second submission changes nothing.
        running.submitted = running.submitted.or(Some(now));
        running.next_check = running
            .next_check
            .or(Some(now))
            .filter(|_| method != Method::Email);
        running.email = email.or(running.email.take());
        running.by_connector = connector;
    }
    let mut answer = json!({
        "status": spelled(world, ask, standing_word(domain.standing(now))),
        "orderStatus": spelled(world, ask, order_word(&domain)),
        "message": "Submitted successfully",
    });
    if let Some(running) = &domain.running {
        answer["orderBackendId"] = running.number.to_string().into();
        if method == Method::Email {
            answer["emailValidationReferenceNumber"] = running.number.to_string().into();
        }
    }
    if let Some(proof) = domain.proof.as_ref().filter(|_| method == Method::Txt) {
        add_record(&mut answer, domain.base(), method, proof);
    }
    if connector {
        world.prove(&mut domain, method);
    }
    world.keep_domain(domain);
    Ok(Reply::json(&answer))
}

fn clear(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let (_, mut domain) = asked(world, ask)?;
    domain.running = None;
    domain.proof = None;
    if world.settings.switches.clear_ends_validation {
        domain.validation = None;
    }
    let status = spelled(world, ask, standing_word(domain.standing(world.now())));
    let order = spelled(world, ask, order_word(&domain));
    world.keep_domain(domain);
    Ok(Reply::json(&json!({
        "status": status,
        "orderStatus": order,
        "message": format!("DCV status: {status}; DCV order status: {order}"),
    })))
}

fn forget(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let (_, mut domain) = asked(world, ask)?;
    domain.running = None;
    domain.proof = None;
    domain.validation = None;
    world.keep_domain(domain);
    Ok(Reply::empty(200))
}

fn asked(world: &World, ask: &Ask) -> Result<(JsonBody, Domain), Refusal> {
    enabled(world)?;
    let members = JsonBody::parse(&ask.body)?;
    let name = members.required_text("domain", 255)?;
    let domain = found(world, &name)?;
    Ok((members, domain))
}

fn enabled(world: &World) -> Result<(), Refusal> {
    match world.settings.switches.dcv_enabled {
        true => Ok(()),
        false => Err(Refusal::coded(
            -1608,
            "DCV is not enabled for this customer",
        )),
    }
}

fn found(world: &World, name: &str) -> Result<Domain, Refusal> {
    let name = name.to_lowercase();
    let name = name.strip_prefix("*.").unwrap_or(&name);
    if name.len() < 3 || !name.contains('.') {
        return Err(Refusal::coded(
            -732,
            format!("Invalid domain name '{name}'"),
        ));
    }
    let domain = world
        .domain_to_validate(name)
        .ok_or_else(|| Refusal::coded(-727, format!("The domain {name} does not exist")))?;
    if domain.suspended {
        return Err(Refusal::coded(
            -715,
            format!("The domain {name} is inactive"),
        ));
    }
    let below = || {
        world
            .domains()
            .any(|other| other.id != domain.id && other.base() != name && other.covers(name))
    };
    if !world.settings.switches.dcv_of_subdomains && below() {
        let text = format!("The domain {name} is not a high level domain");
        return Err(Refusal::coded(-723, text));
    }
    Ok(domain.clone())
}

fn standing_word(standing: DcvStatus) -> &'static str {
    match standing {
        DcvStatus::Validated => "VALIDATED",
        DcvStatus::NotValidated => "NOT_VALIDATED",
        DcvStatus::Expired => "EXPIRED",
    }
}

fn order_word(domain: &Domain) -> &'static str {
    match &domain.running {
        None => "NOT_INITIATED",
        Some(running) if running.submitted.is_none() => "AWAITING_SUBMISSION",
        Some(_) => "SUBMITTED",
    }
}

/// A status such as `NOT_VALIDATED`, or spelled `Not validated`.
fn spelled(world: &World, ask: &Ask, word: &str) -> String {
    let spaced = match world.settings.switches.dcv_words {
        DcvWords::ByLogin => ask.caller.by_token,
        DcvWords::Upper => false,
        DcvWords::Spaced => true,
    };
    if !spaced {
        return word.to_owned();
    }
    let words = word.replace('_', " ").to_lowercase();
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn folded(word: &str) -> String {
    word.to_uppercase().replace([' ', '-'], "_")
}

fn day(at: Timestamp) -> String {
    dates::written(at, DateStyle::Iso)
}

/// The status of a domain in `domain/…` and in the report of domains.
pub fn validation_status(world: &World, ask: &Ask, domain: &Domain) -> String {
    spelled(world, ask, standing_word(domain.standing(world.now())))
}
