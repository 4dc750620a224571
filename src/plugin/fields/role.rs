//! Fields of roles and of requests to them, named as in Vault's own PKI engine.

use vault_plugin::framework::Field;

pub const ROLE_CONFIG: Field =
    Field::text("config", "Config that the role orders with. Mandatory.");
pub const ROLE_PROFILE: Field = Field::integer(
    "profile_id",
    "Id of the certificate profile; without it the config's.",
);
pub const ROLE_DOMAINS: Field = Field::text_list(
    "allowed_domains",
    "Domains of this role, which narrow the config's policy further. Which names of them: allow_bare_domains, \
     allow_subdomains, allow_glob_domains. Empty: the config's policy alone decides.",
);
pub const ROLE_TEMPLATE: Field = Field::boolean(
    "allowed_domains_template",
    "allowed_domains hold templates of the caller's identity: {{identity.entity.name}}, {{identity.entity.id}}, \
     {{identity.entity.metadata.KEY}}, {{identity.entity.aliases.ACCESSOR.name}}, \
     {{identity.entity.aliases.ACCESSOR.metadata.KEY}}.",
)
.default("false");
pub const ROLE_BARE: Field = Field::boolean(
    "allow_bare_domains",
    "Allow the allowed domains themselves.",
)
.default("false");
pub const ROLE_SUBDOMAINS: Field =
    Field::boolean("allow_subdomains", "Allow names below an allowed domain.").default("false");
pub const ROLE_GLOB: Field = Field::boolean(
    "allow_glob_domains",
    "A * in an allowed domain stands for any text.",
)
.default("false");
pub const ROLE_WILDCARDS: Field = Field::boolean(
    "allow_wildcard_certificates",
    "Allow names such as *.example.com.",
)
.default("true");
pub const ROLE_ANY_NAME: Field = Field::boolean(
    "allow_any_name",
    "Leave allowed_domains aside: the config's policy alone decides.",
)
.default("false");
pub const ROLE_IPS: Field = Field::boolean("allow_ip_sans", "Allow IP addresses.").default("true");
pub const ROLE_KEY_TYPE: Field = Field::text(
    "key_type",
    "Type of the key that issue makes, and that a CSR for sign must have: rsa or ec. any: issue makes the config's \
     default, sign takes every type.",
)
.allow(&["rsa", "ec", "any"])
.default("any");
pub const ROLE_KEY_BITS: Field = Field::integer(
    "key_bits",
    "RSA: 2048, 3072 or 4096. EC: 256, 384 or 521. 0: 2048, or 256.",
)
.default("0");
pub const ROLE_TTL: Field = Field::seconds(
    "ttl",
    "Validity that is ordered where a request gives none: the profile's shortest term that holds it.",
)
.default("0");
pub const ROLE_MAX_TTL: Field = Field::seconds(
    "max_ttl",
    "Longest validity that a request may ask for; 0 is no limit.",
)
.default("0");
pub const ROLE_MAX_WAIT: Field = Field::seconds(
    "max_wait",
    "How long a request waits for its certificate before it is answered with 503. Three tries of Vault's client \
     library fit into its 60 seconds with 18; clients that give up after 15 seconds (Spring) want 12.",
)
.default("18s");
pub const REUSE: Field = Field::text(
    "reuse",
    "Whether a request gets a certificate in use that serves it, key included, instead of a new order. entity: for the \
     same caller only. role: for every caller of the role (of the config). off: never, except for a repeated request \
     whose first answer may have been lost.",
)
.allow(&["entity", "role", "off"]);
pub const ROLE_REUSE: Field = REUSE.default("entity");
pub const CONFIG_REUSE: Field = REUSE.default("off");
pub const REUSE_UNTIL: Field = Field::text(
    "reuse_until",
    "A certificate is handed out again while more of its life is left than this: a part of its lifetime (33%), or \
     days (10).",
)
.default("33%");
pub const ROLE_AUTO_RENEW: Field = Field::boolean(
    "auto_renew",
    "Renew the role's certificates in the background; without it as the config says.",
);
/// Some clients repeat the role's name in the body.
pub const ROLE_NAME: Field = Field::text("name", "Name of the role: the path has it.");

/// The fields of a role.
pub const ROLE: &[Field] = &[
    ROLE_CONFIG,
    ROLE_PROFILE,
    ROLE_DOMAINS,
    ROLE_TEMPLATE,
    ROLE_BARE,
    ROLE_SUBDOMAINS,
    ROLE_GLOB,
    ROLE_WILDCARDS,
    ROLE_ANY_NAME,
    ROLE_IPS,
    ROLE_KEY_TYPE,
    ROLE_KEY_BITS,
    ROLE_TTL,
    ROLE_MAX_TTL,
    ROLE_MAX_WAIT,
    ROLE_REUSE,
    REUSE_UNTIL,
    ROLE_AUTO_RENEW,
    super::OWNER,
    super::TEAM,
    super::TICKET,
    super::METADATA,
];

macro_rules! pki {
    ($($constant:ident = $kind:ident $name:literal $default:literal;)*) => {
        $(pub const $constant: Field = Field::$kind(
            $name,
            "Field of Vault's own PKI engine; kept and answered, and without effect here.",
        )
        .default($default);)*
        /// The other fields of a role of Vault's own PKI engine. Modules and manifests write them, mostly with their
        /// defaults. Values that ask for more than SCM can do are refused.
        pub const ROLE_PKI: &[Field] = &[$($constant),*];
    };
}

pki! {
    PKI_ISSUER_REF = text "issuer_ref" "default";
    PKI_LOCALHOST = boolean "allow_localhost" "true";
    PKI_HOSTNAMES = boolean "enforce_hostnames" "true";
    PKI_SERVER_FLAG = boolean "server_flag" "true";
    PKI_CLIENT_FLAG = boolean "client_flag" "true";
    PKI_CODE_FLAG = boolean "code_signing_flag" "false";
    PKI_EMAIL_FLAG = boolean "email_protection_flag" "false";
    PKI_SIGNATURE_BITS = integer "signature_bits" "0";
    PKI_PSS = boolean "use_pss" "false";
    PKI_KEY_USAGE = text_list "key_usage" "DigitalSignature,KeyAgreement,KeyEncipherment";
    PKI_EXT_KEY_USAGE = text_list "ext_key_usage" "";
    PKI_EXT_KEY_USAGE_OIDS = text_list "ext_key_usage_oids" "";
    PKI_CSR_NAME = boolean "use_csr_common_name" "true";
    PKI_CSR_SANS = boolean "use_csr_sans" "true";
    PKI_REQUIRE_CN = boolean "require_cn" "true";
    PKI_URI_SANS = text_list "allowed_uri_sans" "";
    PKI_URI_SANS_TEMPLATE = boolean "allowed_uri_sans_template" "false";
    PKI_OTHER_SANS = text_list "allowed_other_sans" "";
    PKI_SERIALS = text_list "allowed_serial_numbers" "";
    PKI_USER_IDS = text_list "allowed_user_ids" "";
    PKI_OU = text_list "ou" "";
    PKI_ORGANIZATION = text_list "organization" "";
    PKI_COUNTRY = text_list "country" "";
    PKI_LOCALITY = text_list "locality" "";
    PKI_PROVINCE = text_list "province" "";
    PKI_STREET = text_list "street_address" "";
    PKI_POSTAL_CODE = text_list "postal_code" "";
    PKI_LEASE = boolean "generate_lease" "false";
    PKI_NO_STORE = boolean "no_store" "false";
    PKI_NO_STORE_METADATA = boolean "no_store_metadata" "false";
    PKI_POLICIES = text_list "policy_identifiers" "";
    PKI_BASIC_CONSTRAINTS = boolean "basic_constraints_valid_for_non_ca" "false";
    PKI_NOT_BEFORE = seconds "not_before_duration" "30s";
    PKI_NOT_AFTER = text "not_after" "";
    PKI_CN_VALIDATIONS = text_list "cn_validations" "email,hostname";
}

pub const ISSUE_NAME: Field = Field::text(
    "common_name",
    "Common name: a domain name or an IP address. Without it the first of alt_names.",
);
pub const ISSUE_ALT_NAMES: Field = Field::text_list(
    "alt_names",
    "Further names: DNS names, separated by commas. sign takes names from the CSR.",
);
pub const ISSUE_IPS: Field = Field::text_list("ip_sans", "IP addresses, separated by commas.");
pub const ISSUE_URIS: Field = Field::text_list(
    "uri_sans",
    "SCM puts no URI into a certificate: must be empty.",
);
pub const ISSUE_OTHERS: Field = Field::text_list(
    "other_sans",
    "SCM puts no other names into a certificate: must be empty.",
);
pub const ISSUE_USER_IDS: Field = Field::text_list(
    "user_ids",
    "SCM puts no user id into a certificate: must be empty.",
);
pub const ISSUE_SERIAL: Field = Field::text(
    "serial_number",
    "SCM puts no serial number into the subject: must be empty.",
);
pub const ISSUE_TTL: Field = Field::seconds(
    "ttl",
    "Validity: the profile's shortest term that holds it is ordered, or its longest. Default: the role's.",
);
pub const ISSUE_NOT_AFTER: Field = Field::text(
    "not_after",
    "End of validity, RFC 3339: read like a ttl from now until then.",
);
pub const ISSUE_FORMAT: Field = Field::text(
    "format",
    "pem; der, all as base64; pem_bundle, with key, certificate and chain in certificate; pkcs12_bundle and \
     jks_bundle, as base64 in certificate.",
)
.allow(&["pem", "der", "pem_bundle", "pkcs12_bundle", "jks_bundle"])
.default("pem");
pub const ISSUE_KEY_FORMAT: Field = Field::text(
    "private_key_format",
    "der: PKCS#1 or SEC 1; pem means the same in PEM; pkcs8: PKCS#8.",
)
.allow(&["der", "pem", "pkcs8"])
.default("der");
pub const ISSUE_EXCLUDE_CN: Field = Field::boolean(
    "exclude_cn_from_sans",
    "Public CAs put the common name among the names always: without effect.",
)
.default("false");
pub const ISSUE_NO_ROOT: Field = Field::boolean(
    "remove_roots_from_chain",
    "Leave a self-signed certificate at the end of the chain out.",
)
.default("false");
pub const ISSUE_ISSUER: Field = Field::text(
    "issuer_ref",
    "The CA is the profile's: anything but default is answered with a warning.",
)
.default("default");
pub const ISSUE_METADATA: Field =
    Field::text("cert_metadata", "Not kept: answered with a warning.");
pub const ISSUE_NOT_BEFORE: Field = Field::text(
    "not_before",
    "The CA says when validity begins: answered with a warning.",
);
pub const PKCS12_PASSWORD: Field = Field::text(
    "pkcs12_password",
    "Password for format pkcs12_bundle. It is not stored.",
)
.sensitive();
pub const PKCS12_ENCODER: Field = Field::text(
    "pkcs12_encoder",
    "One modern encoding is written (AES-256, PBKDF2): answered with a warning.",
);
pub const JKS_PASSWORD: Field = Field::text(
    "jks_password",
    "Password for format jks_bundle. It is not stored.",
)
.sensitive();
pub const JKS_ALIAS: Field = Field::text(
    "jks_private_key_alias",
    "The entry in the keystore has its certificate's common name: answered with a warning.",
);
pub const SIGN_CSR: Field = Field::text(
    "csr",
    "The certificate request, PEM. Its names are ordered.",
);

const ISSUE_COMMON: &[Field] = &[
    ISSUE_NAME,
    ISSUE_ALT_NAMES,
    ISSUE_IPS,
    ISSUE_URIS,
    ISSUE_OTHERS,
    ISSUE_USER_IDS,
    ISSUE_SERIAL,
    ISSUE_TTL,
    ISSUE_NOT_AFTER,
    ISSUE_NOT_BEFORE,
    ISSUE_FORMAT,
    ISSUE_EXCLUDE_CN,
    ISSUE_NO_ROOT,
    ISSUE_ISSUER,
    ISSUE_METADATA,
];
pub const ISSUE: &[&[Field]] = &[
    ISSUE_COMMON,
    &[
        ISSUE_KEY_FORMAT,
        PKCS12_PASSWORD,
        PKCS12_ENCODER,
        JKS_PASSWORD,
        JKS_ALIAS,
    ],
];
pub const SIGN: &[&[Field]] = &[&[SIGN_CSR], ISSUE_COMMON];
/// The fields for a private key, which some clients send with a CSR, too.
pub const SIGN_TOLERATED: &[&[Field]] = &[&[
    ISSUE_KEY_FORMAT,
    PKCS12_PASSWORD,
    PKCS12_ENCODER,
    JKS_PASSWORD,
    JKS_ALIAS,
]];

pub const REVOKE_SERIAL: Field = Field::text(
    "serial_number",
    "Serial number of the certificate: hexadecimal, with colons or hyphens.",
);
pub const REVOKE_CERTIFICATE: Field = Field::text("certificate", "Or the certificate itself, PEM.");
pub const REVOKE_KEY: Field = Field::text(
    "private_key",
    "The private key of the certificate, PEM: it proves that the caller has it.",
)
.sensitive();
