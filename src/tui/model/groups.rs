//! Counts the rows shown by a value that they share, such as the config.

use std::collections::BTreeMap;

use super::{Model, Renewal, Row};
use crate::filter::quoted;
use svpki_types::Status;

/// The value that rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupBy {
    Config,
    Mount,
    Owner,
    Team,
    Role,
    Issuer,
    Profile,
    Status,
    Renewal,
}

impl GroupBy {
    pub const ALL: [Self; 9] = [
        Self::Config,
        Self::Mount,
        Self::Owner,
        Self::Team,
        Self::Role,
        Self::Issuer,
        Self::Profile,
        Self::Status,
        Self::Renewal,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Mount => "mount",
            Self::Issuer => "issuer",
            Self::Profile => "profile",
            Self::Status => "status",
            Self::Renewal => "renewal",
            Self::Role => "role",
            Self::Owner => "owner",
            Self::Team => "team",
        }
    }

    /// The row's value; empty if it has none.
    fn of(self, row: &Row, mount: &str, now: i64) -> String {
        match self {
            Self::Config => row.config.to_string(),
            Self::Mount => mount.to_owned(),
            Self::Issuer => row.issuer.to_string(),
            Self::Profile => row.profile_id.map(|id| id.to_string()).unwrap_or_default(),
            Self::Status => row.status.map(|s| s.to_string()).unwrap_or_default(),
            Self::Role => row.role.to_string(),
            Self::Owner => row.labels.owner.clone(),
            Self::Team => row.labels.team.clone(),
            Self::Renewal => row
                .renewal(now)
                .map(|renewal| renewal.word().to_owned())
                .unwrap_or_default(),
        }
    }

    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|by| *by == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

/// The rows that have one value in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The value; empty for the rows that have none.
    pub name: String,
    pub count: usize,
    pub expiring: usize,
    pub failed: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    pub by: GroupBy,
    /// Groups with failed renewals first, then the largest.
    pub rows: Vec<Group>,
    pub index: usize,
}

impl Groups {
    pub fn of(model: &Model, by: GroupBy) -> Self {
        let now = model.now();
        let mut found: BTreeMap<String, Group> = BTreeMap::new();
        let rows = (0..model.store.len()).filter_map(|at| model.store.row(at));
        for (row, mount) in rows {
            let name = by.of(row, mount, now);
            let group = found.entry(name.clone()).or_insert(Group {
                name,
                count: 0,
                expiring: 0,
                failed: 0,
            });
            group.count += 1;
            group.expiring += usize::from(row.status == Some(Status::Expiring));
            group.failed += usize::from(row.renewal(now) == Some(Renewal::Failed));
        }
        let mut rows: Vec<Group> = found.into_values().collect();
        rows.sort_by_key(|group| std::cmp::Reverse((group.failed, group.count)));
        Self { by, rows, index: 0 }
    }

    /// The filter term for the selected group; `None` if no term finds its rows.
    pub fn term(&self) -> Option<String> {
        let name = &self.rows.get(self.index)?.name;
        let field = self.by.word();
        match (self.by, name.as_str()) {
            (GroupBy::Role | GroupBy::Owner | GroupBy::Team, "") => Some(format!("!{field}:*")),
            (_, "") => None,
            (_, name) => Some(format!("{field}:{}", quoted(name))),
        }
    }
}
