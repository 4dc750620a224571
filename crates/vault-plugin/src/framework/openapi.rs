//! The OpenAPI 3.0 document of a backend, made from the declarations.
//!
//! The document contains only what the server keeps: the server decodes it into types of its own, which have no `$ref`
//! from a plugin, no `oneOf` and no `additionalProperties`. So every schema is written where it is used.

use serde_json::{Map, Value as Json, json};

use super::route::{Action, Route, Segment};
use super::router::Router;
use super::{Field, FieldKind, Value};
use crate::logical::Operation;

/// The document of some routes. `prefix`, if the server gives one, distinguishes the operation ids from those of other
/// mounts.
pub fn document<E: Send + Sync + 'static>(
    router: &Router<E>,
    routes: &[&Route<E>],
    prefix: &str,
) -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for route in routes {
        let item = paths
            .entry(template(route))
            .or_insert_with(|| path_item(route));
        for action in &route.actions {
            if let (Some(method), Some(item)) = (method(action.operation), item.as_object_mut()) {
                item.insert(method.into(), operation(route, action, prefix));
            }
        }
    }
    json!({
        "openapi": "3.0.2",
        "info": {
            "title": router.title,
            "description": router.description,
            "version": router.version,
        },
        "paths": paths,
        "components": {"schemas": {}},
    })
}

/// The path in the form `/certs/{config}/{id}`.
fn template<E>(route: &Route<E>) -> String {
    let mut path = String::new();
    for segment in &route.segments {
        path.push('/');
        match segment {
            Segment::Literal(word) => path.push_str(word),
            Segment::Param(name) => path.extend(["{", name, "}"]),
        }
    }
    if route.is_list() {
        path.push('/');
    }
    path
}

fn path_item<E>(route: &Route<E>) -> Json {
    let parameters: Vec<_> = route
        .segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Param(name) => Some(json!({
                "name": name,
                "description": route.meaning_of(name),
                "in": "path",
                "required": true,
                "schema": {"type": "string"},
            })),
        })
        .collect();
    let mut item = Map::new();
    item.insert("description".into(), route.synopsis.into());
    if !parameters.is_empty() {
        item.insert("parameters".into(), parameters.into());
    }
    if route.existence.is_some() {
        item.insert("x-vault-createSupported".into(), true.into());
    }
    Json::Object(item)
}

fn operation<E>(route: &Route<E>, action: &Action<E>, prefix: &str) -> Json {
    let mut operation = json!({
        "summary": action.synopsis,
        "operationId": operation_id(route, action.operation, prefix),
        "tags": ["secrets"],
        "responses": responses(action.operation),
    });
    if !route.description.is_empty() {
        operation["description"] = route.description.into();
    }
    if action.operation == Operation::Update {
        let properties = properties(&action.fields());
        if !properties.is_empty() {
            operation["requestBody"] = json!({
                "content": {"application/json": {"schema": {"type": "object", "properties": properties}}},
            });
        }
    } else {
        let mut parameters: Vec<_> = properties(&action.fields())
            .into_iter()
            .map(|(name, schema)| query(&name, schema))
            .collect();
        if action.operation == Operation::List {
            let mut list = query("list", json!({"type": "string", "enum": ["true"]}));
            list["description"] = "Makes this GET a list.".into();
            list["required"] = true.into();
            parameters.push(list);
        }
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
    }
    operation
}

fn method(operation: Operation) -> Option<&'static str> {
    match operation {
        Operation::Read | Operation::List => Some("get"),
        Operation::Update => Some("post"),
        Operation::Delete => Some("delete"),
        _ => None,
    }
}

/// The id of an operation, unique within a backend: the verb and every word of the path.
fn operation_id<E>(route: &Route<E>, operation: Operation, prefix: &str) -> String {
    let verb = match operation {
        Operation::Update => "write",
        Operation::Delete => "delete",
        Operation::List => "list",
        _ => "read",
    };
    let path = route.segments.iter().map(|segment| match segment {
        Segment::Literal(word) | Segment::Param(word) => *word,
    });
    let words = [prefix, verb].into_iter().chain(path).map(|word| {
        word.split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("-")
    });
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

fn responses(operation: Operation) -> Json {
    match operation {
        Operation::Delete => json!({"204": {"description": "Done."}}),
        Operation::List => json!({"200": {
            "description": "OK",
            "content": {"application/json": {"schema": {
                "type": "object",
                "properties": {"keys": {"type": "array", "items": {"type": "string"}}},
            }}},
        }}),
        _ => json!({"200": {"description": "OK"}}),
    }
}

fn query(name: &str, mut schema: Json) -> Json {
    let description = schema
        .as_object_mut()
        .and_then(|schema| schema.remove("description"))
        .unwrap_or_default();
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

/// The properties: every field by its name, then every alias.
fn properties(fields: &[&'static Field]) -> Map<String, Json> {
    let mut properties = Map::new();
    for field in fields {
        properties.insert(field.name.into(), schema(field));
    }
    for field in fields {
        for alias in field.aliases {
            let mut schema = schema(field);
            schema["description"] = format!("Another name for {}.", field.name).into();
            properties.entry(*alias).or_insert(schema);
        }
    }
    properties
}

fn schema(field: &Field) -> Json {
    let mut schema = match field.kind {
        FieldKind::Text => json!({"type": "string"}),
        FieldKind::Integer => json!({"type": "integer", "format": "int64"}),
        FieldKind::Boolean => json!({"type": "boolean"}),
        FieldKind::Seconds => json!({"type": "integer", "format": "seconds"}),
        FieldKind::TextList => json!({"type": "array", "items": {"type": "string"}}),
        FieldKind::NameValues => json!({"type": "array", "items": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "value": {"type": "string"}},
            "required": ["name", "value"],
        }}),
    };
    schema["description"] = field.description.into();
    if !field.allowed.is_empty() {
        let allowed: Json = field
            .allowed
            .iter()
            .map(|word| typed(field.kind, word))
            .collect();
        match field.kind {
            FieldKind::TextList => schema["items"]["enum"] = allowed,
            _ => schema["enum"] = allowed,
        }
    }
    if field.sensitive {
        schema["x-vault-displayAttrs"] = json!({"sensitive": true});
    } else if let Some(default) = Value::default_of(field) {
        schema["default"] = default.to_json();
    }
    if field.ignored.is_some() {
        schema["deprecated"] = true.into();
    }
    schema
}

/// An allowed word as a value of this kind.
fn typed(kind: FieldKind, word: &'static str) -> Json {
    match kind {
        FieldKind::TextList | FieldKind::NameValues => word.into(),
        _ => Value::read(kind, &word.into()).map_or_else(|_| word.into(), |value| value.to_json()),
    }
}
