//! All routes of a backend, with the settings that all of them share.

use super::Field;
use super::route::Route;
use super::values::IgnoredFields;

/// All routes of a backend.
pub struct Router<E> {
    pub title: &'static str,
    pub description: &'static str,
    /// The version of the backend, as OpenAPI shows it.
    pub version: &'static str,
    routes: Vec<Route<E>>,
    ignored_fields: Vec<IgnoredFields>,
}

impl<E: Send + Sync + 'static> Router<E> {
    /// If a path matches several routes, the first one that has the operation is used.
    pub fn new(
        title: &'static str,
        description: &'static str,
        version: &'static str,
        routes: Vec<Route<E>>,
    ) -> Self {
        Self {
            title,
            description,
            version,
            routes,
            ignored_fields: Vec::new(),
        }
    }

    /// Fields that every operation accepts with a warning and does not use, unless it takes them itself. `why`
    /// completes the warning.
    pub fn ignore_fields(mut self, groups: &'static [&'static [Field]], why: &'static str) -> Self {
        self.ignored_fields.push(IgnoredFields { groups, why });
        self
    }

    /// The fields that every operation accepts and does not use.
    pub fn ignored_fields(&self) -> &[IgnoredFields] {
        &self.ignored_fields
    }

    pub fn routes(&self) -> &[Route<E>] {
        &self.routes
    }
}
