//! `POST ssl/…/enroll`.

use std::net::IpAddr;

use serde_json::json;

use super::ordering::{Particulars, Request, is_email};
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::order::DcvWish;
use crate::settings::Kind;
use crate::world::World;

pub const ROUTES: &[Route] = &[Route {
    verb: Verb::Post,
    path: "/ssl/{version}/enroll",
    call: "enroll",
    handler: enroll,
}];

fn enroll(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let names = members.text("subjAltNames", LONGEST_NAMES)?;
    let external_requester = external_requester(world, &members)?;
    let dcv = dcv_wish(&members)?;
    let mode = dcv.as_ref().and_then(|wish| wish.mode.as_ref());
    if mode.is_none() && world.settings.switches.require_dcv_mode {
        return Err(Refusal::null_member("dcvMode"));
    }
    let request = Request::read(world, ask, &members, Kind::Ssl)?;
    let (common_name, names) = names_of(request.csr.common_name.as_deref(), names.as_deref())?;
    let particulars = Particulars {
        common_name,
        names,
        external_requester,
        dcv,
        ..Particulars::default()
    };
    let order = request.place(world, ask, Kind::Ssl, particulars)?;
    let mut answer = json!({ "sslId": order.id });
    if world.settings.switches.tells_renew_id {
        answer["renewId"] = order.renew_id.into();
    }
    Ok(Reply::json(&answer))
}

const LONGEST_NAMES: usize = 32_767;

/// Only the CSR's common name and the comma-separated list of the request count; other names in the CSR are ignored.
fn names_of(
    common_name: Option<&str>,
    listed: Option<&str>,
) -> Result<(String, Vec<String>), Refusal> {
    let listed = listed
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    unique_names(common_name, listed)
}

/// The common name first, without duplicates. Each must be a host name or an IP address.
pub fn unique_names(
    common_name: Option<&str>,
    listed: impl Iterator<Item = String>,
) -> Result<(String, Vec<String>), Refusal> {
    let mut names: Vec<String> = Vec::new();
    for name in common_name.map(str::to_owned).into_iter().chain(listed) {
        if !is_host(&name) {
            let text = format!("Domain name '{name}' is invalid");
            return Err(Refusal::coded(-732, text));
        }
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            names.push(name);
        }
    }
    match names.first() {
        Some(first) => Ok((first.clone(), names)),
        None => Err(Refusal::coded(-727, "Domain name is missing")),
    }
}

/// Whether this is a host name, which may begin with `*.`, or an IP address.
fn is_host(name: &str) -> bool {
    let host = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.parse::<IpAddr>().is_ok() || (host.len() <= 253 && host.split('.').all(label))
}

/// `a@x` or `a@x, b@x`. Empty text counts as absent, which a customer's policy may refuse.
fn external_requester(world: &World, members: &JsonBody) -> Result<Option<String>, Refusal> {
    let given = addresses(members)?.filter(|text| !text.trim().is_empty());
    if given.is_none() && world.settings.switches.require_external_requester {
        return Err(Refusal::coded(-139, "External requester is required"));
    }
    Ok(given)
}

/// Reads `externalRequester`.
pub fn addresses(members: &JsonBody) -> Result<Option<String>, Refusal> {
    let given = members.text("externalRequester", 512)?;
    let valid = given
        .iter()
        .filter(|text| !text.trim().is_empty())
        .flat_map(|text| text.split(','))
        .all(|address| is_email(address.trim()));
    if valid {
        Ok(given)
    } else {
        Err(Refusal::coded(-518, "External requester e-mail is invalid"))
    }
}

/// Reads `dcvMode` and `dcvEmail`; null and empty text count as absent.
pub fn dcv_wish(members: &JsonBody) -> Result<Option<DcvWish>, Refusal> {
    let given = |name, longest| {
        let text = members.text(name, longest);
        text.map(|text| text.filter(|text| !text.is_empty()))
    };
    let (mode, email) = (given("dcvMode", 16)?, given("dcvEmail", 256)?);
    let known = ["EMAIL", "CNAME", "HTTP", "HTTPS", "TXT", "AUTO"];
    if mode.as_deref().is_some_and(|mode| !known.contains(&mode)) {
        return Err(Refusal::unreadable_body());
    }
    if email.as_deref().is_some_and(|email| !is_email(email)) {
        return Err(Refusal::member_limit(
            "dcvEmail",
            "must be an e-mail address",
        ));
    }
    let silent = mode.is_none() && email.is_none();
    Ok((!silent).then_some(DcvWish { mode, email }))
}
