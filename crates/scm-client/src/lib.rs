//! The REST API of Sectigo Certificate Manager (SCM), as one of its administrators uses it.
//!
//! [`Client`] sends one call at a time and reports the outcome of each failed call ([`Outcome`]): it was not sent, SCM
//! refused it, or the outcome is unknown. Calls that change something are sent once and never repeated by this crate; calls
//! that only read are repeated a few times. SCM's answers are read tolerantly: every member may be missing, numbers may be
//! text, and unknown members are ignored.
//!
//! SCM's status texts, codes and formats are documented in its "REST API" and "Admin Operations" papers. If these are
//! silent or contradict each other, this crate accepts both readings, and a comment says so.

#![cfg_attr(
    test,
    allow(
        clippy::expect_used,
        clippy::unwrap_used,
        reason = "a test may stop at the first surprise"
    )
)]

mod approval;
mod call;
mod clock_skew;
mod codes;
mod dcv;
mod decode;
mod domains;
mod error;
mod hints;
mod http;
mod login_backoff;
mod oauth;
mod organizations;
mod paging;
mod profile;
mod rate_limit;
mod report;
mod settings;
mod smime;
mod ssl;
mod ssl_types;
mod status;
mod transport;

pub use codes::KnownCode;
pub use dcv::{
    Dcv, DcvMethod, DcvOrderStatus, DcvRecord, DcvStatus, DomainFilter, DomainListed,
    DomainValidation,
};
pub use domains::{Delegation, DomainDetails, DomainReported, Domains};
pub use error::{Outcome, ScmError, ScmErrorKind};
pub use organizations::{CustomFieldDefinition, Organization, OrganizationDetails};
pub use paging::Listing;
pub use profile::{CustomField, CustomFieldRule, Profile};
pub use report::{ReportDate, SslReportQuery, SslReported};
pub use settings::{Auth, Settings};
pub use smime::{
    ClientCertificates, ClientDetails, ClientEnroll, ClientEnrolled, ClientFilter, ClientListed,
};
pub use ssl::Ssl;
pub use ssl_types::{
    Collected, SslDetails, SslEnroll, SslEnrolled, SslFilter, SslListed, SslReplace,
};
pub use status::{ScmPhase, ScmStatus};
pub use transport::Client;
