//! Authenticates the caller: `login` and `password`, a TLS client certificate and `login`, or a bearer token.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::refusal::Refusal;
use crate::settings::Account;
use crate::world::World;

/// The administrator that SCM identifies as the caller.
#[derive(Debug, Clone)]
pub struct Caller {
    pub login: String,
    /// Logged in with a bearer token.
    pub by_token: bool,
    pub auto_approve: bool,
}

impl Caller {
    /// `private` says whether the call came in under `/private`, `certified` whether TLS has verified a client
    /// certificate.
    pub fn admit(
        world: &World,
        headers: &HeaderMap,
        private: bool,
        certified: bool,
    ) -> Result<Self, Refusal> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let bearer = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, token)| token);
        if let Some(token) = bearer {
            let login = world.call_log.token_login(token.trim(), world.now());
            return login
                .and_then(|login| account(world, login))
                .map(|account| Self::of(account, true))
                .ok_or_else(Refusal::unknown_user);
        }
        let account = header("login")
            .and_then(|login| account(world, login))
            .filter(|account| header("customerUri") == Some(account.customer_uri.as_str()))
            .ok_or_else(Refusal::unknown_user)?;
        let proven = if private {
            certified
        } else {
            let password = account
                .password
                .as_ref()
                .unwrap_or(&world.identity.password);
            header("password").is_some_and(|given| given == password)
        };
        if proven {
            Ok(Self::of(account, false))
        } else {
            Err(Refusal::unknown_user())
        }
    }

    fn of(account: &Account, by_token: bool) -> Self {
        Self {
            login: account.login.clone(),
            by_token,
            auto_approve: account.auto_approve,
        }
    }
}

fn account<'a>(world: &'a World, login: &str) -> Option<&'a Account> {
    let mut accounts = world.settings.accounts.iter();
    accounts.find(|account| account.login == login)
}
