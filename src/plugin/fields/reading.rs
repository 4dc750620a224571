//! Fields for the format of answers, and for paging.

use vault_plugin::framework::Field;

pub const ALIAS: Field = Field::text(
    "alias",
    "Name of the entry in format pkcs12 and pkcs12_legacy (its friendly name) and jks, where it is in lower case. \
     Default: the common name. The answer tells it as alias.",
);

pub const FORMAT: Field = Field::text(
    "format",
    "Form of the certificate in the answer: pem, pem_bundle (key, certificate and chain in one text), der, pkcs12, \
     pkcs12_legacy (3DES and SHA-1, for Windows before 2019, old macOS and Java), jks, or one of SCM's names (x509, x509CO, x509IO, x509IOR, x509R, base64, bin, pem, pemco, pemia).",
);

pub const FORMAT_PASSWORD: Field = Field::text(
    "password",
    "Password for format pkcs12, pkcs12_legacy and jks. It is not stored.",
)
.sensitive();

pub const INCLUDE_ROOT: Field = Field::boolean(
    "include_root",
    "Put the root certificate into the chain, too.",
)
.default("false");

pub const REQUIRE_KEY: Field = Field::boolean(
    "require_key",
    "Refuse the read with 404 when there is no private key to answer.",
)
.default("false");

pub const REFRESH_INTERVAL: Field = Field::seconds(
    "refresh_interval",
    "After how long vault agent, bao agent, Nomad and consul-template read it again: answered as rotation_period and \
     ttl.",
)
.default("4m");

pub const FORMATS: &[Field] = &[
    FORMAT,
    super::FORMAT_TYPE,
    FORMAT_PASSWORD,
    ALIAS,
    INCLUDE_ROOT,
];

/// Fields with the same meaning.
pub const FORMAT_SPELLINGS: &[Field] = &[FORMAT, super::FORMAT_TYPE];

/// The defaults that a config may set for the format of answers.
pub const FORMATS_DEFAULT: &[Field] = &[FORMAT, super::FORMAT_TYPE, INCLUDE_ROOT];

pub const AFTER: Field = Field::text("after", "Go on after this entry.");
pub const LIMIT: Field = Field::integer("limit", "Most entries in the answer.");

pub const PAGING: &[Field] = &[AFTER, LIMIT];

pub const HEALTH_STORED: Field = Field::boolean(
    "stored",
    "Answer what the last look found; nothing is asked at SCM.",
)
.default("false");

pub const FILTER_STATUS: Field = Field::text(
    "status",
    "Only certificates of this status, or of these, separated by commas.",
);
pub const FILTER_CONFIG: Field = Field::text("config", "Only certificates of this config.");
pub const FILTER_QUERY: Field = Field::text(
    "q",
    "Only certificates with this text in their common name, SANs, serial number or id.",
);
pub const FILTER_EXPIRES_BEFORE: Field = Field::text(
    "expires_before",
    "Only certificates that end before this time (RFC 3339 or Unix seconds).",
);
pub const FILTER_EXPIRES_AFTER: Field = Field::text(
    "expires_after",
    "Only certificates that end after this time (RFC 3339 or Unix seconds).",
);
pub const FILTER_ISSUED_AFTER: Field = Field::text(
    "issued_after",
    "Only certificates that begin after this time (RFC 3339 or Unix seconds).",
);
pub const SORT: Field = Field::text("sort", "Order of the page; prefix - to reverse.")
    .allow(&["expiration", "-expiration", "common_name", "-common_name"])
    .default("expiration");

pub const INVENTORY: &[Field] = &[
    FILTER_STATUS,
    FILTER_QUERY,
    FILTER_EXPIRES_BEFORE,
    FILTER_EXPIRES_AFTER,
    FILTER_ISSUED_AFTER,
    super::FILTER_OWNER,
    super::FILTER_TEAM,
    super::FILTER_TICKET,
    super::FILTER_METADATA,
    SORT,
];
