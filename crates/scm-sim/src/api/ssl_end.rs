//! Ends an SSL certificate or its order: revoke, mark as revoked, approve, decline, delete.

use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::order::{Order, Revocation, State};
use crate::settings::Kind;
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/revoke/{id}",
        call: "revoke",
        handler: revoke,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/revoke/serial/{serial}",
        call: "revoke_serial",
        handler: revoke_by_serial,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/revoke/manual",
        call: "mark_revoked",
        handler: mark_revoked,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/approve/{id}",
        call: "approve",
        handler: approve,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/decline/{id}",
        call: "decline",
        handler: decline,
    },
    Route {
        verb: Verb::Delete,
        path: "/ssl/{version}/{id}",
        call: "delete",
        handler: delete,
    },
];

fn revoke(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = found(world, ask)?;
    revoke_order(world, ask, order)
}

fn revoke_by_serial(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let serial = ask.param("serial");
    let mut order = by_serial(world, serial, Kind::Ssl)?;
    let Some(at) = order.retired_at(serial) else {
        return revoke_order(world, ask, order);
    };
    let members = JsonBody::parse(&ask.body)?;
    let reason_code = reason_code(world, &members)?;
    members.required_text("reason", 512)?;
    if order.retired[at].revoked.is_some() {
        return Err(already_revoked());
    }
    order.retired[at].revoked = Some(Revocation {
        at: world.now(),
        reason_code,
    });
    world.keep(order);
    Ok(Reply::no_content())
}

fn already_revoked() -> Refusal {
    Refusal::coded(-159, "Certificate is already revoked")
}

fn revoke_order(world: &mut World, ask: &Ask, order: Order) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let reason_code = reason_code(world, &members)?;
    members.required_text("reason", 512)?;
    revoke_at_ca(world, order, reason_code)
}

/// Revokes an issued certificate. SCM makes no difference whether it is expired.
pub fn revoke_at_ca(
    world: &mut World,
    mut order: Order,
    reason_code: u8,
) -> Result<Reply, Refusal> {
    check_revocable(&order)?;
    World::revoke(&mut order, world.now(), reason_code);
    world.keep(order);
    Ok(Reply::no_content())
}

fn check_revocable(order: &Order) -> Result<(), Refusal> {
    match order.state {
        State::Issued => Ok(()),
        State::Revoked => Err(already_revoked()),
        _ => {
            let text = "Only issued certificates can be revoked";
            Err(Refusal::coded(-102, text))
        }
    }
}

/// 0, 1, 3, 4 or 5, as a number or as text. A missing code is 0, unless the switch requires the code.
pub fn reason_code(world: &World, members: &JsonBody) -> Result<u8, Refusal> {
    match members.integer("reasonCode")? {
        None if world.settings.switches.strict_reason_code => {
            Err(Refusal::null_member("reasonCode"))
        }
        None => Ok(0),
        Some(code @ (0 | 1 | 3 | 4 | 5)) => Ok(code as u8),
        Some(_) => Err(Refusal::member_limit(
            "reasonCode",
            "must be one of 0, 1, 3, 4, 5",
        )),
    }
}

pub fn by_serial(world: &World, serial: &str, kind: Kind) -> Result<Order, Refusal> {
    world
        .order_by_serial(serial)
        .filter(|order| order.kind == kind)
        .cloned()
        .ok_or_else(Refusal::certificate_not_found)
}

fn mark_revoked(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    mark_revoked_of(world, ask, Kind::Ssl)
}

/// Marks the certificate as revoked only in SCM; CA, CRL and OCSP do not change.
pub fn mark_revoked_of(world: &mut World, ask: &Ask, kind: Kind) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let reason_code = reason_code(world, &members)?;
    let at = match members.text("revokeDate", 64)? {
        None => world.now(),
        Some(text) => text.parse().map_err(|_| Refusal::unreadable_body())?,
    };
    let serial = members.text("serialNumber", 256)?;
    let mut order = match (members.positive("certId")?, serial) {
        (Some(id), _) => world
            .order(kind, id)
            .cloned()
            .ok_or_else(Refusal::certificate_not_found)?,
        (None, Some(serial)) if members.has("issuer") => by_serial(world, &serial, kind)?,
        _ => {
            let text = "At least one of fields certId, serialNumber and issuer is required";
            return Err(Refusal::coded(-951, text));
        }
    };
    check_revocable(&order)?;
    order.state = State::Revoked;
    order.dates.revoked = Some(at);
    order.reason_code = Some(reason_code);
    world.keep(order);
    Ok(Reply::no_content())
}

fn approve(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut order = awaiting_verdict(world, ask, "approve")?;
    if world.settings.switches.forbid_own_approval && order.requester == ask.caller.login {
        let text = "Requester is not allowed to approve own request";
        return Err(Refusal::coded(-1140, text));
    }
    world.approve(&mut order, world.now());
    world.keep(order);
    Ok(Reply::no_content())
}

fn decline(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut order = awaiting_verdict(world, ask, "decline")?;
    World::decline(&mut order, world.now());
    world.keep(order);
    Ok(Reply::no_content())
}

fn awaiting_verdict(world: &World, ask: &Ask, step: &str) -> Result<Order, Refusal> {
    let order = found(world, ask)?;
    JsonBody::parse(&ask.body)?.required_text("message", 512)?;
    if order.state == State::Requested {
        Ok(order)
    } else {
        let text = format!("Cannot {step} a certificate in state {:?}", order.state);
        Err(Refusal::coded(-1112, text))
    }
}

fn delete(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = found(world, ask)?;
    delete_imported(world, &order)
}

/// Certificates that SCM ordered cannot be deleted, only imported ones.
pub fn delete_imported(world: &mut World, order: &Order) -> Result<Reply, Refusal> {
    if !order.imported {
        let text = "Not authorized to perform delete: the certificate is managed";
        return Err(Refusal::coded(-3, text));
    }
    world.remove_order(order.id);
    Ok(Reply::no_content())
}

pub fn found(world: &World, ask: &Ask) -> Result<Order, Refusal> {
    world
        .order(Kind::Ssl, ask.id()?)
        .cloned()
        .ok_or_else(Refusal::certificate_not_found)
}
