//! Persons, who have client certificates.

use serde_json::{Value, json};

use super::ordering::is_email;
use super::ssl_read::text_matches;
use super::view::Object;
use crate::http::{Ask, JsonBody, Refusal, Reply, Route, Verb};
use crate::world::{Person, World};

pub const ROUTES: &[Route] = &[
    Route {
        verb: Verb::Get,
        path: "/person/{version}",
        call: "person_list",
        handler: list,
    },
    Route {
        verb: Verb::Post,
        path: "/person/{version}",
        call: "person_create",
        handler: create,
    },
    Route {
        verb: Verb::Get,
        path: "/person/{version}/id/byEmail/{email}",
        call: "person_by_email",
        handler: by_email,
    },
    Route {
        verb: Verb::Get,
        path: "/person/{version}/{id}",
        call: "person",
        handler: details,
    },
    Route {
        verb: Verb::Put,
        path: "/person/{version}/{id}",
        call: "person_update",
        handler: update,
    },
    Route {
        verb: Verb::Delete,
        path: "/person/{version}/{id}",
        call: "person_delete",
        handler: delete,
    },
];

fn list(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let holds = |name: &str, value: &str| {
        ask.query(name)
            .is_none_or(|wanted| text_matches(world, wanted, value))
    };
    let found: Vec<&Person> = world
        .people()
        .filter(|person| holds("name", &full_name(person)))
        .filter(|person| holds("email", &person.email))
        .filter(|person| holds("commonName", &common_name(person)))
        .filter(|person| holds("phone", person.phone.as_deref().unwrap_or_default()))
        .filter(|person| {
            ask.query("secondaryEmail").is_none()
                || person
                    .secondary_emails
                    .iter()
                    .any(|email| holds("secondaryEmail", email))
        })
        .filter(|person| {
            ask.query("organizationId")
                .is_none_or(|id| id.parse() == Ok(person.organisation_id))
        })
        .collect();
    ask.page(found, world.settings.switches.default_page_size, shown)
}

fn by_email(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let email = ask.param("email");
    match world.person_by_email(email) {
        Some(person) => Ok(Reply::json(&json!({ "personId": person.id }))),
        None => {
            let text = format!("Person with e-mail: {email} was not found");
            Err(Refusal::coded(-105, text).with_status(404))
        }
    }
}

fn details(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    Ok(Reply::json(&shown(&found(world, ask)?)))
}

fn create(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let members = JsonBody::parse(&ask.body)?;
    let person = read(world, &members, 0)?;
    let id = world.next_id();
    world.keep_person(Person { id, ..person });
    let location = format!("{}/api/person/v1/{id}", world.base_url);
    Ok(Reply::created(location))
}

fn update(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let old = found(world, ask)?;
    let members = JsonBody::parse(&ask.body)?;
    let person = read(world, &members, old.id)?;
    world.keep_person(person);
    Ok(Reply::empty(200))
}

fn delete(world: &mut World, ask: &Ask) -> Result<Reply, Refusal> {
    let person = found(world, ask)?;
    world.remove_person(person.id);
    Ok(Reply::no_content())
}

fn found(world: &World, ask: &Ask) -> Result<Person, Refusal> {
    ask.param("id")
        .parse()
        .ok()
        .and_then(|id| world.person(id))
        .cloned()
        .ok_or_else(|| Refusal::coded(-105, "Person was not found").with_status(404))
}

fn read(world: &World, members: &JsonBody, id: u32) -> Result<Person, Refusal> {
    let organisation_id = members
        .positive("organizationId")?
        .ok_or_else(|| Refusal::null_member("organizationId"))?;
    if world.settings.organisation(organisation_id).is_none() {
        return Err(Refusal::coded(-639, "Organization id is invalid"));
    }
    let email = members.required_text("email", 128)?;
    if !is_email(&email) {
        return Err(Refusal::coded(-518, "Person e-mail is invalid"));
    }
    let validation_type = members.required_text("validationType", 16)?;
    if !["STANDARD", "HIGH"].contains(&validation_type.as_str()) {
        return Err(Refusal::unreadable_body());
    }
    if world
        .person_by_email(&email)
        .is_some_and(|known| known.id != id)
    {
        let text = format!("Person with e-mail {email} already exists");
        return Err(Refusal::coded(-524, text));
    }
    Ok(Person {
        id,
        first_name: members.required_text("firstName", 64)?,
        middle_name: members.text("middleName", 64)?,
        last_name: members.required_text("lastName", 64)?,
        email,
        organisation_id,
        validation_type,
        phone: members.text("phone", 32)?,
        common_name: members.text("commonName", 64)?,
        secondary_emails: members.texts("secondaryEmails", 128)?.unwrap_or_default(),
        eppn: members.text("eppn", 128)?,
        upn: members.text("upn", 256)?,
    })
}

fn shown(person: &Person) -> Value {
    Object::default()
        .with("id", person.id)
        .with("firstName", person.first_name.clone())
        .with("middleName", person.middle_name.clone())
        .with("lastName", person.last_name.clone())
        .with("email", person.email.clone())
        .with("organizationId", person.organisation_id)
        .with("validationType", person.validation_type.clone())
        .with("phone", person.phone.clone())
        .with("commonName", common_name(person))
        .with("secondaryEmails", person.secondary_emails.clone())
        .with("eppn", person.eppn.clone())
        .with("upn", person.upn.clone())
        .value()
}

fn common_name(person: &Person) -> String {
    person
        .common_name
        .clone()
        .unwrap_or_else(|| full_name(person))
}

fn full_name(person: &Person) -> String {
    full_name_of(
        &person.first_name,
        person.middle_name.as_deref(),
        &person.last_name,
    )
}

/// First, middle and last name, separated by single spaces.
pub fn full_name_of(first: &str, middle: Option<&str>, last: &str) -> String {
    [Some(first), middle, Some(last)]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
