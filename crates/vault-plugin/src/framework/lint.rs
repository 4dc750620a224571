//! Finds mistakes in the declarations, for the unit tests of a backend.

use std::collections::{BTreeMap, BTreeSet};

use super::check;
use super::route::{Action, Route, Segment};
use super::router::Router;
use super::{Field, FieldKind};
use crate::logical::Operation;

impl<E: Send + Sync + 'static> Router<E> {
    /// Every mistake in the declarations as a sentence. A test of the backend asserts that there is none.
    pub fn lint(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut shapes: BTreeMap<String, &'static str> = BTreeMap::new();
        let mut operations = BTreeSet::new();
        for route in self.routes() {
            let shape = shape(route);
            let first = *shapes.entry(shape.clone()).or_insert(route.pattern);
            if first != route.pattern {
                faults.push(format!("{} and {first} are of one form", route.pattern));
            }
            for action in &route.actions {
                if !operations.insert((shape.clone(), action.operation)) {
                    faults.push(format!(
                        "{} has {:?} twice",
                        route.pattern, action.operation
                    ));
                }
                of_action(route, action, &mut faults);
            }
            of_route(route, &mut faults);
        }
        faults
    }
}

/// The pattern without the names of its parameters.
fn shape<E>(route: &Route<E>) -> String {
    let mut shape = String::new();
    for segment in &route.segments {
        shape.push('/');
        match segment {
            Segment::Literal(word) => shape.push_str(word),
            Segment::Param(_) => shape.push(':'),
        }
    }
    if route.is_list() {
        shape.push('/');
    }
    shape
}

fn of_route<E>(route: &Route<E>, faults: &mut Vec<String>) {
    let pattern = route.pattern;
    let mut fault = |text: String| faults.push(format!("{pattern}: {text}"));
    if route.synopsis.is_empty() {
        fault("no synopsis".into());
    }
    if route.actions.is_empty() {
        fault("no operation".into());
    }
    let mut named = BTreeSet::new();
    for segment in &route.segments {
        match segment {
            Segment::Literal("") => fault("an empty segment".into()),
            Segment::Param(name) if !named.insert(*name) => fault(format!("{name} twice")),
            Segment::Param(name) if route.meaning_of(name).is_empty() => {
                fault(format!("parameter {name} is not documented"));
            }
            _ => {}
        }
    }
    for (name, _) in &route.params {
        if !named.contains(name) {
            fault(format!("parameter {name} is not in the pattern"));
        }
    }
    if route.existence.is_some() && route.action(Operation::Update).is_none() {
        fault("an existence check without a write".into());
    }
    for (operation, _) in &route.ignored_fields {
        if route.action(*operation).is_none() {
            fault(format!(
                "tolerates fields on {operation:?}, which it does not have"
            ));
        }
    }
}

fn of_action<E>(route: &Route<E>, action: &Action<E>, faults: &mut Vec<String>) {
    let place = format!("{} {:?}", route.pattern, action.operation);
    let mut fault = |text: String| faults.push(format!("{place}: {text}"));
    if action.synopsis.is_empty() {
        fault("no synopsis".into());
    }
    match action.operation {
        Operation::List if !route.is_list() => fault("a list's pattern ends in /".into()),
        Operation::Read | Operation::Update | Operation::Delete if route.is_list() => {
            fault("only a list's pattern ends in /".into());
        }
        Operation::List | Operation::Read | Operation::Update | Operation::Delete => {}
        Operation::Create => fault("is declared as Update".into()),
        _ => fault("does not belong to a path".into()),
    }
    let mut spellings: BTreeMap<&str, &Field> = BTreeMap::new();
    for field in action.groups.iter().copied().flatten() {
        for text in of_field(field) {
            fault(format!("{}: {text}", field.name));
        }
        for spelling in check::spellings(field) {
            if let Some(other) = spellings.insert(spelling, field)
                && other != field
            {
                fault(format!(
                    "{spelling} is a name of {} and of {}",
                    other.name, field.name
                ));
            }
        }
    }
}

fn of_field(field: &Field) -> Vec<String> {
    let mut faults = Vec::new();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if check::spellings(field).any(|name| name.is_empty() || !name.bytes().all(plain)) {
        faults.push("names are lower case letters, digits and _".into());
    }
    if field.description.is_empty() {
        faults.push("no description".into());
    }
    if !field.allowed.is_empty() && matches!(field.kind, FieldKind::Boolean | FieldKind::NameValues)
    {
        faults.push("allowed values are not checked for this kind".into());
    }
    if let Some(default) = field.default
        && let Err(problem) = check::read(field, field.name, &default.into())
    {
        faults.push(format!("its default: {problem}"));
    }
    faults
}
