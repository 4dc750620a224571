//! Fields of an order: subject, key, names, profile, term.

use vault_plugin::framework::Field;

pub const COMMON_NAME: Field = Field::text(
    "sectigo_csr_domain",
    "Common name: a domain name, for client certificates a person's name. Needed unless a CSR is given.",
)
.alias(&["common_name"]);
pub const COUNTRY: Field = Field::text(
    "sectigo_csr_country",
    "Country of the subject: two letters.",
)
.alias(&["country"]);
pub const PROVINCE: Field =
    Field::text("sectigo_csr_state", "State or province of the subject.").alias(&["province"]);
pub const LOCALITY: Field =
    Field::text("sectigo_csr_location", "Locality of the subject.").alias(&["locality"]);
pub const ORGANIZATION: Field =
    Field::text("sectigo_csr_organization", "Organisation of the subject.")
        .alias(&["organization"]);
pub const ORGANIZATION_UNIT: Field = Field::text(
    "sectigo_csr_organization_unit",
    "Organisational unit of the subject. Public CAs leave it out of the certificate.",
)
.alias(&["ou"]);
pub const EMAIL: Field = Field::text(
    "sectigo_csr_email_address",
    "E-mail address in the subject of the CSR.",
)
.alias(&["email"]);
pub const CSR: Field = Field::text(
    "sectigo_csr",
    "A certificate request of your own, PEM or bare base64: the key stays with you. Its signature, names and key \
     are checked like any other request's.",
)
.alias(&["csr"]);
pub const KEY_ALGO: Field = Field::text(
    "sectigo_csr_key_algo",
    "Type of the key that is made here: RSA or EC.",
)
.alias(&["key_type"])
.default("RSA");
pub const KEY_SIZE: Field = Field::text(
    "sectigo_csr_key_size",
    "RSA: 2048, 3072 or 4096. EC: P-256, P-384 or P-521. Default: 2048, or P-256.",
)
.alias(&["key_bits"]);

pub const PROFILE_ID: Field = Field::integer(
    "profile_id",
    "Id of the certificate profile: sectigo_ssl_cert_type or sectigo_client_cert_type, whichever fits the config.",
);
pub const TERM: Field = Field::integer(
    "term",
    "Validity in days: sectigo_ssl_cert_validity or sectigo_client_cert_validity. It must be one of the profile's.",
);
pub const FORMAT_TYPE: Field = Field::text(
    "sectigo_ssl_cert_format_type",
    "SCM's own name for the form of the certificate in the answer; see format.",
);

pub const SSL_TYPE: Field = Field::integer(
    "sectigo_ssl_cert_type",
    "Id of the SSL certificate profile.",
);
pub const SSL_VALIDITY: Field = Field::integer("sectigo_ssl_cert_validity", "Validity in days.");
pub const SSL_COMMENTS: Field = Field::text(
    "sectigo_ssl_cert_comments",
    "Comment for SCM. The tag by which a lost order is found again is added to it.",
);
pub const SSL_EXTERNAL_REQUESTER: Field = Field::text(
    "sectigo_ssl_cert_external_requester",
    "E-mail addresses that SCM informs, separated by commas.",
);
pub const SSL_ALT_NAMES: Field = Field::text_list(
    "sectigo_ssl_cert_subject_alt_names",
    "Subject alternative names: DNS names, IP addresses, e-mail addresses. Without it, a CSR's own are ordered.",
)
.alias(&["alt_names"]);
pub const SSL_CUSTOM_FIELDS: Field = Field::name_values(
    "sectigo_ssl_cert_custom_fields",
    "Custom fields of SCM: an array of {name, value}, or an object.",
);
pub const SSL_DCV_MODE: Field = Field::text(
    "sectigo_ssl_cert_dcv_mode",
    "How SCM validates domains that are not validated beforehand.",
)
.allow(&["AUTO", "CNAME", "EMAIL", "HTTP", "HTTPS", "TXT"]);
pub const SSL_DCV_EMAIL: Field = Field::text(
    "sectigo_ssl_cert_dcv_email",
    "Address for domain validation by e-mail.",
);
pub const SSL_NUM_SERVERS: Field =
    Field::text("sectigo_ssl_cert_num_servers", "Retired at SCM.").ignore("SCM retired it");
pub const SSL_SERVER_TYPE: Field =
    Field::text("sectigo_ssl_cert_server_type", "Retired at SCM.").ignore("SCM retired it");

pub const CLIENT_TYPE: Field = Field::integer(
    "sectigo_client_cert_type",
    "Id of the client certificate profile.",
);
pub const CLIENT_VALIDITY: Field =
    Field::integer("sectigo_client_cert_validity", "Validity in days.");
pub const CLIENT_FIRST_NAME: Field = Field::text(
    "sectigo_client_cert_first_name",
    "First name of the person. Needed for client certificates.",
);
pub const CLIENT_MIDDLE_NAME: Field = Field::text(
    "sectigo_client_cert_middle_name",
    "Middle name of the person.",
);
pub const CLIENT_LAST_NAME: Field = Field::text(
    "sectigo_client_cert_last_name",
    "Last name of the person. Needed for client certificates.",
);
pub const CLIENT_EMAIL: Field = Field::text(
    "sectigo_client_cert_email",
    "E-mail address of the person: the certificate is for it. Needed for client certificates.",
);
pub const CLIENT_SECONDARY_EMAILS: Field = Field::text_list(
    "sectigo_client_cert_secondary_emails",
    "Further e-mail addresses of the person.",
);
pub const CLIENT_PHONE: Field = Field::text(
    "sectigo_client_cert_phone",
    "Telephone number of the person.",
);
pub const CLIENT_COMMENTS: Field = Field::text(
    "sectigo_client_cert_comments",
    "Comment for SCM. The tag by which a lost order is found again is added to it.",
);
pub const CLIENT_CUSTOM_FIELDS: Field = Field::name_values(
    "sectigo_client_cert_custom_fields",
    "Custom fields of SCM: an array of {name, value}, or an object.",
);

/// Fields that old request files still contain.
pub const RETIRED: &[Field] = &[SSL_NUM_SERVERS, SSL_SERVER_TYPE];
pub const RETIRED_WHY: &str = "SCM retired them";

/// Groups of fields with the same meaning.
pub const PROFILE_SPELLINGS: &[Field] = &[PROFILE_ID, SSL_TYPE, CLIENT_TYPE];
pub const TERM_SPELLINGS: &[Field] = &[TERM, SSL_VALIDITY, CLIENT_VALIDITY];

/// Subject, key and CSR.
pub const SUBJECT: &[Field] = &[
    COMMON_NAME,
    COUNTRY,
    PROVINCE,
    LOCALITY,
    ORGANIZATION,
    ORGANIZATION_UNIT,
    EMAIL,
    CSR,
    KEY_ALGO,
    KEY_SIZE,
];

pub const PROFILE: &[Field] = &[
    PROFILE_ID,
    TERM,
    SSL_TYPE,
    SSL_VALIDITY,
    CLIENT_TYPE,
    CLIENT_VALIDITY,
];

pub const SSL: &[Field] = &[
    SSL_ALT_NAMES,
    SSL_COMMENTS,
    SSL_EXTERNAL_REQUESTER,
    SSL_CUSTOM_FIELDS,
    SSL_DCV_MODE,
    SSL_DCV_EMAIL,
    SSL_NUM_SERVERS,
    SSL_SERVER_TYPE,
];

pub const CLIENT: &[Field] = &[
    CLIENT_FIRST_NAME,
    CLIENT_MIDDLE_NAME,
    CLIENT_LAST_NAME,
    CLIENT_EMAIL,
    CLIENT_SECONDARY_EMAILS,
    CLIENT_PHONE,
    CLIENT_COMMENTS,
    CLIENT_CUSTOM_FIELDS,
];
