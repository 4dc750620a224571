//! What a config allows, and where its keys live.

use vault_plugin::framework::Field;

pub const ALLOWED_DOMAINS: Field = Field::text_list(
    "allowed_domains",
    "Domains that may be ordered; empty allows all that SCM allows. Holds for the common name and every SAN, the \
     caller's CSR included. IP addresses are allowed when they stand here.",
);

pub const ALLOW_SUBDOMAINS: Field = Field::boolean(
    "allow_subdomains",
    "Allow names below an allowed domain as well.",
)
.default("false");

pub const ALLOW_WILDCARDS: Field = Field::boolean(
    "allow_wildcard_certificates",
    "Allow names such as *.example.com.",
)
.default("true");

pub const ALLOWED_EMAIL_DOMAINS: Field = Field::text_list(
    "allowed_email_domains",
    "Domains of e-mail addresses that may be ordered; empty allows all that SCM allows.",
);

pub const KEY_STORAGE: Field = Field::text(
    "key_storage",
    "vault: keep private keys, sealed, on the keys path. once: hand a key out once and forget it. never: make no \
     keys here; every order brings its CSR.",
)
.allow(&["vault", "once", "never"])
.default("vault");

pub const CERTS_INCLUDE_KEY: Field = Field::boolean(
    "certs_include_key",
    "Answer the private key on the certs path too, as the closed plugin does. Then read on certs is read on keys.",
)
.default("false");

pub const POLICY: &[Field] = &[
    ALLOWED_DOMAINS,
    ALLOW_SUBDOMAINS,
    ALLOW_WILDCARDS,
    ALLOWED_EMAIL_DOMAINS,
    KEY_STORAGE,
    CERTS_INCLUDE_KEY,
];
