//! Reads, revokes and deletes client (S/MIME) certificates.

use serde_json::{Value, json};

use super::ssl_end::{by_serial, delete_imported, mark_revoked_of, reason_code, revoke_at_ca};
use super::ssl_read::{certificate_passes, check_filters, fields_of, profiles, text_matches};
use super::{dates, ordering, view};
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::order::{Order, State, id_of_backend};
use crate::settings::{DateStyle, Kind};
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/smime/{version}/types",
        call: "client_types",
        handler: types,
    },
    Route {
        verb: Verb::Get,
        path: "/smime/{version}/customFields",
        call: "client_custom_fields",
        handler: custom_fields,
    },
    Route {
        verb: Verb::Get,
        path: "/smime/{version}",
        call: "client_list",
        handler: list,
    },
    Route {
        verb: Verb::Get,
        path: "/smime/{version}/byPersonId/{person}",
        call: "client_by_person",
        handler: by_person_id,
    },
    Route {
        verb: Verb::Get,
        path: "/smime/{version}/byPersonEmail/{email}",
        call: "client_by_person",
        handler: by_person_email,
    },
    Route {
        verb: Verb::Get,
        path: "/smime/{version}/{id}",
        call: "client_details",
        handler: details,
    },
    Route {
        verb: Verb::Put,
        path: "/smime/{version}/{id}",
        call: "client_update",
        handler: update,
    },
    Route {
        verb: Verb::Delete,
        path: "/smime/{version}/{id}",
        call: "client_delete",
        handler: delete,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/revoke/order/{backend}",
        call: "client_revoke",
        handler: revoke_by_order,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/revoke/serial/{serial}",
        call: "client_revoke",
        handler: revoke_by_serial,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/revoke",
        call: "client_revoke",
        handler: revoke_by_email,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/revoke/manual",
        call: "client_mark_revoked",
        handler: mark_revoked,
    },
];

fn types(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    profiles(world, ask, Kind::Client)
}

fn custom_fields(world: &mut World, _: &Ask) -> Result<Reply, Refusal> {
    Ok(fields_of(world, Kind::Client))
}

/// The longest value of each filter that has a limit.
const FILTER_LIMITS: &[(&str, usize)] = &[("serialNumber", 64), ("backendCertId", 255)];

fn list(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    check_filters(ask, FILTER_LIMITS)?;
    let found: Vec<&Order> = clients(world)
        .filter(|order| passes(world, ask, order))
        .collect();
    let size = world.settings.switches.default_page_size;
    ask.page(found, size, |order| in_list(world, order))
}

fn passes(world: &World, ask: &Ask, order: &Order) -> bool {
    let applicant = order.applicant.as_ref();
    let is = |name: &str, value: &str| {
        ask.query(name)
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let person_id = applicant.map_or(0, |applicant| applicant.person_id);
    is("personId", &person_id.to_string())
        && is("state", &view::client_state(world, order))
        && is("certTypeId", &order.profile.to_string())
        && is("backendCertId", &order.backend_id().to_string())
        && ask.query("email").is_none_or(|wanted| {
            let mut emails = order.names.iter();
            emails.any(|email| text_matches(world, wanted, email))
        })
        && certificate_passes(world, ask, order)
}

fn by_person_id(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let id = ask.param("person").parse().unwrap_or(0);
    of_person(world, id)
}

fn by_person_email(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let id = world
        .person_by_email(ask.param("email"))
        .map_or(0, |person| person.id);
    of_person(world, id)
}

fn of_person(world: &World, id: u32) -> Result<Reply, Refusal> {
    if world.person(id).is_none() {
        return Err(Refusal::coded(-105, "Person was not found").with_status(404));
    }
    let found = clients(world)
        .filter(|order| {
            let applicant = order.applicant.as_ref();
            applicant.is_some_and(|applicant| applicant.person_id == id)
        })
        .map(|order| in_list(world, order))
        .collect();
    Ok(Reply::json(&Value::Array(found)))
}

fn clients(world: &World) -> impl Iterator<Item = &Order> {
    world.orders().filter(|order| order.kind == Kind::Client)
}

/// Dates have the form `yyyy-MM-dd`. A rejected order has empty and null values instead of missing members.
fn in_list(world: &World, order: &Order) -> Value {
    let state = view::client_state(world, order);
    let rejected = state == "rejected";
    let number = if rejected { 0 } else { order.backend_id() };
    let issued = order.certificate.as_ref();
    let mut shown = json!({
        "id": order.id,
        "state": state,
        "certificateDetails": issued.map_or_else(|| json!({}), view::certificate_details),
        "serialNumber": issued.map(|issued| view::serial(world, issued)).unwrap_or_default(),
        "orderNumber": number,
        "backendCertId": null_or((!rejected).then(|| order.backend_id().to_string())),
        "expires": null_or(issued.map(|issued| dates::written(issued.not_after, DateStyle::Iso))),
    });
    if let Some(comments) = &order.comments {
        shown["comments"] = json!(comments);
    }
    shown
}

fn details(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = found(world, ask)?;
    let style = dates::style(ask, world.settings.switches.dates);
    let shown = view::details(world, &order, style);
    world.count_poll(order.id);
    Ok(Reply::json(&shown))
}

fn update(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut order = found(world, ask)?;
    let members = JsonBody::parse(&ask.body)?;
    if members.has("customFields") {
        order.custom_fields = ordering::custom_values(world, &members, Kind::Client, None)?;
    }
    if let Some(comments) = members.text("comments", 1024)? {
        order.comments = Some(comments);
    }
    let style = dates::style(ask, world.settings.switches.dates);
    let shown = view::details(world, &order, style);
    world.keep(order);
    Ok(Reply::json(&shown))
}

fn delete(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = found(world, ask)?;
    delete_imported(world, &order)
}

fn revoke_by_order(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = by_backend(world, ask)?;
    let reason_code = read_reason(world, &JsonBody::parse(&ask.body)?)?;
    revoke_at_ca(world, order, reason_code)
}

fn revoke_by_serial(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = by_client_serial(world, ask)?;
    let reason_code = read_reason(world, &JsonBody::parse(&ask.body)?)?;
    revoke_at_ca(world, order, reason_code)
}

/// Revokes every valid certificate of an e-mail address.
fn revoke_by_email(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let email = members.required_text("email", 256)?;
    let reason_code = read_reason(world, &members)?;
    let valid: Vec<Order> = clients(world)
        .filter(|order| order.state == State::Issued)
        .filter(|order| {
            let applicant = order.applicant.as_ref();
            applicant.is_some_and(|applicant| applicant.email.eq_ignore_ascii_case(&email))
        })
        .cloned()
        .collect();
    if valid.is_empty() {
        let text = format!("No valid client certificates are found for {email}");
        return Err(Refusal::coded(-1108, text).with_status(404));
    }
    for order in valid {
        revoke_at_ca(world, order, reason_code)?;
    }
    Ok(Reply::no_content())
}

/// Unlike for SSL, the reason may be empty.
fn read_reason(world: &World, members: &JsonBody) -> Result<u8, Refusal> {
    members.text("reason", 512)?;
    reason_code(world, members)
}

fn mark_revoked(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    mark_revoked_of(world, ask, Kind::Client)
}

fn found(world: &World, ask: &Ask) -> Result<Order, Refusal> {
    world
        .order(Kind::Client, ask.id()?)
        .cloned()
        .ok_or_else(Refusal::certificate_not_found)
}

pub fn by_backend(world: &World, ask: &Ask) -> Result<Order, Refusal> {
    ask.param("backend")
        .parse()
        .ok()
        .and_then(id_of_backend)
        .and_then(|id| world.order(Kind::Client, id))
        .cloned()
        .ok_or_else(Refusal::certificate_not_found)
}

/// Checks the documented pattern of a serial number in a path.
pub fn by_client_serial(world: &World, ask: &Ask) -> Result<Order, Refusal> {
    let serial = ask.param("serial");
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == ':';
    if serial.len() > 256 || !serial.chars().all(allowed) {
        return Err(Refusal::member_limit("serial", "must match [a-zA-Z0-9:]+"));
    }
    by_serial(world, serial, Kind::Client)
}

/// Null if a rejected order has no such value.
fn null_or<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or(Value::Null, Into::into)
}
