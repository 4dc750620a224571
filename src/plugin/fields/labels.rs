//! Labels of certificates: from the request, or else its role, or else its config.

use vault_plugin::framework::Field;

pub const OWNER: Field = Field::text(
    "owner",
    "Whose certificates these are. On a config: of all its certificates that say nothing themselves.",
);
pub const TEAM: Field = Field::text("team", "The team that looks after them.");
pub const TICKET: Field = Field::text("ticket", "The ticket that they were ordered for.");
pub const METADATA: Field = Field::name_values(
    "metadata",
    "Notes of your own: an array of {name, value}, or an object.",
);

pub const LABELS: &[Field] = &[OWNER, TEAM, TICKET, METADATA];

pub const FILTER_OWNER: Field = Field::text("owner", "Only certificates of this owner.");
pub const FILTER_TEAM: Field = Field::text("team", "Only certificates of this team.");
pub const FILTER_TICKET: Field = Field::text("ticket", "Only certificates of this ticket.");
pub const FILTER_METADATA: Field = Field::text_list(
    "metadata",
    "Only certificates with these notes: name=value, separated by commas.",
);
