//! Looks up fields of a request: first in the request, then in the defaults of its config.

use super::config::Config;
use super::field_values::{profile_id, term, text};
use vault_plugin::framework::{Field, Values};
use vault_plugin::logical::Error;

/// The fields of a request, with those of its config as defaults.
pub struct EffectiveFields<'a> {
    pub request: &'a Values,
    pub config: &'a Config,
}

impl EffectiveFields<'_> {
    pub fn text(&self, field: &Field) -> Option<String> {
        text(self.layer(field), field)
    }

    pub fn text_list(&self, field: &Field) -> Option<Vec<String>> {
        self.layer(field).text_list(field)
    }

    pub fn name_values(&self, field: &Field) -> Option<Vec<(String, String)>> {
        self.layer(field).name_values(field)
    }

    pub fn boolean(&self, field: &Field) -> Option<bool> {
        self.layer(field).boolean(field)
    }

    pub fn seconds(&self, field: &Field) -> Option<u64> {
        self.layer(field).seconds(field)
    }

    pub fn profile_id(&self) -> Result<Option<i64>, Error> {
        match profile_id(self.request, self.config.kind)? {
            Some(id) => Ok(Some(id)),
            None => profile_id(&self.config.given, self.config.kind),
        }
    }

    pub fn term(&self) -> Result<Option<i64>, Error> {
        match term(self.request, self.config.kind)? {
            Some(term) => Ok(Some(term)),
            None => term(&self.config.given, self.config.kind),
        }
    }

    fn layer(&self, field: &Field) -> &Values {
        if self.request.has(field) {
            self.request
        } else {
            &self.config.given
        }
    }
}
