//! Fields for the SCM account of a config.

use vault_plugin::framework::Field;

pub const CONFIG_TYPE: Field = Field::text(
    "sectigo_config_type",
    "Kind of certificates that this config orders. It cannot be changed once the config has certificates or orders.",
)
.allow(&["ssl_cert", "client_cert"])
.default("ssl_cert");

pub const BASE_URL: Field = Field::text(
    "sectigo_cm_base_url",
    "Address of SCM, such as https://cert-manager.com; with or without the /api part. Mandatory.",
);

pub const CUSTOMER_URI: Field = Field::text(
    "sectigo_cm_uri",
    "Customer URI: the last part of the login page's address. It is part of every certificate id. Mandatory.",
);

pub const ORG_ID: Field = Field::integer(
    "sectigo_cm_org_id",
    "Id of the organisation, or of the department, that orders belong to. Mandatory.",
);

pub const USER: Field = Field::text(
    "sectigo_cm_user",
    "SCM login name, for auth_method password and client_certificate.",
);

pub const PASSWORD: Field = Field::text(
    "sectigo_cm_password",
    "Password of the login. Goes in and never comes out.",
)
.sensitive();

pub const AUTH_METHOD: Field = Field::text(
    "auth_method",
    "How to log in to SCM: with user and password, with a TLS client certificate (SCM's /private address), or with \
     an OAuth2 client id and secret.",
)
.allow(&["password", "client_certificate", "oauth2"])
.default("password");

pub const AUTH_CERTIFICATE: Field = Field::text(
    "auth_certificate",
    "For auth_method client_certificate: the certificate and its chain, PEM.",
);

pub const AUTH_PRIVATE_KEY: Field = Field::text(
    "auth_private_key",
    "For auth_method client_certificate: its private key, PEM. Goes in and never comes out.",
)
.sensitive();

pub const OAUTH2_TOKEN_URL: Field = Field::text(
    "oauth2_token_url",
    "For auth_method oauth2: the token endpoint.",
)
.default("https://auth.sso.sectigo.com/auth/realms/apiclients/protocol/openid-connect/token");

pub const OAUTH2_CLIENT_ID: Field =
    Field::text("oauth2_client_id", "For auth_method oauth2: the client id.");

pub const OAUTH2_CLIENT_SECRET: Field = Field::text(
    "oauth2_client_secret",
    "For auth_method oauth2: the client secret. Goes in and never comes out.",
)
.sensitive();

pub const CA_BUNDLE: Field = Field::text(
    "ca_bundle",
    "PEM certificates to trust instead of the system's when talking to SCM. TLS verification cannot be turned off.",
);

pub const MAX_REQUESTS_PER_SECOND: Field = Field::integer(
    "max_requests_per_second",
    "Most requests a second that go to SCM for this config; 0 is no limit. A 429 of SCM is always obeyed.",
)
.default("0");

pub const SCM_TIMEOUT: Field = Field::seconds(
    "scm_timeout",
    "Longest wait for one answer of SCM; an order gets at least five minutes. An order whose answer is lost is looked \
     up, never sent again blindly.",
)
.default("60s");

/// The fields of the account and its login. Request files of the documented plugin contain them for every path.
pub const ACCOUNT: &[Field] = &[
    CONFIG_TYPE,
    BASE_URL,
    CUSTOMER_URI,
    ORG_ID,
    USER,
    PASSWORD,
    AUTH_METHOD,
    AUTH_CERTIFICATE,
    AUTH_PRIVATE_KEY,
    OAUTH2_TOKEN_URL,
    OAUTH2_CLIENT_ID,
    OAUTH2_CLIENT_SECRET,
];

/// The fields of the connection to SCM.
pub const CONNECTION: &[Field] = &[CA_BUNDLE, MAX_REQUESTS_PER_SECOND, SCM_TIMEOUT];

pub const ACCOUNT_IN_REQUESTS_WHY: &str =
    "the account is the config's; credentials do not belong in requests, remove them from the file";
