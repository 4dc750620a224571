//! The records in the state file of a world.

use serde::{Deserialize, Serialize};

use crate::ca::CaSeed;
use crate::domain::Domain;
use crate::order::Order;

/// One line of the state file.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    SavedIdentity(Box<SavedIdentity>),
    Order(Box<Order>),
    OrderRemoved {
        id: u32,
    },
    Person(Box<Person>),
    PersonRemoved {
        id: u32,
    },
    Domain(Box<Domain>),
    DomainRemoved {
        id: u32,
    },
    Clock {
        ahead_ms: i64,
    },
    /// All numbers up to this one were used, also those of deleted objects.
    LastId {
        id: u32,
    },
    /// Orders and people were deleted; the identity stays.
    Reset,
}

/// Generated at the first start and never changed.
#[derive(Clone, Serialize, Deserialize)]
pub struct SavedIdentity {
    pub foundation: CaSeed,
    pub password: String,
    pub client_secret: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: u32,
    pub first_name: String,
    pub middle_name: Option<String>,
    pub last_name: String,
    pub email: String,
    pub organisation_id: u32,
    pub validation_type: String,
    pub phone: Option<String>,
    pub common_name: Option<String>,
    #[serde(default)]
    pub secondary_emails: Vec<String>,
    pub eppn: Option<String>,
    pub upn: Option<String>,
}
