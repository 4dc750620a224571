//! Fields for the policy of a config and the storage of its keys.

use vault_plugin::framework::Field;

pub const ALLOWED_DOMAINS: Field = Field::text_list(
    "allowed_domains",
    "Domains that may be ordered; empty allows all that SCM allows. This is the fence: it holds for the common name and \
     every alternative name, however they are spelled, and for those in the caller's CSR, on every enroll, replace and \
     renew. Rules of a server policy on parameters are no fence: a second spelling, a CSR and this config's defaults \
     pass by them. IP addresses are allowed when they stand here.",
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

pub const ALLOW_PRIVATE_NAMES: Field = Field::boolean(
    "allow_private_names",
    "For SCM profiles of a private CA: order names that no public CA may issue (localhost, one label, .local, .internal \
     and other special-use domains, private and reserved addresses). Otherwise they are refused before anything is \
     paid.",
)
.default("false");

pub const FIELD_NAMES: Field = Field::text(
    "field_names",
    "Which spelling of a field requests may use: both; sectigo (sectigo_csr_domain); short (common_name), which svpki \
     writes. With one spelling, rules of a server policy on parameters need to name only that one; they still do not \
     see into a CSR.",
)
.allow(&["both", "sectigo", "short"])
.default("both");

pub const CHAIN: Field = Field::text(
    "chain",
    "Which way up to a root the answer's chain takes when SCM delivers cross-signed CAs. compatible: the longest, which \
     clients with an old list of roots need. short: the shortest. Holds for certificates that are collected from then \
     on; the root itself is left out either way.",
)
.allow(&["compatible", "short"])
.default("compatible");

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
    ALLOW_PRIVATE_NAMES,
    FIELD_NAMES,
    CHAIN,
    KEY_STORAGE,
    CERTS_INCLUDE_KEY,
];
