//! The columns of the certificate table and the orders it can be sorted in.

use std::cmp::Ordering;

use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::time;
use svpki_types::Status;

use super::row::{Renewal, Row};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    Status,
    Name,
    Expires,
    Left,
    Config,
    Mount,
    Role,
    Owner,
    Team,
    Ticket,
    AltNames,
    Key,
    Renews,
    Issued,
    Serial,
    Issuer,
    Id,
    Changes,
}

impl Column {
    pub const ALL: [Self; 18] = [
        Self::Status,
        Self::Name,
        Self::Expires,
        Self::Left,
        Self::Config,
        Self::Mount,
        Self::Role,
        Self::Owner,
        Self::Team,
        Self::Ticket,
        Self::Key,
        Self::AltNames,
        Self::Renews,
        Self::Issued,
        Self::Serial,
        Self::Issuer,
        Self::Id,
        Self::Changes,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Name => "COMMON NAME",
            Self::Expires => "EXPIRES",
            Self::Left => "LEFT",
            Self::Config => "CONFIG",
            Self::Mount => "MOUNT",
            Self::Role => "ROLE",
            Self::Owner => "OWNER",
            Self::Team => "TEAM",
            Self::Ticket => "TICKET",
            Self::AltNames => "ALT NAMES",
            Self::Key => "KEY",
            Self::Renews => "RENEWS",
            Self::Issued => "ISSUED",
            Self::Serial => "SERIAL",
            Self::Issuer => "ISSUER",
            Self::Id => "ID",
            Self::Changes => "CHANGES",
        }
    }

    /// The name of the column in the settings file and in the header of an export.
    pub fn name(self) -> String {
        self.title().to_lowercase().replace(' ', "_")
    }

    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// The minimum width, and the share of the spare room in relation to the other columns.
    pub fn room(self) -> (u16, u16) {
        match self {
            Self::Status => (12, 0),
            Self::Name => (20, 2),
            Self::Expires | Self::Issued => (10, 0),
            Self::Left => (11, 0),
            Self::Config => (9, 1),
            Self::Mount | Self::Role | Self::Team | Self::Ticket => (9, 1),
            Self::Owner => (12, 2),
            Self::AltNames => (16, 3),
            Self::Key => (17, 0),
            Self::Renews => (14, 1),
            Self::Serial => (17, 2),
            Self::Issuer => (14, 2),
            Self::Id => (14, 1),
            Self::Changes => (9, 1),
        }
    }

    /// The text of a table cell.
    pub fn cell(self, row: &Row, mount: &str, now: i64, theme: Theme) -> String {
        let date = |at: i64| {
            if at == 0 {
                "-".to_owned()
            } else {
                time::date(at)
            }
        };
        match self {
            Self::Status => match row.status {
                Some(status) => format!("{} {status}", theme.symbol(status)),
                None => "? unknown".to_owned(),
            },
            Self::Name => row.common_name().to_owned(),
            Self::Expires => date(row.not_after),
            Self::Left if row.not_after == 0 => "-".to_owned(),
            Self::Left => time::relative(row.not_after, now),
            Self::Config => row.config.to_string(),
            Self::Mount => mount.to_owned(),
            Self::Role => row.role.to_string(),
            Self::Owner => row.labels.owner.clone(),
            Self::Team => row.labels.team.clone(),
            Self::Ticket => row.labels.ticket.clone(),
            Self::AltNames => alt_names(row),
            Self::Key if row.has_key => row.key_type.to_string(),
            Self::Key => format!("{}, no key", row.key_type),
            Self::Renews => match row.renewal(now) {
                Some(Renewal::Failed) => {
                    let why = row.renewal_failure(now).unwrap_or_default();
                    format!("{} failed: {why}", theme.symbol(Status::Failed))
                }
                Some(Renewal::Blocked) => {
                    let why = row.renew_blocked.as_deref().unwrap_or_default();
                    format!("{} blocked: {why}", theme.symbol(Status::Failed))
                }
                Some(Renewal::Off) => "off".to_owned(),
                Some(Renewal::Due) => "due now".to_owned(),
                Some(Renewal::Planned) => date(row.renew_at),
                None => "-".to_owned(),
            },
            Self::Issued => date(row.not_before),
            Self::Serial => row.serial().to_owned(),
            Self::Issuer => row.issuer.to_string(),
            Self::Id => row.id.to_string(),
            Self::Changes => row.changes.to_string(),
        }
    }

    /// The plain value for an export.
    pub fn value(self, row: &Row, mount: &str) -> String {
        let moment = |at: i64| {
            if at == 0 {
                String::new()
            } else {
                time::rfc3339(at)
            }
        };
        match self {
            Self::Status => row
                .status
                .map(Status::as_str)
                .unwrap_or_default()
                .to_owned(),
            Self::Expires => moment(row.not_after),
            Self::Issued => moment(row.not_before),
            Self::Renews => moment(row.renew_at),
            Self::Left => String::new(),
            Self::Mount => mount.to_owned(),
            Self::Role => row.role.to_string(),
            Self::Owner => row.labels.owner.clone(),
            Self::Team => row.labels.team.clone(),
            Self::Ticket => row.labels.ticket.clone(),
            Self::AltNames => row.alt_names().to_owned(),
            Self::Key => row.key_type.to_string(),
            Self::Name => row.common_name().to_owned(),
            Self::Config => row.config.to_string(),
            Self::Serial => row.serial().to_owned(),
            Self::Issuer => row.issuer.to_string(),
            Self::Id => row.id.to_string(),
            Self::Changes => row.changes.to_string(),
        }
    }
}

/// Orders empty texts last.
fn named_first(a: &str, b: &str) -> Ordering {
    (a.is_empty(), a).cmp(&(b.is_empty(), b))
}

/// Alternative names without the common name, which has its own column. The number of further names comes first,
/// because the end of the cell may be cut off.
fn alt_names(row: &Row) -> String {
    let others: Vec<&str> = row
        .alt_names()
        .split(' ')
        .filter(|name| !name.is_empty() && *name != row.common_name())
        .collect();
    match others[..] {
        [] => String::new(),
        [one] => one.to_owned(),
        [first, ..] => format!("+{} {first}", text::count(others.len() as u64 - 1)),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    pub column: Column,
    pub descending: bool,
}

impl Default for Sort {
    /// The most urgent first, see [`urgency`].
    fn default() -> Self {
        Self {
            column: Column::Status,
            descending: false,
        }
    }
}

/// The statuses by how soon they need a person, most urgent first.
pub const BY_URGENCY: [Status; 10] = [
    Status::Expiring,
    Status::Failed,
    Status::Rejected,
    Status::Declined,
    Status::Pending,
    Status::Issued,
    Status::Expired,
    Status::Replaced,
    Status::Superseded,
    Status::Revoked,
];

pub fn urgency(status: Option<Status>) -> usize {
    BY_URGENCY
        .iter()
        .position(|s| Some(*s) == status)
        .unwrap_or(BY_URGENCY.len())
}

/// Whether certificates of this status, in a list by urgency, are listed with the latest expiry first.
pub fn latest_first(status: Status) -> bool {
    matches!(
        status,
        Status::Expired | Status::Replaced | Status::Superseded | Status::Revoked
    )
}

impl Sort {
    /// Whether the server can sort rows in this order, so that the first screen is right before all rows are loaded.
    pub fn by_server(self) -> bool {
        matches!(
            self.column,
            Column::Status | Column::Expires | Column::Left | Column::Name
        )
    }

    pub fn compare(self, a: (&Row, &str), b: (&Row, &str)) -> Ordering {
        let order = self.primary(a, b);
        let order = if self.descending {
            order.reverse()
        } else {
            order
        };
        order
            .then_with(|| a.0.not_after.cmp(&b.0.not_after))
            .then_with(|| a.0.common_name().cmp(b.0.common_name()))
            .then_with(|| a.1.cmp(b.1))
            .then_with(|| a.0.config.cmp(&b.0.config))
            .then_with(|| a.0.id.cmp(&b.0.id))
    }

    fn primary(self, (a, a_mount): (&Row, &str), (b, b_mount): (&Row, &str)) -> Ordering {
        match self.column {
            Column::Status => urgency(a.status).cmp(&urgency(b.status)).then_with(|| {
                let ends = a.not_after.cmp(&b.not_after);
                if a.status.is_some_and(latest_first) {
                    ends.reverse()
                } else {
                    ends
                }
            }),
            Column::Name => a.common_name().cmp(b.common_name()),
            Column::Expires | Column::Left => a.not_after.cmp(&b.not_after),
            Column::Config => a.config.cmp(&b.config),
            Column::Mount => a_mount.cmp(b_mount),
            Column::Role => named_first(&a.role, &b.role),
            Column::Owner => named_first(&a.labels.owner, &b.labels.owner),
            Column::Team => named_first(&a.labels.team, &b.labels.team),
            Column::Ticket => named_first(&a.labels.ticket, &b.labels.ticket),
            Column::AltNames => a.alt_names().cmp(b.alt_names()),
            Column::Key => (a.has_key, &a.key_type).cmp(&(b.has_key, &b.key_type)),
            Column::Renews => {
                let due = |row: &Row| {
                    (
                        row.renew_error.is_none(),
                        row.renew_blocked.is_none(),
                        if row.renew_at == 0 {
                            i64::MAX
                        } else {
                            row.renew_at
                        },
                    )
                };
                due(a).cmp(&due(b))
            }
            Column::Issued => a.not_before.cmp(&b.not_before),
            Column::Serial => a.serial().cmp(b.serial()),
            Column::Issuer => a.issuer.cmp(&b.issuer),
            Column::Id => a.id.cmp(&b.id),
            Column::Changes => named_first(&a.changes, &b.changes),
        }
    }
}
