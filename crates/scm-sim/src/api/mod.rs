//! The documented calls, one file for each group. Handlers work on the locked world and know nothing about HTTP.

mod client_enroll;
mod client_read;
mod collect;
mod dates;
mod dcv;
mod domain;
mod domain_validation;
mod ordering;
mod organisation;
mod person;
mod report;
mod ssl_change;
mod ssl_end;
mod ssl_enroll;
mod ssl_read;
mod view;

use super::http::Route;

/// All calls under `/api` and `/private/api`.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    [
        ssl_enroll::ROUTES,
        ssl_read::ROUTES,
        ssl_change::ROUTES,
        ssl_end::ROUTES,
        collect::ROUTES,
        dcv::ROUTES,
        domain::ROUTES,
        domain_validation::ROUTES,
        client_enroll::ROUTES,
        client_read::ROUTES,
        person::ROUTES,
        organisation::ROUTES,
        report::ROUTES,
    ]
    .into_iter()
    .flatten()
}
