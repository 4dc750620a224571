//! Domains and their delegations to organisations, and the report of domains.

use serde_json::{Value, json};

use super::domain_validation::validation_status;
use super::{dates, ssl_read::text_matches};
use crate::domain::{DcvStatus, Delegation, Domain};
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::settings::DateStyle;
use crate::world::World;

macro_rules! route {
    ($verb:ident $path:literal, $call:literal, $handler:expr) => {
        Route {
            verb: Verb::$verb,
            path: $path,
            call: $call,
            handler: $handler,
        }
    };
}

pub const ROUTES: &[Route] = &[
    route!(Get "/domain/{version}", "domains", list),
    route!(Get "/domain/{version}/count", "domains", count),
    route!(Post "/domain/{version}", "domain_create", create),
    route!(Post "/domain/{version}/delegation", "domain_delegate", delegate_many),
    route!(Get "/domain/{version}/{domain}", "domain", details),
    route!(Delete "/domain/{version}/{domain}", "domain_delete", delete),
    route!(Put "/domain/{version}/{domain}/activate", "domain_activate", |world, ask| suspend(world, ask, false)),
    route!(Put "/domain/{version}/{domain}/suspend", "domain_suspend", |world, ask| suspend(world, ask, true)),
    route!(Post "/domain/{version}/{domain}/delegation", "domain_delegate", delegate),
    route!(Delete "/domain/{version}/{domain}/delegation", "domain_undelegate", undelegate),
    route!(Post "/domain/{version}/{domain}/delegation/approve", "domain_approve", |world, ask| decide(world, ask, true)),
    route!(Post "/domain/{version}/{domain}/delegation/reject", "domain_reject", |world, ask| decide(world, ask, false)),
    route!(Post "/report/{version}/domains", "report_domains", report),
];

fn chosen(world: &World, ask: &Ask) -> Result<Vec<Domain>, Refusal> {
    let org = ask
        .query("orgId")
        .map(|text| {
            text.parse::<u32>()
                .map_err(|_| Refusal::member_limit("orgId", "must be at least 1"))
        })
        .transpose()?;
    Ok(world
        .domains()
        .filter(|domain| {
            ask.query("name")
                .is_none_or(|name| text_matches(world, name, &domain.name))
        })
        .filter(|domain| match ask.query("state") {
            Some("active") => !domain.suspended,
            Some("inactive") => domain.suspended,
            _ => true,
        })
        .filter(|domain| match ask.query("status") {
            Some("requested") => domain.delegations.iter().any(|one| one.requested),
            Some("approved") => domain.delegations.iter().all(|one| !one.requested),
            _ => true,
        })
        .filter(|domain| {
            org.is_none_or(|org| domain.delegations.iter().any(|one| one.org_id == org))
        })
        .cloned()
        .collect())
}

fn list(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let size = world.settings.switches.default_page_size;
    ask.page(
        chosen(world, ask)?,
        size,
        |domain| json!({"id": domain.id, "name": domain.name}),
    )
}

fn count(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    Ok(Reply::json(&json!({"count": chosen(world, ask)?.len()})))
}

fn details(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let domain = of_path(world, ask)?;
    let waits = domain.delegations.iter().any(|one| one.requested);
    let state = if domain.suspended {
        "SUSPENDED"
    } else {
        "ACTIVE"
    };
    let delegations: Vec<Value> = domain
        .delegations
        .iter()
        .map(|one| {
            json!({
                "orgId": one.org_id,
                "certTypes": one.cert_types,
                "domainCertificateRequestPrivileges": one.privileges,
                "status": if one.requested { "REQUESTED" } else { "ACTIVE" },
            })
        })
        .collect();
    let mut shown = json!({
        "id": domain.id,
        "name": domain.name,
        "delegationStatus": if waits { "REQUESTED" } else { "ACTIVE" },
        "state": state,
        "delegations": delegations,
    });
    if world.settings.switches.dcv_enabled {
        shown["validationStatus"] = validation_status(world, ask, &domain).into();
        if let Some(validation) = domain.validation {
            shown["validationMethod"] = validation.method.word().into();
            shown["dcvValidation"] = dates::written(validation.at, DateStyle::Iso).into();
            shown["dcvExpiration"] = dates::written(validation.until, DateStyle::Iso).into();
        }
    }
    Ok(Reply::json(&shown))
}

fn create(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let name = members.required_text("name", 255)?.to_lowercase();
    if name.chars().count() < 4 {
        return Err(Refusal::coded(-712, "The domain name is too short"));
    }
    if !name.contains('.') {
        return Err(Refusal::coded(-714, "The domain name has too few dots"));
    }
    members.text("description", 255)?;
    let suspended = members.flag("active")? == Some(false);
    let mut delegations = Vec::new();
    for one in members.objects("delegations")? {
        delegations.push(delegation(world, &one)?);
    }
    if delegations.is_empty() {
        return Err(Refusal::coded(
            -709,
            "The domain must be delegated to at least one organization",
        ));
    }
    if world.domain_by_name(&name).is_some() {
        return Err(Refusal::coded(
            -700,
            format!("The domain {name} exists already"),
        ));
    }
    let id = world.next_id();
    world.keep_domain(Domain {
        id,
        name,
        suspended,
        delegations,
        validation: None,
        running: None,
        proof: None,
    });
    Ok(Reply::created(format!(
        "{}/api/domain/v1/{id}",
        world.base_url
    )))
}

fn delegation(world: &World, members: &JsonBody) -> Result<Delegation, Refusal> {
    let org_id = members
        .positive("orgId")?
        .ok_or_else(|| Refusal::null_member("orgId"))?;
    if world.settings.organisation(org_id).is_none() {
        return Err(Refusal::coded(-1023, "Organization is not found"));
    }
    let cert_types = members.texts("certTypes", 16)?.unwrap_or_default();
    if cert_types.is_empty() {
        return Err(Refusal::null_member("certTypes"));
    }
    if cert_types
        .iter()
        .any(|kind| !["SSL", "SMIME", "CodeSign"].contains(&kind.as_str()))
    {
        return Err(Refusal::unreadable_body());
    }
    Ok(Delegation {
        org_id,
        cert_types,
        privileges: members
            .texts("domainCertificateRequestPrivileges", 32)?
            .unwrap_or_default(),
        requested: false,
    })
}

fn delete(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let domain = of_path(world, ask)?;
    let used = world
        .orders()
        .any(|order| order.names.iter().any(|name| domain.covers(name)));
    if used {
        let text = "Certificates exist for the domain or its sub-domains";
        return Err(Refusal::coded(-740, text));
    }
    world.remove_domain(domain.id);
    Ok(Reply::no_content())
}

fn suspend(world: &mut World, ask: &Ask, suspended: bool) -> Result<Reply, Refusal> {
    let domain = of_path(world, ask)?;
    world.keep_domain(Domain {
        suspended,
        ..domain
    });
    Ok(Reply::empty(200))
}

fn delegate(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let domain = of_path(world, ask)?;
    let new = delegation(world, &JsonBody::parse(&ask.body)?)?;
    add(world, domain, new);
    Ok(Reply::empty(200))
}

fn delegate_many(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let new = delegation(world, &members)?;
    let ids = members.integers("domainIds")?.unwrap_or_default();
    if ids.is_empty() || ids.len() > 1_000 {
        return Err(Refusal::member_limit(
            "domainIds",
            "must have 1 to 1000 entries",
        ));
    }
    let mut domains = Vec::new();
    for id in ids {
        let id = u32::try_from(id).map_err(|_| unknown())?;
        domains.push(world.domain(id).cloned().ok_or_else(unknown)?);
    }
    for domain in domains {
        add(world, domain, new.clone());
    }
    Ok(Reply::empty(200))
}

fn add(world: &mut World, mut domain: Domain, new: Delegation) {
    domain.delegations.retain(|one| one.org_id != new.org_id);
    domain.delegations.push(new);
    world.keep_domain(domain);
}

fn undelegate(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let mut domain = of_path(world, ask)?;
    let org = delegation(world, &JsonBody::parse(&ask.body)?)?.org_id;
    domain.delegations.retain(|one| one.org_id != org);
    world.keep_domain(domain);
    Ok(Reply::empty(200))
}

fn decide(world: &mut World, ask: &Ask, approved: bool) -> Result<Reply, Refusal> {
    let mut domain = of_path(world, ask)?;
    let members = JsonBody::parse(&ask.body)?;
    let org = members
        .positive("orgId")?
        .ok_or_else(|| Refusal::null_member("orgId"))?;
    let waits = |one: &Delegation| one.org_id == org && one.requested;
    if !domain.delegations.iter().any(waits) {
        return Err(Refusal::coded(
            -705,
            "The delegation is not in the state Requested",
        ));
    }
    if !approved {
        domain.delegations.retain(|one| !waits(one));
    }
    for one in domain
        .delegations
        .iter_mut()
        .filter(|one| one.org_id == org)
    {
        one.requested = false;
    }
    world.keep_domain(domain);
    Ok(Reply::empty(200))
}

/// Every domain with the end of its validation, in one call.
fn report(world: &mut World, _: &Ask) -> Result<Reply, Refusal> {
    let now = world.now();
    let rows: Vec<Value> = world
        .domains()
        .map(|domain| {
            let status = match (domain.standing(now), &domain.running) {
                (DcvStatus::Validated, _) => "Validated",
                (_, Some(_)) => "Action Required",
                (DcvStatus::Expired, None) => "Expired",
                (DcvStatus::NotValidated, None) => "Not Initiated",
            };
            let mut row = json!({
                "id": domain.id,
                "name": domain.name,
                "status": if domain.suspended { "Suspended" } else { "Active" },
                "dcvStatus": status,
            });
            if let Some(validation) = domain.validation {
                row["stickyUntil"] = dates::iso_millis(validation.until).into();
            }
            row
        })
        .collect();
    let body = json!({"statusCode": 0, "reports": rows}).to_string();
    Ok(Reply::attachment(
        "application/json;charset=UTF-8",
        "domains.json",
        body.into_bytes(),
    ))
}

fn of_path(world: &World, ask: &Ask) -> Result<Domain, Refusal> {
    let id: u32 = ask.param("domain").parse().map_err(|_| unknown())?;
    world.domain(id).cloned().ok_or_else(unknown)
}

fn unknown() -> Refusal {
    Refusal::coded(-727, "The domain does not exist").with_status(404)
}
