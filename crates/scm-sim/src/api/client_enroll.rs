//! Orders client (S/MIME) certificates: enroll, renew, replace.

use serde_json::json;

use super::client_read::{by_backend, by_client_serial};
use super::ordering::{LONGEST_CSR, Particulars, Request, is_email, parse_csr};
use super::person::full_name_of;
use crate::ca::Csr;
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::order::{Applicant, Order, State};
use crate::settings::Kind;
use crate::world::{Person, World};

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/enroll",
        call: "client_enroll",
        handler: enroll,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/renew/order/{backend}",
        call: "client_renew",
        handler: renew_by_order,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/renew/serial/{serial}",
        call: "client_renew",
        handler: renew_by_serial,
    },
    Route {
        verb: Verb::Post,
        path: "/smime/{version}/replace/order/{backend}",
        call: "client_replace",
        handler: replace,
    },
];

fn enroll(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let mut applicant = applicant(&members)?;
    let secondary = members.texts("secondaryEmails", 128)?.unwrap_or_default();
    if let Some(wrong) = secondary.iter().find(|email| !is_email(email)) {
        let text = format!("Secondary e-mail {wrong} is invalid");
        return Err(Refusal::coded(-518, text));
    }
    let full_name = full_name_of(
        &applicant.first_name,
        applicant.middle_name.as_deref(),
        &applicant.last_name,
    );
    if full_name.chars().count() > 64 {
        return Err(Refusal::coded(
            -508,
            "Person name is longer than 64 characters",
        ));
    }
    let common_name = members
        .text("commonName", 64)?
        .filter(|name| !name.trim().is_empty())
        .unwrap_or(full_name);
    let request = Request::read(world, ask, &members, Kind::Client)?;
    check_number_of_valid(world, request.profile, &applicant.email)?;
    applicant.person_id = person_for(world, &applicant, &secondary, request.org_id);
    let mut names = vec![applicant.email.clone()];
    names.extend(secondary);
    let particulars = Particulars {
        common_name,
        names,
        applicant: Some(applicant),
        ..Particulars::default()
    };
    let order = request.place(world, ask, Kind::Client, particulars)?;
    Ok(numbers(&order))
}

/// The ids of an order. The numeric certificate id is only in the list.
fn numbers(order: &Order) -> Reply {
    Reply::json(&json!({
        "orderNumber": order.backend_id(),
        "backendCertId": order.backend_id().to_string(),
    }))
}

fn applicant(members: &JsonBody) -> Result<Applicant, Refusal> {
    let email = members.required_text("email", 128)?;
    if !is_email(&email) {
        return Err(Refusal::coded(-518, "Person e-mail is invalid"));
    }
    let phone = members.text("phone", 32)?;
    let allowed = |c: char| c.is_ascii_digit() || "#()-+ x|".contains(c);
    if phone
        .as_ref()
        .is_some_and(|phone| !phone.chars().all(allowed))
    {
        return Err(Refusal::member_limit("phone", "is not a phone number"));
    }
    Ok(Applicant {
        person_id: 0,
        email,
        first_name: members.required_text("firstName", 64)?,
        middle_name: members.text("middleName", 64)?,
        last_name: members.required_text("lastName", 64)?,
        phone,
        eppn: members.text("eppn", 128)?,
        upn: members.text("upn", 256)?,
    })
}

fn check_number_of_valid(world: &World, profile: u32, email: &str) -> Result<(), Refusal> {
    let most = world
        .settings
        .profile(Kind::Client, profile)
        .and_then(|profile| profile.max_valid_per_person);
    let now = world.now();
    let valid = world
        .orders()
        .filter(|order| order.kind == Kind::Client && order.profile == profile)
        .filter(|order| order.state == State::Issued && !order.expired(now))
        .filter(|order| {
            let applicant = order.applicant.as_ref();
            applicant.is_some_and(|known| known.email.eq_ignore_ascii_case(email))
        })
        .count();
    match most {
        Some(most) if valid >= most => {
            let text = "The person already has the maximum number of valid certificates";
            Err(Refusal::coded(-188, text))
        }
        _ => Ok(()),
    }
}

/// The known person with this address, or a new person made from the request.
fn person_for(world: &mut World, applicant: &Applicant, secondary: &[String], org: u32) -> u32 {
    if let Some(person) = world.person_by_email(&applicant.email) {
        return person.id;
    }
    let id = world.next_id();
    world.keep_person(Person {
        id,
        first_name: applicant.first_name.clone(),
        middle_name: applicant.middle_name.clone(),
        last_name: applicant.last_name.clone(),
        email: applicant.email.clone(),
        organisation_id: org,
        validation_type: "STANDARD".to_owned(),
        phone: applicant.phone.clone(),
        common_name: None,
        secondary_emails: secondary.to_vec(),
        eppn: applicant.eppn.clone(),
        upn: applicant.upn.clone(),
    });
    id
}

fn renew_by_order(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let old = by_backend(world, ask)?;
    renew(world, ask, old, None)
}

fn renew_by_serial(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let old = by_client_serial(world, ask)?;
    renew(world, ask, old, None)
}

/// Deprecated by SCM: a new order with another key.
fn replace(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut old = by_backend(world, ask)?;
    let members = JsonBody::parse(&ask.body)?;
    let csr = parse_csr(&members.required_text("csr", LONGEST_CSR)?)?;
    members.text("reason", 512)?;
    let revoke = members.flag("revoke")?.unwrap_or(false);
    let reply = renew(world, ask, old.clone(), Some(csr))?;
    if revoke {
        World::revoke(&mut old, world.now(), 4);
        world.keep(old);
    }
    Ok(reply)
}

/// A new order for the same person and profile. Without another CSR it has the same key.
fn renew(world: &mut World, ask: &Ask, mut old: Order, csr: Option<Csr>) -> Result<Reply, Refusal> {
    if old.state != State::Issued {
        return Err(Refusal::coded(-123, "Certificate to renew is invalid"));
    }
    let profile = world
        .settings
        .profile(Kind::Client, old.profile)
        .ok_or_else(|| Refusal::coded(-172, "Client certificate profile is invalid"))?;
    if !profile.renewable {
        let text = "Renew is not allowed for this certificate profile";
        return Err(Refusal::coded(-180, text));
    }
    let csr = match csr {
        Some(csr) => csr,
        None => Csr::from_der(old.csr.clone())
            .map_err(|_| Refusal::coded(-123, "Certificate to renew is invalid"))?,
    };
    let request = Request {
        org_id: old.org_id,
        csr,
        profile: old.profile,
        term: old.term,
        comments: old.comments.clone(),
        custom_fields: old.custom_fields.clone(),
        course: ask.effects.clone().or(&profile.course),
    };
    let particulars = Particulars {
        common_name: old.common_name.clone(),
        names: old.names.clone(),
        applicant: old.applicant.clone(),
        ..Particulars::default()
    };
    let new = request.place(world, ask, Kind::Client, particulars)?;
    old.renewed = true;
    old.dates.renewed = Some(world.now());
    world.keep(old);
    Ok(numbers(&new))
}
