//! Fields of individual steps: revoke, replace, renew, delete, tidy.

use vault_plugin::framework::Field;

pub const IDEMPOTENCY_KEY: Field = Field::text(
    "idempotency_key",
    "A text of your choice for this order. The same key with the same body answers the first order's result; with \
     another body it is refused.",
);

pub const DRY_RUN: Field = Field::boolean(
    "dry_run",
    "Check everything that can be checked here, and do nothing.",
)
.default("false");

pub const REVOKE_REASON: Field = Field::text(
    "sectigo_revoke_reason",
    "Why, in words: 1 to 512 characters. Mandatory.",
)
.alias(&["reason"]);
pub const REASON_CODE: Field = Field::integer(
    "reason_code",
    "0 unspecified, 1 key compromise, 3 affiliation changed, 4 superseded, 5 cessation of operation.",
)
.allow(&["0", "1", "3", "4", "5"])
.default("0");

pub const REPLACE_REASON: Field = Field::text(
    "sectigo_replace_reason",
    "Why, in words: 1 to 512 characters.",
)
.alias(&["reason"])
.default("replaced through Vault");
pub const REPLACE_COMMON_NAME: Field = Field::text(
    "sectigo_ssl_cert_common_name",
    "New common name; without it the name stays.",
);
pub const REVOKE_ON_REPLACE: Field = Field::boolean(
    "sectigo_client_cert_revoke_on_replace",
    "Client certificates: revoke the old certificate once the new one is here.",
)
.default("false");

pub const REUSE_KEY: Field = Field::boolean(
    "reuse_key",
    "Renew with the key that is in use instead of a fresh one.",
)
.default("false");

pub const FORCE: Field = Field::boolean(
    "force",
    "Delete the config although it has certificates or open orders. They are removed from Vault with it.",
)
.default("false");

pub const SAFETY_BUFFER: Field =
    Field::seconds("safety_buffer", "How long after its end an entry stays.").default("72h");

pub const TIDY_INTERVAL: Field = Field::seconds(
    "interval",
    "Tidy by itself this often; 0 turns the schedule off. Without it the schedule stays as it is.",
);

pub const REVOKE: &[Field] = &[REVOKE_REASON, REASON_CODE];
pub const REPLACE: &[Field] = &[REPLACE_REASON, REPLACE_COMMON_NAME, REVOKE_ON_REPLACE];
pub const RENEW: &[Field] = &[REUSE_KEY];
pub const TIDY: &[Field] = &[SAFETY_BUFFER, TIDY_INTERVAL];
