//! Organisations with their departments, and the definitions of custom fields.

use serde_json::{Value, json};

use crate::http::{Ask, Refusal, Reply, Route, Verb};
use crate::settings::{Kind, Organisation};
use crate::world::World;

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/organization/{version}",
        call: "organizations",
        handler: list,
    },
    Route {
        verb: Verb::Get,
        path: "/organization/{version}/{id}",
        call: "organization",
        handler: details,
    },
    Route {
        verb: Verb::Get,
        path: "/organization/{version}/report-type/{type}",
        call: "organizations",
        handler: by_type,
    },
    Route {
        verb: Verb::Get,
        path: "/organization/{version}/managedBy/{role}",
        call: "organizations",
        handler: list,
    },
    Route {
        verb: Verb::Get,
        path: "/organization/{version}/managed-by/{role}",
        call: "organizations",
        handler: list,
    },
    Route {
        verb: Verb::Get,
        path: "/customField/{version}",
        call: "custom_field_definitions",
        handler: custom_fields,
    },
];

fn list(world: &mut World, _: &Ask) -> Result<Reply, Refusal> {
    Ok(all(world, |_| true))
}

fn by_type(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    match ask.param("type") {
        "SSL" => Ok(all(world, |organisation| organisation.ssl_api)),
        "Client" => Ok(all(world, |organisation| organisation.client_api)),
        "Device" | "CodeSign" => Ok(all(world, |_| false)),
        _ => Err(Refusal::no_such_path()),
    }
}

fn all(world: &World, chosen: impl Fn(&Organisation) -> bool) -> Reply {
    let shown = world
        .settings
        .organisations
        .iter()
        .filter(|organisation| chosen(organisation))
        .map(in_list)
        .collect();
    Reply::json(&Value::Array(shown))
}

fn in_list(organisation: &Organisation) -> Value {
    let departments: Vec<Value> = organisation
        .departments
        .iter()
        .map(|department| {
            json!({
                "id": department.id,
                "name": department.name,
                "parentName": organisation.name,
            })
        })
        .collect();
    json!({
        "id": organisation.id,
        "name": organisation.name,
        "departments": departments,
    })
}

/// The details of an organisation or of a department.
fn details(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let unknown = || Refusal::coded(-1023, "Organization is not found").with_status(404);
    let id: u32 = ask.param("id").parse().map_err(|_| unknown())?;
    let organisation = world.settings.organisation(id).ok_or_else(unknown)?;
    let department = organisation.departments.iter().find(|dep| dep.id == id);
    let mut cert_types = Vec::new();
    if organisation.ssl_api {
        cert_types.push("SSL");
    }
    if organisation.client_api {
        cert_types.push("SMIME");
    }
    let mut shown = match department {
        None => in_list(organisation),
        Some(department) => json!({
            "id": department.id,
            "name": department.name,
            "parentName": organisation.name,
        }),
    };
    if let Value::Object(members) = &mut shown {
        members.insert("certTypes".to_owned(), json!(cert_types));
        members.insert("sslCertsApiEnabled".to_owned(), json!(organisation.ssl_api));
        members.insert(
            "clientCertsApiEnabled".to_owned(),
            json!(organisation.client_api),
        );
        members.insert("address1".to_owned(), json!("1 Example Street"));
        members.insert("city".to_owned(), json!("Exampleton"));
        members.insert("country".to_owned(), json!("US"));
    }
    Ok(Reply::json(&shown))
}

/// `certType` is `SSL` or `SMIME`; the answer has it in lower case.
fn custom_fields(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let wanted = match ask.query("certType") {
        None => None,
        Some("SSL") => Some(Kind::Ssl),
        Some("SMIME") => Some(Kind::Client),
        Some(_) => return Err(Refusal::unreadable_body()),
    };
    let shown = world
        .settings
        .custom_fields
        .iter()
        .filter(|field| wanted.is_none_or(|kind| kind == field.kind))
        .map(|field| {
            let mut input = json!({ "type": field.input });
            if !field.options.is_empty() {
                input["options"] = json!(field.options);
            }
            let everywhere = ["ADMIN_UI", "WEB_FORM", "REST_API", "SOAP_API"];
            let mandatories: &[&str] = if field.mandatory { &everywhere } else { &[] };
            json!({
                "id": field.id,
                "name": field.name,
                "certType": match field.kind {
                    Kind::Ssl => "ssl",
                    Kind::Client => "smime",
                },
                "mandatories": mandatories,
                "state": "ACTIVE",
                "input": input,
            })
        })
        .collect();
    Ok(Reply::json(&Value::Array(shown)))
}
