//! Help and OpenAPI, as a server requests them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

async fn help(path: &str, data: Json) -> (String, Map<String, Json>) {
    let answer = ask(Operation::Help, path, data).await.unwrap().unwrap();
    let text = answer.data["help"].as_str().unwrap().to_owned();
    (text, answer.data)
}

#[tokio::test]
async fn every_path_has_help_and_a_valid_document() {
    for path in [
        "",
        "/",
        "rooms",
        "rooms/",
        "rooms/a",
        "rooms/a/",
        "rooms/a/b",
        "rooms/:room/:shelf",
        "state",
        "nowhere",
        "rooms/a/b/c",
        "//",
        "..",
        "\u{0}",
        "ä",
    ] {
        for data in [
            Json::Null,
            json!({"requestResponsePrefix": "library"}),
            json!({"requestResponsePrefix": 5}),
        ] {
            let (text, data) = help(path, data).await;
            assert!(text.len() > 40, "{path}: {text}");
            assert!(data.contains_key("see_also"));
            assert_eq!(violations(&data["openapi"]), [""; 0], "{path}");
        }
    }
}

#[tokio::test]
async fn the_mount_lists_its_paths() {
    let (text, data) = help("", Json::Null).await;
    for part in [
        "Keeps shelves.",
        "rooms/:room/\n        Shelves of a room",
        "rooms/:room/:shelf",
        "state",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert_eq!(data["see_also"], Json::Null);
    let paths = data["openapi"]["paths"].as_object().unwrap();
    assert_eq!(
        paths.keys().collect::<Vec<_>>(),
        [
            "/rooms/{room}/",
            "/rooms/{room}/{shelf}",
            "/settings",
            "/state"
        ]
    );
}

#[tokio::test]
async fn a_path_explains_its_fields() {
    let (text, data) = help("rooms/east/a1", Json::Null).await;
    assert_eq!(
        text,
        "\
Request:  rooms/east/a1
Path:     rooms/:room/:shelf

One shelf

## OPERATIONS

    write: Put up a shelf
    read: Look at a shelf

## PARAMETERS

    room (in the path)
        Name of the room.

    shelf (in the path)
        Name of the shelf.

    shelf_colour (text)
        Colour of the shelf.
        Also: colour.
        One of: red, Blue.
        Default: red
        For: write.

    depth (whole number)
        Depth in centimetres.
        One of: 30, 60.
        For: write.

    pin (text)
        Opens the lock.
        For: write.

    labels (list, or text with commas)
        Words on it.
        For: write.

    extras (list of {name, value}, or object)
        Whatever else there is.
        For: write.

    dry (true or false)
        Only look.
        Default: false

    wait (seconds, or 90s, 5m, 1h30m, 2d)
        How long to wait.
        Default: 1m
        For: write.

    old_size (text)
        Was the size.
        Accepted and not used: sizes are gone.
        For: write.

    accepted by read and not used
        a shelf is read as it is.
        title, pin.

## DESCRIPTION

    A shelf holds books. It has a colour.
"
    );
    assert_eq!(data["openapi"]["paths"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn a_beginning_of_paths_and_an_unknown_one_are_answered_too() {
    let (text, _) = help("rooms", Json::Null).await;
    assert!(text.starts_with("Paths that begin with rooms:"), "{text}");
    let (text, _) = help("rooms/a", Json::Null).await;
    assert!(
        text.contains("Path:     rooms/:room/\n") && text.contains("## SEE ALSO"),
        "{text}"
    );
    let (text, data) = help(&"x".repeat(1 << 20), Json::Null).await;
    assert!(text.starts_with("There is no path \"xxx") && text.len() < 1_000);
    assert_eq!(data["openapi"]["paths"], json!({}));
}

#[tokio::test]
async fn the_document_says_what_the_declarations_say() {
    let (_, data) = help("", json!({"requestResponsePrefix": "library"})).await;
    let shelf = &data["openapi"]["paths"]["/rooms/{room}/{shelf}"];
    assert_eq!(shelf["x-vault-createSupported"], true);
    assert_eq!(
        shelf["post"]["operationId"],
        "library-write-rooms-room-shelf"
    );
    let fields =
        &shelf["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"];
    assert_eq!(
        fields["shelf_colour"],
        json!({"type": "string", "description": "Colour of the shelf.", "enum": ["red", "Blue"], "default": "red"})
    );
    assert_eq!(
        fields["colour"]["description"],
        "Another name for shelf_colour."
    );
    assert_eq!(fields["depth"]["enum"], json!([30, 60]));
    assert_eq!(fields["wait"]["default"], 60);
    assert_eq!(
        fields["pin"]["x-vault-displayAttrs"],
        json!({"sensitive": true})
    );
    assert_eq!(fields["old_size"]["deprecated"], true);

    let list = &data["openapi"]["paths"]["/rooms/{room}/"]["get"];
    let queries: Vec<_> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["name"])
        .collect();
    assert_eq!(queries, ["limit", "list"]);
}

#[test]
fn the_rules_find_what_is_wrong() {
    let document = json!({
        "openapi": "3.0.2",
        "info": {"title": "t", "version": "v"},
        "paths": {
            "/a/{x}": {
                "parameters": [{"name": "y", "in": "path", "schema": {"type": "text"}}],
                "get": {"operationId": "one", "responses": {}},
                "post": {"operationId": "one", "responses": {"200": {"description": "OK"}},
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/x"}}}}},
            },
            "/a/{z}": {},
        },
    });
    let found = violations(&document).join("\n");
    for part in [
        "type text",
        "y is not in the path",
        "must be required",
        "x is not declared",
        "no responses",
        "one twice",
        "$ref",
        "/a/{z} is /a/{x}",
    ] {
        assert!(found.contains(part), "{part} is missing in\n{found}");
    }
}

/// Violations of OpenAPI 3.0.2 in a document, and members that the server would drop.
fn violations(document: &Json) -> Vec<String> {
    let mut found = Rules::default();
    if document["openapi"] != "3.0.2" {
        found.add("openapi", "not 3.0.2");
    }
    for member in ["title", "version"] {
        if document["info"][member].as_str().is_none_or(str::is_empty) {
            found.add("info", &format!("no {member}"));
        }
    }
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        found.path(path, item);
    }
    found.texts
}

#[derive(Default)]
struct Rules {
    texts: Vec<String>,
    ids: BTreeSet<String>,
    shapes: BTreeMap<String, String>,
}

impl Rules {
    fn add(&mut self, place: &str, text: &str) {
        self.texts.push(format!("{place}: {text}"));
    }

    fn path(&mut self, path: &str, item: &Json) {
        if !path.starts_with('/') {
            self.add(path, "a path starts with /");
        }
        let segments: Vec<_> = path.split('/').collect();
        let templated: BTreeSet<_> = segments
            .iter()
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        let shape: Vec<_> = segments
            .iter()
            .map(|s| if s.starts_with('{') { "{}" } else { s })
            .collect();
        if let Some(other) = self.shapes.insert(shape.join("/"), path.to_owned()) {
            self.add(path, &format!("{path} is {other}"));
        }
        for (method, operation) in item.as_object().into_iter().flatten() {
            match method.as_str() {
                "get" | "post" | "delete" => {
                    let place = format!("{method} {path}");
                    self.operation(&place, operation);
                    let shared = item["parameters"].as_array().into_iter().flatten();
                    let own = operation["parameters"].as_array().into_iter().flatten();
                    self.parameters(&place, &templated, shared.chain(own));
                }
                "description" | "parameters" => {}
                known if known.starts_with("x-") => {}
                other => self.add(path, &format!("unknown member {other}")),
            }
        }
    }

    fn operation(&mut self, place: &str, operation: &Json) {
        match operation["operationId"].as_str() {
            None | Some("") => self.add(place, "no operationId"),
            Some(id) if !self.ids.insert(id.to_owned()) => self.add(place, &format!("{id} twice")),
            Some(_) => {}
        }
        if operation["responses"].as_object().is_none_or(Map::is_empty) {
            self.add(place, "no responses");
        }
        for (code, response) in operation["responses"].as_object().into_iter().flatten() {
            if !code
                .parse::<u16>()
                .is_ok_and(|code| (100..600).contains(&code))
            {
                self.add(place, &format!("response {code}"));
            }
            if !response["description"].is_string() {
                self.add(place, "a response without description");
            }
            self.content(place, &response["content"]);
        }
        if let Some(body) = operation.get("requestBody") {
            if body["content"].as_object().is_none_or(Map::is_empty) {
                self.add(place, "a body without content");
            }
            self.content(place, &body["content"]);
        }
    }

    fn content(&mut self, place: &str, content: &Json) {
        for (media, of_type) in content.as_object().into_iter().flatten() {
            self.schema(&format!("{place} {media}"), &of_type["schema"]);
        }
    }

    fn parameters<'a>(
        &mut self,
        place: &str,
        templated: &BTreeSet<&str>,
        parameters: impl Iterator<Item = &'a Json>,
    ) {
        let mut declared = BTreeSet::new();
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap_or_default();
            let place = format!("{place} {name}");
            if !declared.insert((parameter["in"].as_str(), name)) {
                self.add(&place, "twice");
            }
            match parameter["in"].as_str() {
                Some("query") => {}
                Some("path") if !templated.contains(name) => {
                    self.add(&place, &format!("{name} is not in the path"));
                    if parameter["required"] != true {
                        self.add(&place, "a path parameter must be required");
                    }
                }
                Some("path") if parameter["required"] != true => {
                    self.add(&place, "a path parameter must be required");
                }
                Some("path") => {}
                other => self.add(&place, &format!("in {other:?}")),
            }
            self.schema(&place, &parameter["schema"]);
        }
        for name in templated {
            if !declared.contains(&(Some("path"), name)) {
                self.add(place, &format!("{name} is not declared"));
            }
        }
    }

    fn schema(&mut self, place: &str, schema: &Json) {
        if schema.get("$ref").is_some() {
            self.add(place, "$ref is lost on its way through the server");
            return;
        }
        let fits = |value: &Json| match schema["type"].as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64(),
            Some("boolean") => value.is_boolean(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => false,
        };
        match schema["type"].as_str() {
            Some("string" | "integer" | "boolean") => {}
            Some("array") => self.schema(&format!("{place}[]"), &schema["items"]),
            Some("object") => {
                for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                    self.schema(&format!("{place}.{name}"), property);
                }
            }
            other => self.add(place, &format!("type {}", other.unwrap_or("missing"))),
        }
        let samples = schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .chain(schema.get("default"));
        for sample in samples.filter(|sample| !fits(sample)) {
            self.add(place, &format!("{sample} is not of the type"));
        }
    }
}

#[test]
fn the_reference_page_holds_every_path_and_every_field_once() {
    let router = router();
    let page = super::super::reference_page(&router);
    for route in router.routes() {
        assert!(
            page.contains(&format!("\n### `{}`\n", route.pattern)),
            "{page}"
        );
    }
    for field in SHELF {
        let heading = format!("\n### `{}`\n", field.name);
        assert_eq!(page.matches(&heading).count(), 1, "{}\n{page}", field.name);
    }
    assert!(page.contains("- Also: `colour`"), "{page}");
    assert!(
        page.contains("Accepted and not used: sizes are gone"),
        "{page}"
    );
    assert!(page.contains("- Secret: never shown"), "{page}");
}

#[test]
fn a_name_with_two_meanings_has_a_description_for_each() {
    const SEATS: Field = Field::integer("limit", "Most seats.");
    let route = |pattern, field| {
        Route::new(pattern, "A place").on(Operation::Read, "Look", field, read_state)
    };
    let router = Router::new(
        "Library",
        "Keeps shelves.",
        "v1.2.3",
        vec![
            route("shelf", &[&[LIMIT]]),
            route("table", &[&[SEATS]]),
            route("desk", &[&[LIMIT]]),
        ],
    );
    let page = super::super::reference_page(&router);
    let limit = "\n### `limit`\n\n\
                 Most entries.\n\n- Form: whole number\n- On: `shelf`, `desk`\n\n\
                 Most seats.\n\n- Form: whole number\n- On: `table`\n";
    assert!(page.ends_with(limit), "{page}");
}
