//! The SCM client, from wire bytes: what it sends, what it makes of every kind of answer, and what it says became of
//! a call that failed.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod answers;
mod domains;
mod failures;
mod lifecycle;
mod logins;
mod pages;
mod requests;
mod simulated;
mod simulator;
mod wire;

use std::time::Duration;

use scm_client::{Auth, Client, Settings};
use svpki_types::Secret;

const PASSWORD: &str = "c0rrect-horse";

fn settings(base_url: &str) -> Settings {
    Settings {
        base_url: base_url.into(),
        customer_uri: "murray".into(),
        auth: Auth::Password {
            login: "ws_admin".into(),
            password: Secret::new(PASSWORD),
        },
        ca_bundle: None,
        timeout: Duration::from_secs(20),
        max_requests_per_second: None,
    }
}

fn client(base_url: &str) -> Client {
    Client::new(settings(base_url)).unwrap()
}
