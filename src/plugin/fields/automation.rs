//! Fields for waiting and for automatic renewal.

use vault_plugin::framework::Field;

pub const AUTO_RENEW: Field = Field::boolean(
    "sectigo_auto_renew",
    "Renew certificates in the background when they come inside the expiry window. On a config: for all its \
     certificates; on an order: for this certificate, over the config; on fetch: for this certificate, off unless given.",
)
.alias(&["auto_renew"])
.default("false");

pub const EXPIRY_WINDOW: Field = Field::text(
    "sectigo_expiry_window",
    "When a certificate counts as expiring and is renewed: whole days before its end (30), or a part of its real \
     lifetime (33%). A window that would renew endlessly is refused.",
)
.alias(&["sectigo_ssl_cert_expiry_window"])
.default("33%");

pub const MAX_TIMEOUT: Field = Field::seconds(
    "sectigo_max_timeout",
    "How long a request waits for its certificate before it answers status pending; 0 answers at once. The order \
     goes on in the background.",
)
.default("60s");

pub const LOOP_PERIOD: Field = Field::seconds(
    "sectigo_loop_period",
    "Longest pause between two looks at SCM while a request waits; pauses start at one second and grow to it.",
)
.default("30s");

pub const SETTLE_AFTER: Field = Field::seconds(
    "settle_after",
    "After a lost answer: how long SCM may take until the order shows in its lists. Only when the order is absent \
     after that time is it sent again. Where SCM did answer, with an error of its own, a minute is enough.",
)
.default("5m");

pub const PROFILE_REFRESH: Field = Field::seconds(
    "profile_refresh_period",
    "How often stored profiles are downloaded again, and domains are looked at, in the background; 0 turns it off. \
     Domains that somebody waits for (an order, a validation that was submitted) are looked at all the same, and so are \
     those of an account that was never looked at.",
)
.default("24h");

pub const AUTOMATION: &[Field] = &[
    AUTO_RENEW,
    EXPIRY_WINDOW,
    MAX_TIMEOUT,
    LOOP_PERIOD,
    SETTLE_AFTER,
    PROFILE_REFRESH,
    super::CONFIG_REUSE,
    super::REUSE_UNTIL,
];

/// The fields of the config that an order may override.
pub const ORDER_AUTOMATION: &[Field] = &[AUTO_RENEW, EXPIRY_WINDOW];

/// How long a request waits.
pub const WAITING: &[Field] = &[MAX_TIMEOUT, LOOP_PERIOD];
