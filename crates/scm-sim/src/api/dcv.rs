//! Domain control validation of one SSL certificate. The words of `dcvStatus` are an assumption.

use serde_json::{Value, json};

use super::dates;
use super::ssl_end::found;
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

/// Looks again; only the control API's `validate` makes a difference.
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

/// What to do for one name, in the mode that the request asked for; otherwise with a CNAME record.
fn instruction(order: &Order, name: &str) -> Value {
    let wish = order.dcv.as_ref();
    let mode = wish
        .and_then(|wish| wish.mode.as_deref())
        .filter(|mode| *mode != "AUTO")
        .unwrap_or("CNAME");
    let token = order.renew_id.to_lowercase();
    let mut shown = json!({ "domainName": name, "dcvMode": mode });
    match mode {
        "EMAIL" => {
            let email = wish.and_then(|wish| wish.email.clone());
            shown["dcvEmail"] = email.unwrap_or_else(|| format!("admin@{name}")).into();
        }
        "HTTP" | "HTTPS" => {
            let scheme = mode.to_lowercase();
            let place = ".well-known/pki-validation/fileauth.txt";
            shown["url"] = format!("{scheme}://{name}/{place}").into();
            shown["file"] = token.into();
        }
        "TXT" => {
            shown["host"] = format!("_pki-validation.{name}.").into();
            shown["point"] = token.into();
        }
        _ => {
            shown["host"] = format!("_{token}.{name}.").into();
            shown["point"] = format!("{}.scm-sim.example.", order.id).into();
        }
    }
    shown
}
