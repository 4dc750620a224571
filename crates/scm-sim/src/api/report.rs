//! Reports: many certificates with their comments and custom fields in one call.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::ssl_read::text_matches;
use super::{dates, view};
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::order::{Order, State};
use crate::settings::Kind;
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Post,
        path: "/report/{version}/ssl-certificates",
        call: "report_ssl",
        handler: ssl,
    },
    Route {
        verb: Verb::Post,
        path: "/report/{version}/client-certificates",
        call: "report_client",
        handler: client,
    },
];

fn ssl(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    report(world, ask, Kind::Ssl)
}

fn client(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    report(world, ask, Kind::Client)
}

/// An empty body is refused; an empty object asks for all certificates.
fn report(world: &World, ask: &Ask, kind: Kind) -> Result<Reply, Refusal> {
    let wanted = Wanted::read(&JsonBody::parse(&ask.body)?)?;
    let reports: Vec<Value> = world
        .orders()
        .filter(|order| order.kind == kind && wanted.holds(world, order))
        .map(|order| shown(world, order))
        .collect();
    Ok(Reply::json(&json!({ "statusCode": 0, "reports": reports })))
}

struct Wanted {
    organisations: Vec<i64>,
    common_name: Option<String>,
    external_requester: Option<String>,
    status: Option<i64>,
    date: Option<i64>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Wanted {
    fn read(members: &JsonBody) -> Result<Self, Refusal> {
        let moment = |name: &str, end_of_day: bool| {
            members
                .text(name, 64)?
                .filter(|text| !text.is_empty())
                .map(|text| moment(&text, end_of_day).ok_or_else(Refusal::unreadable_body))
                .transpose()
        };
        let number =
            |name: &str, allowed: std::ops::RangeInclusive<i64>| match members.integer(name)? {
                Some(number) if !allowed.contains(&number) => {
                    Err(Refusal::member_limit(name, "is not a known value"))
                }
                number => Ok(number),
            };
        Ok(Self {
            organisations: members.integers("organizationIds")?.unwrap_or_default(),
            common_name: members.text("commonName", 256)?,
            external_requester: members.text("externalRequester", 512)?,
            status: number("certificateStatus", 0..=4)?,
            date: number("certificateDateAttribute", 2..=5)?,
            from: moment("from", false)?,
            to: moment("to", true)?,
        })
    }

    fn holds(&self, world: &World, order: &Order) -> bool {
        let part_of = |wanted: &Option<String>, value: Option<&str>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| text_matches(world, wanted, value.unwrap_or_default()))
        };
        (self.organisations.is_empty() || self.organisations.contains(&i64::from(order.org_id)))
            && part_of(&self.common_name, Some(&order.common_name))
            && part_of(
                &self.external_requester,
                order.external_requester.as_deref(),
            )
            && self.status_holds(world, order)
            && self.date_holds(order)
    }

    fn status_holds(&self, world: &World, order: &Order) -> bool {
        let expired = order.expired(world.now());
        match self.status {
            None | Some(0) => true,
            Some(1) => matches!(order.state, State::Requested | State::Applied),
            Some(2) => order.state == State::Issued && !expired,
            Some(3) => order.state == State::Revoked,
            Some(_) => expired,
        }
    }

    fn date_holds(&self, order: &Order) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        let at = match self.date {
            Some(2) => order.dates.revoked,
            Some(3) => order.certificate.as_ref().map(|issued| issued.not_after),
            Some(5) => order.dates.issued,
            _ => Some(order.requested),
        };
        at.is_some_and(|at| {
            self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at <= to)
        })
    }
}

/// Reads a day, or a time with or without an offset.
fn moment(text: &str, end_of_day: bool) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(at) = text.parse::<jiff::civil::DateTime>()
        && text.len() > 10
    {
        return at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
    }
    let day: Date = text.parse().ok()?;
    let day = if end_of_day {
        day.tomorrow().ok()?
    } else {
        day
    };
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn shown(world: &World, order: &Order) -> Value {
    let date = |at: Option<Timestamp>| at.map(dates::iso_millis);
    let issued = order.certificate.as_ref();
    let custom_fields: Vec<Value> = order
        .custom_fields
        .iter()
        .map(|field| json!({ "name": field.name, "value": field.value }))
        .collect();
    let status = match order.kind {
        Kind::Ssl => view::status(world, order),
        Kind::Client => view::client_state(world, order),
    };
    view::Object::showing(world.settings.switches.absent)
        .with("id", order.id)
        .with("commonName", order.common_name.clone())
        .with("status", status)
        .with("organizationId", order.org_id)
        .with("certTypeId", order.profile)
        .with("term", order.term)
        .with_text("comments", order.comments.clone())
        .with("customFields", custom_fields)
        .with_text("externalRequester", order.external_requester.clone())
        .with("requester", order.requester.clone())
        .with("subjectAltNames", view::other_names(order))
        .with_text(
            "serialNumber",
            issued.map(|issued| view::serial(world, issued)),
        )
        .with("sha1", issued.map(view::sha1))
        .with("backendCertId", order.backend_id().to_string())
        .with("requested", date(Some(order.requested)))
        .with_text("issued", date(order.dates.issued))
        .with_text("revoked", date(order.dates.revoked))
        .with_text("expires", date(issued.map(|issued| issued.not_after)))
        .value()
}
