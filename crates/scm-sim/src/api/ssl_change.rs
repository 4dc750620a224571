//! Changes SSL certificates: update, renew, replace.

use serde_json::json;

use super::ordering::{self, LONGEST_CSR, Particulars, Request, parse_csr};
use super::ssl_end::found;
use super::ssl_enroll::{addresses, dcv_wish, unique_names};
use super::{dates, view};
use crate::ca::Csr;
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::order::{AutoRenew, Order, Replacement, State, id_of_backend};
use crate::settings::Kind;
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Put,
        path: "/ssl/{version}",
        call: "update",
        handler: update,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/renewById/{id}",
        call: "renew",
        handler: renew_by_id,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/renew/{renew_id}",
        call: "renew",
        handler: renew_by_renew_id,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/renew/manual/{id}",
        call: "mark_renewed",
        handler: mark_renewed,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/replace/{id}",
        call: "replace",
        handler: replace,
    },
];

fn renew_by_id(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let old = found(world, ask)?;
    let new = renew(world, ask, old)?;
    Ok(Reply::json(&json!({ "sslId": new.id })))
}

/// Answers no id: the caller has to search for the new order.
fn renew_by_renew_id(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let old = world
        .order_by_renew_id(ask.param("renew_id"))
        .cloned()
        .ok_or_else(Refusal::certificate_not_found)?;
    renew(world, ask, old)?;
    Ok(Reply::no_content())
}

/// A new order with the parameters of the old one; the old certificate stays valid.
fn renew(world: &mut World, ask: &Ask, mut old: Order) -> Result<Order, Refusal> {
    let members = if world.settings.switches.renew_needs_body {
        JsonBody::parse(&ask.body)?
    } else {
        JsonBody::parse_optional(&ask.body)?
    };
    let dcv = dcv_wish(&members)?;
    let csr = members.text("csr", LONGEST_CSR)?;
    if csr.is_none() && world.settings.switches.renew_needs_csr {
        return Err(Refusal::null_member("csr"));
    }
    if !matches!(old.state, State::Issued) {
        return Err(Refusal::coded(-123, "Certificate to renew is invalid"));
    }
    let known = |id| world.settings.profile(Kind::Ssl, id);
    let profile = known(old.profile)
        .and_then(|profile| match profile.deleted {
            true => known(profile.superseded_by?).filter(|profile| !profile.deleted),
            false => Some(profile),
        })
        .ok_or_else(|| Refusal::coded(-111, "Certificate profile is not found"))?;
    let terms = profile.terms_within(world.longest_term(Kind::Ssl));
    let term = Some(old.term)
        .filter(|term| terms.contains(term))
        .or_else(|| terms.into_iter().max())
        .unwrap_or(old.term);
    if !profile.renewable {
        let text = "Renew is not allowed for this certificate profile";
        return Err(Refusal::coded(-180, text));
    }
    let csr = match csr {
        Some(text) => parse_csr(&text)?,
        None => stored_csr(&old)?,
    };
    ordering::check_key(&csr, profile)?;
    let request = Request {
        org_id: old.org_id,
        csr,
        profile: profile.id,
        term,
        comments: old.comments.clone(),
        custom_fields: old.custom_fields.clone(),
        course: ask.effects.clone().or(&profile.course),
    };
    let particulars = Particulars {
        common_name: old.common_name.clone(),
        names: old.names.clone(),
        external_requester: old.external_requester.clone(),
        dcv: dcv.or_else(|| old.dcv.clone()),
        ..Particulars::default()
    };
    let new = request.place(world, ask, Kind::Ssl, particulars)?;
    old.renewed = true;
    old.dates.renewed = Some(world.now());
    world.keep(old);
    Ok(new)
}

fn stored_csr(order: &Order) -> Result<Csr, Refusal> {
    Csr::from_der(order.csr.clone()).map_err(|_| Refusal::coded(-138, "Invalid CSR"))
}

/// Records in SCM that another certificate succeeds this one.
fn mark_renewed(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut old = found(world, ask)?;
    let members = JsonBody::parse(&ask.body)?;
    dcv_wish(&members)?;
    let (successor, wrong) = match (members.positive("id")?, members.integer("orderNumber")?) {
        (Some(id), _) => (Some(id), Refusal::coded(-124, "Wrong SSL certificate id")),
        (None, Some(number)) => (
            u64::try_from(number).ok().and_then(id_of_backend),
            Refusal::coded(-1104, "Invalid order number"),
        ),
        (None, None) => {
            let text = "At least one of fields id, orderNumber is required";
            return Err(Refusal::coded(-951, text));
        }
    };
    successor
        .and_then(|id| world.order(Kind::Ssl, id))
        .ok_or(wrong)?;
    old.renewed = true;
    old.dates.renewed = Some(world.now());
    world.keep(old);
    Ok(Reply::no_content())
}

/// Keeps the id. The new certificate replaces the old one when the CA has issued it.
fn replace(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut order = found(world, ask)?;
    let members = JsonBody::parse(&ask.body)?;
    let csr = members.required_text("csr", LONGEST_CSR)?;
    members.required_text("reason", 512)?;
    let common_name = members.filled_text("commonName", 64)?;
    let names = members.texts("subjectAlternativeNames", 256)?;
    let dcv = dcv_wish(&members)?;
    if order.state != State::Issued || order.expired(world.now()) {
        let text = format!("SSL state is not ISSUED: {}", view::status(world, &order));
        return Err(Refusal::coded(-130, text));
    }
    let csr = parse_csr(&csr)?;
    let profile = world.settings.profile(Kind::Ssl, order.profile);
    if let Some(profile) = profile {
        ordering::check_key(&csr, profile)?;
    }
    let common_name = common_name
        .or(csr.common_name)
        .unwrap_or_else(|| order.common_name.clone());
    let names = names.unwrap_or_else(|| view::other_names(&order));
    let (common_name, names) = unique_names(Some(&common_name), names.into_iter())?;
    let course = ask.effects.clone();
    order.course = match profile {
        Some(profile) => ordering::order_course(course.or(&profile.course)),
        None => ordering::order_course(course),
    };
    order.dcv_open = order.course.dcv.is_some();
    order.dcv = dcv.or(order.dcv);
    order.replacement = Some(Replacement {
        csr: csr.der,
        common_name,
        names,
    });
    world.start_work(&mut order);
    world.keep(order);
    Ok(Reply::no_content())
}

const CORE_MEMBERS: [&str; 6] = [
    "term",
    "certTypeId",
    "orgId",
    "commonName",
    "csr",
    "subjectAlternativeNames",
];

/// Remarks may be changed at any time, the order itself only before it is issued. A failed order is started again.
fn update(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let id = members
        .positive("sslId")?
        .ok_or_else(|| Refusal::null_member("sslId"))?;
    let mut order = world
        .order(Kind::Ssl, id)
        .cloned()
        .ok_or_else(Refusal::certificate_not_found)?;
    if CORE_MEMBERS.iter().any(|name| members.has(name)) {
        change_request(world, ask, &members, &mut order)?;
    }
    if let Some(comments) = members.text("comments", 1024)? {
        order.comments = Some(comments);
    }
    if let Some(requester) = addresses(&members)? {
        order.external_requester = Some(requester);
    }
    if let Some(suspended) = members.flag("suspendNotifications")? {
        order.suspend_notifications = suspended;
    }
    if let Some(details) = members.object("autoRenewDetails")? {
        order.auto_renew = Some(AutoRenew {
            state: details.required_text("state", 64)?,
            days_before_expiration: details.positive("daysBeforeExpiration")?,
        });
    }
    if members.has("customFields") {
        order.custom_fields = ordering::custom_values(world, &members, Kind::Ssl, None)?;
    }
    world.keep(order);
    let order = world
        .order(Kind::Ssl, id)
        .ok_or_else(Refusal::certificate_not_found)?;
    let style = dates::style(ask, world.settings.switches.dates);
    Ok(Reply::json(&view::details(world, order, style)))
}

fn change_request(
    world: &World,
    ask: &Ask,
    members: &JsonBody,
    order: &mut Order,
) -> Result<(), Refusal> {
    let open = matches!(
        order.state,
        State::Requested | State::Declined | State::Rejected | State::Invalid
    );
    if !open {
        let text = format!(
            "Not authorized to perform update in state {}",
            view::status(world, order)
        );
        return Err(Refusal::coded(-3, text));
    }
    if let Some(org_id) = members.positive("orgId")? {
        order.org_id = org_id;
    }
    if let Some(profile) = members.positive("certTypeId")? {
        order.profile = profile;
    }
    let organisation = ordering::organisation(world, order.org_id, Kind::Ssl)?;
    let asked = Some(order.profile);
    let profile = ordering::profile(world, Kind::Ssl, organisation, order.org_id, asked)?;
    let term = members.positive("term")?.unwrap_or(order.term);
    order.term = ordering::term(profile, Some(term), world.longest_term(Kind::Ssl))?;
    let csr = match members.text("csr", LONGEST_CSR)? {
        Some(text) => parse_csr(&text)?,
        None => stored_csr(order)?,
    };
    ordering::check_key(&csr, profile)?;
    let common_name = members
        .filled_text("commonName", 64)?
        .unwrap_or_else(|| order.common_name.clone());
    let names = members
        .texts("subjectAlternativeNames", 256)?
        .unwrap_or_else(|| view::other_names(order));
    (order.common_name, order.names) = unique_names(Some(&common_name), names.into_iter())?;
    order.csr = csr.der;
    if order.state != State::Requested {
        order.course = ordering::order_course(ask.effects.clone().or(&profile.course));
        order.dates.declined = None;
        ordering::set_off(world, ask, order);
    }
    Ok(())
}
