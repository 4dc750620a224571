//! The reference of all paths and fields as a page of Markdown, made from the declarations.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::help::{form, verb};
use super::route::Route;
use super::router::Router;
use super::{Field, IgnoredFields};

/// Every path with its operations and their fields, then every field by name.
pub fn page<E: Send + Sync + 'static>(router: &Router<E>) -> String {
    let mut page = format!("# {}\n\n{}\n\n", router.title, router.description);
    page.push_str(
        "Paths are relative to the mount; a word after `:` stands for a name of yours. Each of these texts is also \
         in the server: `vault path-help <mount>/<path>`.\n\n",
    );
    for ignored_fields in router.ignored_fields() {
        let _ = write!(
            page,
            "Every operation that does not take them itself accepts {} with a warning and does not use them: {}.\n\n",
            names(ignored_fields),
            ignored_fields.why
        );
    }
    page.push_str("## Paths\n");
    for route in router.routes() {
        one_path(&mut page, route);
    }
    page.push_str("\n## Fields\n");
    for (name, declarations) in fields(router) {
        let _ = write!(page, "\n### `{name}`\n");
        for (field, paths) in declarations {
            one_field(&mut page, field, &paths);
        }
    }
    page
}

/// A declaration of a field, with the patterns of the paths that accept the field.
type Declaration = (&'static Field, Vec<&'static str>);

/// The declarations by field name. A name with different meanings on different paths has several declarations.
fn fields<E: Send + Sync + 'static>(
    router: &Router<E>,
) -> BTreeMap<&'static str, Vec<Declaration>> {
    let mut fields: BTreeMap<&str, Vec<Declaration>> = BTreeMap::new();
    for route in router.routes() {
        for field in route.actions.iter().flat_map(|action| action.fields()) {
            let declarations = fields.entry(field.name).or_default();
            match declarations.iter_mut().find(|known| known.0 == field) {
                Some((_, paths)) if paths.contains(&route.pattern) => {}
                Some((_, paths)) => paths.push(route.pattern),
                None => declarations.push((field, vec![route.pattern])),
            }
        }
    }
    fields
}

fn one_path<E>(page: &mut String, route: &Route<E>) {
    let _ = write!(page, "\n### `{}`\n\n{}.", route.pattern, route.synopsis);
    if !route.description.is_empty() {
        let _ = write!(page, " {}", route.description);
    }
    page.push_str("\n\n");
    for (name, meaning) in &route.params {
        let _ = writeln!(page, "- `:{name}`: {meaning}");
    }
    for action in &route.actions {
        let _ = write!(
            page,
            "- **{}**: {}",
            verb(action.operation),
            action.synopsis
        );
        let names: Vec<String> = action.fields().into_iter().map(link).collect();
        if !names.is_empty() {
            let _ = write!(page, ". Fields: {}", names.join(", "));
        }
        page.push('\n');
    }
    for (operation, ignored_fields) in &route.ignored_fields {
        let _ = writeln!(
            page,
            "- {} accepts and does not use {}: {}",
            verb(*operation),
            names(ignored_fields),
            ignored_fields.why
        );
    }
}

fn names(ignored_fields: &IgnoredFields) -> String {
    let names: Vec<String> = ignored_fields
        .fields()
        .map(|field| format!("`{}`", field.name))
        .collect();
    names.join(", ")
}

fn one_field(page: &mut String, field: &Field, paths: &[&str]) {
    let _ = write!(
        page,
        "\n{}\n\n- Form: {}\n",
        field.description,
        form(field.kind)
    );
    let quoted = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        words.join(", ")
    };
    if let Some(why) = field.ignored {
        let _ = writeln!(page, "- Accepted and not used: {why}");
    }
    if !field.aliases.is_empty() {
        let _ = writeln!(page, "- Also: {}", quoted(field.aliases));
    }
    if !field.allowed.is_empty() {
        let _ = writeln!(page, "- One of: {}", quoted(field.allowed));
    }
    if let (Some(default), false) = (field.default, field.sensitive) {
        let _ = writeln!(page, "- Default: `{default}`");
    }
    if field.sensitive {
        page.push_str("- Secret: never shown\n");
    }
    let _ = writeln!(page, "- On: {}", quoted(paths));
}

fn link(field: &'static Field) -> String {
    format!("[`{}`](#{})", field.name, field.name)
}
