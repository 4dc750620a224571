//! Reads SSL certificates: profiles, custom fields, the list, details.

use serde_json::{Value, json};

use super::{dates, ordering, view};
use crate::http::{Ask, Refusal, Reply, Route, Verb};
use crate::order::{Issued, Order, folded_serial};
use crate::settings::{FilterMatch, Kind};
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}/types",
        call: "types",
        handler: types,
    },
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}/customFields",
        call: "custom_fields",
        handler: custom_fields,
    },
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}",
        call: "list",
        handler: list,
    },
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}/{id}",
        call: "details",
        handler: details,
    },
];

fn types(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    profiles(world, ask, Kind::Ssl)
}

/// The profiles of one kind. If the caller names an organisation, only those that it may use.
pub fn profiles(world: &World, ask: &Ask, kind: Kind) -> Result<Reply, Refusal> {
    let asked = match ask.query("organizationId") {
        None => None,
        Some(text) => {
            let unknown = || Refusal::coded(-639, "Organization id is invalid");
            let id: u32 = text.parse().map_err(|_| unknown())?;
            let organisation = ordering::organisation(world, id, kind)?;
            Some((organisation, id))
        }
    };
    let shown: Vec<Value> = world
        .settings
        .profiles
        .iter()
        .filter(|profile| profile.kind == kind && !profile.deleted)
        .filter(|profile| asked.is_none_or(|(organisation, id)| profile.serves(organisation, id)))
        .map(|profile| view::profile(profile, world.longest_term(kind)))
        .collect();
    Ok(Reply::json(&Value::Array(shown)))
}

fn custom_fields(world: &mut World, _: &Ask) -> Result<Reply, Refusal> {
    Ok(fields_of(world, Kind::Ssl))
}

pub fn fields_of(world: &World, kind: Kind) -> Reply {
    let shown = world
        .settings
        .custom_fields
        .iter()
        .filter(|field| field.kind == kind)
        .map(|field| {
            // The list cannot express "mandatory for some profiles": only fields that all orders need are shown as
            // mandatory.
            let mandatory = field.mandatory && field.profiles.is_empty();
            json!({ "id": field.id, "name": field.name, "mandatory": mandatory })
        })
        .collect();
    Reply::json(&Value::Array(shown))
}

fn details(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let id = ask.id()?;
    let order = world
        .order(Kind::Ssl, id)
        .ok_or_else(Refusal::certificate_not_found)?;
    let style = dates::style(ask, world.settings.switches.dates);
    let shown = view::details(world, order, style);
    world.count_poll(id);
    Ok(Reply::json(&shown))
}

/// The longest value of each filter that has a limit.
const FILTER_LIMITS: &[(&str, usize)] = &[
    ("vendor", 128),
    ("serialNumber", 128),
    ("requester", 128),
    ("externalRequester", 512),
    ("signatureAlgorithm", 32),
    ("keyAlgorithm", 32),
    ("keyParam", 32),
    ("sha1Hash", 40),
    ("md5Hash", 32),
    ("sha256Hash", 64),
    ("keyUsage", 256),
    ("extendedKeyUsage", 512),
];

pub fn check_filters(ask: &Ask, limits: &[(&str, usize)]) -> Result<(), Refusal> {
    let too_long = limits.iter().find(|(name, longest)| {
        ask.query(name)
            .is_some_and(|wanted| wanted.chars().count() > *longest)
    });
    match too_long {
        Some((name, longest)) => {
            let limit = format!("must have at most {longest} characters");
            Err(Refusal::member_limit(name, &limit))
        }
        None => Ok(()),
    }
}

fn list(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    check_filters(ask, FILTER_LIMITS)?;
    let found: Vec<&Order> = world
        .orders()
        .filter(|order| order.kind == Kind::Ssl && passes(world, ask, order))
        .collect();
    ask.page(found, world.settings.switches.default_page_size, |order| {
        let serial = order
            .certificate
            .as_ref()
            .map(|issued| view::serial(world, issued));
        view::Object::showing(world.settings.switches.absent)
            .with("sslId", order.id)
            .with("commonName", order.common_name.clone())
            .with("subjectAlternativeNames", view::other_names(order))
            .with_text("serialNumber", serial)
            .value()
    })
}

/// Applies the documented filters for which an order has a value; unknown filters are ignored.
fn passes(world: &World, ask: &Ask, order: &Order) -> bool {
    let text = |name: &str, value: &str| {
        ask.query(name)
            .is_none_or(|wanted| text_matches(world, wanted, value))
    };
    let any = |name: &str, values: &[String]| {
        ask.query(name).is_none_or(|wanted| {
            values
                .iter()
                .any(|value| text_matches(world, wanted, value))
        })
    };
    let number = |name: &str, value: u32| {
        ask.query(name)
            .is_none_or(|wanted| wanted.parse() == Ok(value))
    };
    let hash = |name: &str, of: fn(&Issued) -> String| {
        ask.query(name).is_none_or(|wanted| {
            order
                .certificate
                .as_ref()
                .is_some_and(|issued| of(issued).eq_ignore_ascii_case(wanted))
        })
    };
    let word = |name: &str, value: &str| {
        ask.query(name)
            .is_none_or(|wanted| folded_word(wanted) == folded_word(value))
    };
    let renewal = order.auto_renew.as_ref();
    text("commonName", &order.common_name)
        && any("subjectAlternativeName", &order.names)
        && word("status", &view::status(world, order))
        && word("requestedVia", view::REQUESTED_VIA)
        && word("installStatus", view::NOT_SCHEDULED)
        && word("renewalStatus", renewal.map_or(view::NOT_SCHEDULED, |wanted| &wanted.state))
        && number("sslTypeId", order.profile)
        && number("orgId", order.org_id)
        && text("vendor", "Sectigo")
        && text("requester", &order.requester)
        && text(
            "externalRequester",
            order.external_requester.as_deref().unwrap_or_default(),
        )
        && certificate_passes(world, ask, order)
        && hash("sha1Hash", view::sha1)
        && hash("sha256Hash", view::sha256)
        // Orders have no MD5 hash here.
        && ask.query("md5Hash").is_none()
}

/// Applies the filters for the certificate or its key, which the lists of both kinds share.
pub fn certificate_passes(world: &World, ask: &Ask, order: &Order) -> bool {
    let issued = order.certificate.as_ref();
    let holds = |name: &str, values: &dyn Fn(&Issued) -> Vec<String>| {
        ask.query(name).is_none_or(|wanted| {
            let values = issued.map(values).unwrap_or_default();
            values
                .iter()
                .any(|value| text_matches(world, wanted, value))
        })
    };
    let issuer = |issued: &Issued| {
        let details = view::certificate_details(issued);
        let issuer = details["issuer"].as_str().unwrap_or_default();
        vec![issuer.to_owned()]
    };
    serial_passes(ask, order)
        && key_passes(ask, order)
        && holds("issuer", &issuer)
        && holds("signatureAlgorithm", &|_| {
            vec![view::SIGNATURE_ALGORITHM.to_owned()]
        })
        && holds("keyUsage", &|issued| view::usages(issued).0)
        && holds("extendedKeyUsage", &|issued| view::usages(issued).1)
}

pub fn text_matches(world: &World, wanted: &str, value: &str) -> bool {
    let (wanted, value) = (wanted.to_lowercase(), value.to_lowercase());
    match world.settings.switches.filters {
        FilterMatch::Exact => wanted == value,
        FilterMatch::Substring => value.contains(&wanted),
    }
}

/// Compared without colons, case and leading zeros.
fn serial_passes(ask: &Ask, order: &Order) -> bool {
    ask.query("serialNumber").is_none_or(|wanted| {
        order
            .certificate
            .as_ref()
            .is_some_and(|issued| folded_serial(&issued.serial) == folded_serial(wanted))
    })
}

/// Applies `keyAlgorithm`, `keyParam`, and its predecessor `keySize`.
fn key_passes(ask: &Ask, order: &Order) -> bool {
    let algorithm = ask.query("keyAlgorithm");
    let (param, size) = (ask.query("keyParam"), ask.query("keySize"));
    if algorithm.is_none() && param.is_none() && size.is_none() {
        return true;
    }
    view::key_of(order).is_some_and(|key| {
        algorithm.is_none_or(|wanted| wanted.eq_ignore_ascii_case(key.algorithm))
            && param.is_none_or(|wanted| wanted.eq_ignore_ascii_case(&key.size))
            && size.is_none_or(|wanted| wanted == key.size)
    })
}

/// Statuses are compared without spaces, underscores and case, because the documents spell them in two ways.
fn folded_word(word: &str) -> String {
    word.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}
