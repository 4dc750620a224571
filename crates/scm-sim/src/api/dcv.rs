//! Domain control validation of one SSL certificate. The values of `dcvStatus` are an assumption.

use serde_json::{Value, json};

use super::dates;
use super::ssl_end::found;
use crate::domain::{Method, Proof, order_method};
use crate::http::{Ask, Refusal, Reply, Route, Verb};
use crate::order::Order;
use crate::settings::DateStyle;
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}/{id}/dcv",
        call: "dcv",
        handler: info,
    },
    Route {
        verb: Verb::Post,
        path: "/ssl/{version}/{id}/dcv/recheck",
        call: "dcv_recheck",
        handler: recheck,
    },
];

fn info(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = found(world, ask)?;
    let shown = shown(world, &order);
    Ok(Reply::json(&if world.settings.switches.dcv_as_array {
        Value::Array(vec![shown])
    } else {
        shown
    }))
}

/// Before this handler runs, the CA has checked again what the instructions require.
fn recheck(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let order = found(world, ask)?;
    Ok(Reply::json(&shown(world, &order)).with_status(202))
}

fn shown(world: &World, order: &Order) -> Value {
    let time = |at| dates::written(at, DateStyle::IsoHms);
    let checked = time(world.now());
    let status = if order.dcv_open {
        "AWAITING_VALIDATION"
    } else {
        "VALIDATED"
    };
    let log: Vec<Value> = order
        .names
        .iter()
        .map(|name| {
            json!({
                "dcvStatus": status,
                "domainName": name,
                "lastCheck": checked,
                "nextCheck": checked,
                "dcvDate": time(order.requested),
            })
        })
        .collect();
    if !order.dcv_open {
        return json!({ "dcvLog": { "log": log }, "instructions": [] });
    }
    let domains = order.names.join(", ");
    let instructions: Vec<Value> = order
        .names
        .iter()
        .map(|name| instruction(order, name))
        .collect();
    json!({
        "dcvLog": {
            "error": {
                "code": -1137,
                "description": format!("DCV is not completed or expired for the domains: {domains}"),
            },
            "log": log,
        },
        "instructions": instructions,
    })
}

/// The instructions for one name, with the requested method, or else with a CNAME record.
fn instruction(order: &Order, name: &str) -> Value {
    let method = order_method(order);
    let proof = Proof::of_order(order);
    let domain = name.trim_start_matches("*.");
    let mut shown = json!({ "domainName": name, "dcvMode": method.order_word() });
    match method {
        Method::Email => {
            let email = order.dcv.as_ref().and_then(|wish| wish.email.clone());
            shown["dcvEmail"] = email.unwrap_or_else(|| format!("admin@{domain}")).into();
        }
        Method::Http | Method::Https => {
            let scheme = method.order_word().to_lowercase();
            shown["url"] = format!("{scheme}://{domain}{}", proof.path()).into();
            shown["file"] = proof.lines().join("\n").into();
        }
        Method::Txt | Method::Cname => {
            let (host, point) = match method {
                Method::Txt => proof.txt(domain),
                _ => proof.cname(domain),
            };
            shown["host"] = host.into();
            shown["point"] = point.into();
        }
    }
    shown
}
