//! Serves what certificates refer to: the CRL, OCSP and the CA certificates.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ca;
use super::http::Dispatcher;

pub fn router() -> Router<Dispatcher> {
    Router::new()
        .route("/pki/issuing.crl", get(crl))
        .route("/pki/issuing.crt", get(issuing))
        .route("/pki/root.crt", get(root))
        .route("/pki/ocsp", axum::routing::post(ocsp_post))
        .route("/pki/ocsp/{*request}", get(ocsp_get))
}

async fn crl(State(desk): State<Dispatcher>) -> Response {
    let mut world = desk.world();
    world.settle();
    match ca::crl(&world.authority, world.revocations(), world.now()) {
        Ok(der) => der_answer("application/pkix-crl", der),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn issuing(State(desk): State<Dispatcher>) -> Response {
    der_answer(
        "application/pkix-cert",
        desk.world().authority.issuing_der.clone(),
    )
}

async fn root(State(desk): State<Dispatcher>) -> Response {
    der_answer(
        "application/pkix-cert",
        desk.world().authority.root_der.clone(),
    )
}

async fn ocsp_post(State(desk): State<Dispatcher>, body: Bytes) -> Response {
    ocsp(&desk, &body)
}

/// Takes the OCSP request from the path, in base64.
async fn ocsp_get(State(desk): State<Dispatcher>, Path(request): Path<String>) -> Response {
    ocsp(&desk, &STANDARD.decode(request).unwrap_or_default())
}

fn ocsp(desk: &Dispatcher, request: &[u8]) -> Response {
    let mut world = desk.world();
    world.settle();
    let answer = ca::ocsp_answer(&world.authority, request, world.now(), |serial| {
        world.standing(serial)
    });
    der_answer("application/ocsp-response", answer)
}

fn der_answer(content_type: &'static str, der: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, content_type)], der).into_response()
}
