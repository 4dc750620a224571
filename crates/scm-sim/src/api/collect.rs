//! Collects a certificate: all formats, and all ways to answer "not ready".

use crate::ca::{self, Format};
use crate::http::{Ask, Refusal, Reply, Route, Verb};
use crate::order::{Order, State, id_of_backend};
use crate::settings::{Kind, NotReady};
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}/collect/{id}",
        call: "collect",
        handler: collect_ssl,
    },
    Route {
        verb: Verb::Get,
        path: "/ssl/{version}/collect/{id}/{format}",
        call: "collect",
        handler: collect_ssl,
    },
    Route {
        verb: Verb::Get,
        path: "/smime/{version}/collect/{backend}",
        call: "client_collect",
        handler: collect_client,
    },
];

fn collect_ssl(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let format = format(ask, ask.param("format"))?;
    let id = ask.id()?;
    collect(world, ask, Kind::Ssl, id, format)
}

fn collect_client(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let format = format(ask, "")?;
    let id = ask
        .param("backend")
        .parse()
        .ok()
        .and_then(id_of_backend)
        .ok_or_else(Refusal::certificate_not_found)?;
    collect(world, ask, Kind::Client, id, format)
}

/// The format from the path, or else from the query, or else the default.
fn format(ask: &Ask, in_path: &str) -> Result<Format, Refusal> {
    let name = match in_path {
        "" => ask.query("format").unwrap_or("base64"),
        name => name,
    };
    Format::named(name)
        .ok_or_else(|| Refusal::coded(-126, format!("Certificate format '{name}' is unsupported")))
}

fn collect(
    world: &mut World,
    ask: &Ask,
    kind: Kind,
    id: u32,
    format: Format,
) -> Result<Reply, Refusal> {
    let order = world
        .order(kind, id)
        .ok_or_else(Refusal::certificate_not_found)?;
    let answer = match ask.effects.not_ready {
        Some(forced) => not_ready(forced),
        None => content(world, order, format),
    };
    world.count_poll(id);
    answer
}

fn content(world: &World, order: &Order, format: Format) -> Result<Reply, Refusal> {
    let switches = &world.settings.switches;
    let encoding = order.course.not_ready.unwrap_or(switches.not_ready);
    match order.state {
        State::Requested | State::Applied => return not_ready(encoding),
        // Not documented: SCM may answer "not ready" for such an order for ever.
        State::Declined | State::Rejected | State::Invalid => {
            return not_ready(switches.never_ready);
        }
        State::Revoked if order.kind == Kind::Client => {
            return Err(Refusal::coded(-192, "The certificate has been revoked").with_status(400));
        }
        State::Revoked => {
            let text = "The certificate is revoked and cannot be downloaded";
            return Err(Refusal::coded(-110, text));
        }
        State::Issued | State::Replaced => {}
    }
    if order.work.is_some() && !switches.old_certificate_while_replacing {
        return not_ready(encoding);
    }
    let Some(issued) = &order.certificate else {
        return not_ready(encoding);
    };
    let mut issuers = vec![world.authority.issuing_der.clone()];
    if switches.include_root {
        issuers.push(world.authority.root_der.clone());
    }
    if switches.cross_signed {
        issuers.extend_from_slice(&world.authority.cross_der);
    }
    let body = ca::collected(format, &issued.der, &issuers, switches)
        .map_err(|error| Refusal::internal(error.to_string()))?;
    let content_type = match order.kind {
        Kind::Ssl => "application/octet-stream;charset=UTF-8",
        Kind::Client => "application/octet-stream",
    };
    let stem: String = order
        .common_name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let file_name = format!("{stem}.{}", format.extension());
    Ok(Reply::attachment(content_type, &file_name, body))
}

fn not_ready(encoding: NotReady) -> Result<Reply, Refusal> {
    let (code, text) = match encoding {
        NotReady::Code0 => (0, "Being processed by Sectigo"),
        NotReady::Code183 => (-183, "Certificate is not collectable."),
        NotReady::Code1400 => (-1400, "The request is being processed by Sectigo."),
        NotReady::Code103 => (-103, "The certificate is not collected yet"),
        NotReady::Code109 => (-109, "The certificate is not available now, retry later"),
        NotReady::Empty => return Ok(Reply::empty(200)),
    };
    Err(Refusal::coded(code, text).with_status(400))
}
