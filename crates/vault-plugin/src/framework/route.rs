//! Routes: a path pattern, its fields, and what each operation does.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::Field;
use super::check::EmptyText;
use super::values::{IgnoredFields, Values};
use crate::logical::{Context, Error, Operation, Request, Response};

/// A request for a handler: path parameters and checked fields.
pub struct Call {
    pub context: Context,
    /// Without `data`, which was moved into `fields`.
    pub request: Request,
    pub fields: Values,
    pub params: BTreeMap<&'static str, String>,
}

impl Call {
    /// A parameter of the path; empty if the route has none with this name.
    pub fn param(&self, name: &str) -> &str {
        debug_assert!(self.params.contains_key(name), "no parameter {name}");
        self.params.get(name).map_or("", String::as_str)
    }
}

pub(super) type Answer = Result<Option<Response>, Error>;
pub(super) type Handler<E> = Box<dyn Fn(Arc<E>, Call) -> BoxFuture<'static, Answer> + Send + Sync>;
pub(super) type Existence<E> =
    Box<dyn Fn(Arc<E>, Call) -> BoxFuture<'static, Result<bool, Error>> + Send + Sync>;

/// The fields and the handler of one operation of a route.
pub struct Action<E> {
    pub operation: Operation,
    pub synopsis: &'static str,
    pub groups: &'static [&'static [Field]],
    pub(super) handler: Handler<E>,
}

impl<E> Action<E> {
    /// Every field once, in declared order.
    pub fn fields(&self) -> Vec<&'static Field> {
        let mut fields: Vec<&'static Field> = Vec::new();
        for field in self.groups.iter().copied().flatten() {
            if fields.iter().all(|known| known.name != field.name) {
                fields.push(field);
            }
        }
        fields
    }
}

/// A segment of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(&'static str),
    Param(&'static str),
}

/// A path of the mount. In the pattern, `:name` stands for one segment, compared exactly and case-sensitively. The
/// pattern of a list ends in `/`, and only such a pattern matches paths that end in `/`. So no two paths mean the same
/// thing, and no policy on one path can be avoided with another.
pub struct Route<E> {
    pub pattern: &'static str,
    pub synopsis: &'static str,
    pub description: &'static str,
    /// The names of the path parameters and their meaning.
    pub params: Vec<(&'static str, &'static str)>,
    pub actions: Vec<Action<E>>,
    pub ignored_fields: Vec<(Operation, IgnoredFields)>,
    pub(super) clearing: Vec<Operation>,
    pub(super) segments: Vec<Segment>,
    pub(super) existence: Option<Existence<E>>,
}

impl<E> Route<E> {
    pub fn new(pattern: &'static str, synopsis: &'static str) -> Self {
        let segments = pattern
            .trim_end_matches('/')
            .split('/')
            .map(|segment| match segment.strip_prefix(':') {
                Some(name) => Segment::Param(name),
                None => Segment::Literal(segment),
            })
            .collect();
        Self {
            pattern,
            synopsis,
            description: "",
            params: Vec::new(),
            actions: Vec::new(),
            ignored_fields: Vec::new(),
            clearing: Vec::new(),
            segments,
            existence: None,
        }
    }

    /// Sets the longer text for `path-help`.
    pub fn describe(mut self, text: &'static str) -> Self {
        self.description = text;
        self
    }

    /// Documents a path parameter.
    pub fn param(mut self, name: &'static str, meaning: &'static str) -> Self {
        self.params.push((name, meaning));
        self
    }

    /// Declares the fields and the handler of `operation`. `Update` also stands for `Create`.
    pub fn on<F, Fut>(
        mut self,
        operation: Operation,
        synopsis: &'static str,
        groups: &'static [&'static [Field]],
        handler: F,
    ) -> Self
    where
        F: Fn(Arc<E>, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send + 'static,
    {
        self.actions.push(Action {
            operation,
            synopsis,
            groups,
            handler: Box::new(move |engine, call| Box::pin(handler(engine, call))),
        });
        self
    }

    /// Declares fields that `operation` accepts with a warning and does not use. `why` completes the warning.
    pub fn ignore_fields(
        mut self,
        operation: Operation,
        groups: &'static [&'static [Field]],
        why: &'static str,
    ) -> Self {
        self.ignored_fields
            .push((operation, IgnoredFields { groups, why }));
        self
    }

    /// Lets an empty text remove a field of any kind in `operation`: the field counts as given, and the typed getters
    /// of other kinds answer `None`. In all other operations an empty text is not a valid number.
    pub fn empty_clears(mut self, operation: Operation) -> Self {
        self.clearing.push(operation);
        self
    }

    /// Sets the check that decides between create and update, for policies that allow only one of them. It gets path
    /// parameters and no fields. Without this check every write is an update.
    pub fn exists<F, Fut>(mut self, existence: F) -> Self
    where
        F: Fn(Arc<E>, Call) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<bool, Error>> + Send + 'static,
    {
        self.existence = Some(Box::new(move |engine, call| {
            Box::pin(existence(engine, call))
        }));
        self
    }

    /// The action of this route for `operation`.
    pub fn action(&self, operation: Operation) -> Option<&Action<E>> {
        let declared = declared_as(operation);
        self.actions
            .iter()
            .find(|action| action.operation == declared)
    }

    /// The meaning of a path parameter; empty if it is not documented.
    pub(super) fn meaning_of(&self, name: &str) -> &'static str {
        let documented = self.params.iter().find(|(known, _)| *known == name);
        documented.map_or("", |(_, meaning)| *meaning)
    }

    pub(super) fn ignored_fields_of(&self, operation: Operation) -> Vec<IgnoredFields> {
        let declared = declared_as(operation);
        self.ignored_fields
            .iter()
            .filter(|(on, _)| *on == declared)
            .map(|(_, ignored_fields)| *ignored_fields)
            .collect()
    }

    pub(super) fn empty_text_of(&self, operation: Operation) -> EmptyText {
        if self.clearing.contains(&declared_as(operation)) {
            EmptyText::Unset
        } else {
            EmptyText::Literal
        }
    }

    pub(super) fn is_list(&self) -> bool {
        self.pattern.ends_with('/')
    }

    /// The path parameters if `path` matches the pattern. The router checks a `/` at the end.
    pub(super) fn matched(&self, path: &str) -> Option<BTreeMap<&'static str, String>> {
        let given: Vec<_> = path.split('/').collect();
        if given.len() != self.segments.len() {
            return None;
        }
        let mut params = BTreeMap::new();
        for (segment, text) in self.segments.iter().zip(given) {
            match segment {
                Segment::Literal(word) if *word == text => {}
                Segment::Param(name) if !text.is_empty() => {
                    params.insert(*name, text.to_owned());
                }
                _ => return None,
            }
        }
        Some(params)
    }
}

fn declared_as(operation: Operation) -> Operation {
    match operation {
        Operation::Create => Operation::Update,
        other => other,
    }
}
