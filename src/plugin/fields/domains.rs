//! Fields for the validation of a domain.

use vault_plugin::framework::Field;

pub const DOMAIN_ACTION: Field = Field::text(
    "action",
    "start a validation, or check whether SCM finds the record now.",
)
.allow(&["start", "check"]);

pub const DOMAIN_METHOD: Field = Field::text(
    "method",
    "How control is proven. cname and txt: a DNS record; http and https: a file on the web server; email: a click in a \
     mail.",
)
.allow(&["cname", "txt", "http", "https", "email"])
.default("cname");

pub const DOMAIN_EMAIL: Field = Field::text(
    "email",
    "With method=email: the address that SCM sends the mail to, one of those it allows.",
);

pub const DOMAIN_STEPS: &[Field] = &[DOMAIN_ACTION, DOMAIN_METHOD, DOMAIN_EMAIL];
