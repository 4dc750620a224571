//! The token endpoint: client credentials, with Keycloak's answers.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde::Deserialize;
use serde_json::json;

use super::call_log::LoggedCall;
use super::http::{Dispatcher, TOKEN_PATH};

#[derive(Deserialize)]
pub struct TokenRequest {
    #[serde(default)]
    grant_type: String,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    client_secret: String,
}

/// Answers a bearer token that expires after the switch's `token_lifetime` on this SCM's clock.
pub async fn token(State(desk): State<Dispatcher>, Form(request): Form<TokenRequest>) -> Response {
    let mut world = desk.world();
    let outcome = grant(&mut world, &request);
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err((status, error, text)) => {
            let body = json!({ "error": error, "error_description": text });
            (status, body)
        }
    };
    let call = LoggedCall {
        number: 0,
        at: world.now(),
        call: "token",
        method: "POST".to_owned(),
        path: TOKEN_PATH.to_owned(),
        query: String::new(),
        login: Some(request.client_id),
        body: Default::default(),
        status: Some(status.as_u16()),
        error: None,
        rules: Vec::new(),
    };
    world.call_log.log(call);
    (status, Json(body)).into_response()
}

type Denial = (StatusCode, &'static str, &'static str);

fn grant(
    world: &mut super::world::World,
    request: &TokenRequest,
) -> Result<serde_json::Value, Denial> {
    if request.grant_type != "client_credentials" {
        return Err((
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Unsupported grant_type",
        ));
    }
    let login = world
        .settings
        .accounts
        .iter()
        .find(|account| {
            let secret = account
                .client_secret
                .as_ref()
                .unwrap_or(&world.identity.client_secret);
            account.client_id.as_ref() == Some(&request.client_id)
                && *secret == request.client_secret
        })
        .map(|account| account.login.clone())
        .ok_or((
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Invalid client or Invalid client credentials",
        ))?;
    let token = super::random_text(32).map_err(|_| {
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            "no randomness",
        )
    })?;
    let lifetime = world.settings.switches.token_lifetime;
    let now = world.now();
    let expires = now.checked_add(lifetime.signed()).unwrap_or(now);
    world.call_log.give_token(token.clone(), login, expires);
    let mut answer = json!({
        "access_token": token,
        "refresh_expires_in": 0,
        "token_type": "Bearer",
        "not-before-policy": 0,
        "scope": "",
    });
    if world.settings.switches.token_tells_lifetime {
        answer["expires_in"] = lifetime.unsigned().as_secs().into();
    }
    Ok(answer)
}
