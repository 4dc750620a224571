//! Rows are counted by class: all rows of a class change their status by time in the same way.

use serde::{Deserialize, Serialize};

use super::super::store::{Key, Standing, Store};
use super::super::window::Window;
use super::row::RenewalRule;
use crate::domain::{ConfigName, Status};
use crate::plugin::logical::Error;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    pub config: ConfigName,
    pub standing: Standing,
    /// Seconds from `not_before` to `not_after`.
    pub lifetime: i64,
    #[serde(default)]
    pub auto_renew: Option<bool>,
    #[serde(default)]
    pub window: Option<Window>,
}

impl Class {
    pub fn window_seconds(&self, rule: RenewalRule) -> i64 {
        self.window.unwrap_or(rule.window).seconds(self.lifetime)
    }

    pub fn renews(&self, rule: RenewalRule) -> bool {
        self.standing == Standing::Live && self.auto_renew.unwrap_or(rule.auto_renew)
    }

    pub fn status(&self, rule: RenewalRule, not_after: i64, now: i64) -> Status {
        if let Some(status) = self.standing.fixed() {
            status
        } else if not_after <= now {
            Status::Expired
        } else if not_after - self.window_seconds(rule) <= now {
            Status::Expiring
        } else {
            Status::Issued
        }
    }

    /// Whether some row of this class can have this status at some time.
    pub fn may_be(&self, status: Status) -> bool {
        match self.standing.fixed() {
            Some(fixed) => fixed == status,
            None => matches!(status, Status::Issued | Status::Expiring | Status::Expired),
        }
    }
}

/// The table that gives each class its number. It only ever grows, by a class a new kind of lifetime.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classes {
    classes: Vec<Class>,
}

impl Classes {
    pub async fn load(store: &Store) -> Result<Self, Error> {
        Ok(store.read(&Key::index_classes()).await?.unwrap_or_default())
    }

    /// The number of a class, and whether it is new.
    pub fn number(&mut self, class: &Class) -> (u32, bool) {
        if let Some(at) = self.classes.iter().position(|known| known == class) {
            return (u32::try_from(at).unwrap_or(u32::MAX), false);
        }
        self.classes.push(class.clone());
        (
            u32::try_from(self.classes.len() - 1).unwrap_or(u32::MAX),
            true,
        )
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, &Class)> {
        self.classes
            .iter()
            .enumerate()
            .map(|(n, class)| (u32::try_from(n).unwrap_or(u32::MAX), class))
    }
}
