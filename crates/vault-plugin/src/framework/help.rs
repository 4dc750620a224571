//! The answers to `path-help`, made from the declarations.

use serde_json::Value as Json;

use super::check::shortened;
use super::openapi;
use super::route::{Route, Segment};
use super::router::Router;
use super::{Field, FieldKind, IgnoredFields};
use crate::logical::{Operation, Request, Response};

/// The width of a help text in columns.
const WIDTH: usize = 90;

/// Help never fails and is never empty: the server asks every mount for its help to describe itself, and one mount
/// without an answer breaks the whole document.
pub fn answer<E: Send + Sync + 'static>(router: &Router<E>, request: &Request) -> Response {
    let path = request.path.trim_matches('/');
    let prefix = match request.data.get("requestResponsePrefix") {
        Some(Json::String(prefix)) => prefix.as_str(),
        _ => "",
    };
    let asked: Vec<&Route<E>> = router
        .routes()
        .iter()
        .filter(|route| answers(route, path))
        .collect();
    let below: Vec<&Route<E>> = router
        .routes()
        .iter()
        .filter(|route| begins(route, path))
        .collect();

    let (text, shown) = if path.is_empty() {
        (mount(router), router.routes().iter().collect())
    } else if !asked.is_empty() {
        let others = below
            .iter()
            .filter(|route| asked.iter().all(|a| !std::ptr::eq(*a, **route)));
        (paths(path, &asked, others.copied()), asked)
    } else if !below.is_empty() {
        (beginnings(path, &below), below)
    } else {
        (unknown(router, path), Vec::new())
    };

    let see_also: Vec<_> = shown.iter().map(|route| route.pattern).collect();
    let mut response = Response::default();
    response.data.insert("help".into(), text.into());
    response.data.insert(
        "see_also".into(),
        if path.is_empty() || see_also.len() < 2 {
            Json::Null
        } else {
            see_also.into()
        },
    );
    response
        .data
        .insert("openapi".into(), openapi::document(router, &shown, prefix));
    response
}

/// Whether `path` matches the route, or is its pattern. A `/` at the end is ignored.
fn answers<E>(route: &Route<E>, path: &str) -> bool {
    let given = path.split('/').count();
    given == route.segments.len() && begins(route, path)
}

/// Whether the route begins with `path`.
fn begins<E>(route: &Route<E>, path: &str) -> bool {
    let given: Vec<_> = path.split('/').collect();
    given.len() <= route.segments.len()
        && route
            .segments
            .iter()
            .zip(given)
            .all(|(segment, text)| match segment {
                Segment::Literal(word) => *word == text,
                Segment::Param(_) => !text.is_empty(),
            })
}

fn mount<E: Send + Sync + 'static>(router: &Router<E>) -> String {
    let mut page = Page::default();
    page.line(router.title);
    page.gap();
    page.text(0, router.description);
    page.heading("PATHS");
    page.text(
        0,
        "Relative to the mount. A word after ':' stands for a name of yours. Ask for help on any of them; what you \
         may do there is up to your policies.",
    );
    page.gap();
    list(&mut page, router.routes().iter());
    if !router.ignored_fields().is_empty() {
        page.heading("ACCEPTED EVERYWHERE AND NOT USED");
    }
    for ignored_fields in router.ignored_fields() {
        page.text(
            4,
            &format!(
                "{}: {}.",
                names(ignored_fields).join(", "),
                ignored_fields.why
            ),
        );
        page.gap();
    }
    page.done()
}

fn names(ignored_fields: &IgnoredFields) -> Vec<&'static str> {
    ignored_fields.fields().map(|field| field.name).collect()
}

fn unknown<E: Send + Sync + 'static>(router: &Router<E>, path: &str) -> String {
    let mut page = Page::default();
    page.text(0, &format!("There is no path {:?} here.", shortened(path)));
    page.heading("PATHS");
    list(&mut page, router.routes().iter());
    page.done()
}

fn beginnings<E>(path: &str, below: &[&Route<E>]) -> String {
    let mut page = Page::default();
    page.text(0, &format!("Paths that begin with {}:", shortened(path)));
    page.gap();
    list(&mut page, below.iter().copied());
    page.done()
}

fn list<'a, E: 'a>(page: &mut Page, routes: impl Iterator<Item = &'a Route<E>>) {
    for route in routes {
        page.line(&format!("    {}", route.pattern));
        page.text(8, route.synopsis);
        page.gap();
    }
}

fn paths<'a, E: 'a>(
    path: &str,
    asked: &[&Route<E>],
    others: impl Iterator<Item = &'a Route<E>>,
) -> String {
    let mut page = Page::default();
    page.line(&format!("Request:  {}", shortened(path)));
    for route in asked {
        one_path(&mut page, route);
    }
    let mut others = others.peekable();
    if others.peek().is_some() {
        page.heading("SEE ALSO");
        list(&mut page, others);
    }
    page.done()
}

fn one_path<E>(page: &mut Page, route: &Route<E>) {
    page.line(&format!("Path:     {}", route.pattern));
    page.gap();
    page.text(0, route.synopsis);

    page.heading("OPERATIONS");
    for action in &route.actions {
        page.text(
            4,
            &format!("{}: {}", verb(action.operation), action.synopsis),
        );
    }

    let fields = fields_of(route);
    if !route.params.is_empty() || !fields.is_empty() {
        page.heading("PARAMETERS");
    }
    for (name, meaning) in &route.params {
        page.line(&format!("    {name} (in the path)"));
        page.text(8, meaning);
        page.gap();
    }
    for (field, operations) in &fields {
        let only = (operations.len() < route.actions.len()).then_some(operations.as_slice());
        one_field(page, field, only);
    }
    for (operation, ignored_fields) in &route.ignored_fields {
        page.line(&format!(
            "    accepted by {} and not used",
            verb(*operation)
        ));
        page.text(8, &format!("{}.", ignored_fields.why));
        page.text(8, &format!("{}.", names(ignored_fields).join(", ")));
        page.gap();
    }

    if !route.description.is_empty() {
        page.heading("DESCRIPTION");
        page.text(4, route.description);
    }
    page.gap();
}

/// Every field of a route once, with the operations that accept it.
fn fields_of<E>(route: &Route<E>) -> Vec<(&'static Field, Vec<Operation>)> {
    let mut fields: Vec<(&'static Field, Vec<Operation>)> = Vec::new();
    for action in &route.actions {
        for field in action.fields() {
            match fields
                .iter_mut()
                .find(|(known, _)| known.name == field.name)
            {
                Some((_, operations)) => operations.push(action.operation),
                None => fields.push((field, vec![action.operation])),
            }
        }
    }
    fields
}

fn one_field(page: &mut Page, field: &Field, only: Option<&[Operation]>) {
    page.line(&format!("    {} ({})", field.name, form(field.kind)));
    page.text(8, field.description);
    if let Some(why) = field.ignored {
        page.text(8, &format!("Accepted and not used: {why}."));
    }
    if !field.aliases.is_empty() {
        page.text(8, &format!("Also: {}.", field.aliases.join(", ")));
    }
    if !field.allowed.is_empty() {
        page.text(8, &format!("One of: {}.", field.allowed.join(", ")));
    }
    if let (Some(default), false) = (field.default, field.sensitive) {
        page.text(8, &format!("Default: {default}"));
    }
    if let Some(operations) = only {
        let verbs: Vec<_> = operations
            .iter()
            .map(|operation| verb(*operation))
            .collect();
        page.text(8, &format!("For: {}.", verbs.join(", ")));
    }
    page.gap();
}

/// Describes how a value is written.
pub(super) fn form(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Integer => "whole number",
        FieldKind::Boolean => "true or false",
        FieldKind::Seconds => "seconds, or 90s, 5m, 1h30m, 2d",
        FieldKind::TextList => "list, or text with commas",
        FieldKind::NameValues => "list of {name, value}, or object",
    }
}

/// The name of an operation on the command line.
pub(super) fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::Create | Operation::Update => "write",
        Operation::Read => "read",
        Operation::Patch => "patch",
        Operation::Delete => "delete",
        Operation::List => "list",
        Operation::Header => "head",
        _ => "other",
    }
}

/// A text of wrapped lines, without consecutive empty lines.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, words: &str) {
        self.gap();
        self.line(&format!("## {words}"));
        self.gap();
    }

    /// Adds the paragraphs of `text`, wrapped.
    fn text(&mut self, indent: usize, text: &str) {
        for paragraph in text.lines() {
            let mut line = " ".repeat(indent);
            let mut columns = indent;
            for word in paragraph.split_whitespace() {
                let width = word.chars().count();
                if columns > indent && columns + 1 + width > WIDTH {
                    self.line(&line);
                    line.truncate(indent);
                    columns = indent;
                }
                if columns > indent {
                    line.push(' ');
                    columns += 1;
                }
                line.push_str(word);
                columns += width;
            }
            self.line(line.trim_end());
        }
    }

    fn done(self) -> String {
        format!("{}\n", self.text.trim_end())
    }
}
