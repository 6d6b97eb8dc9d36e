//! Which request goes where, and what all of them have in common.

use core::{future::poll_fn, pin::Pin};
use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hyper::body::Body as _;
use serde::Serialize;
use service::{
    messages::{CBOR, MAX_BODY, ProblemCode},
    paths,
};

use crate::{check, device, enrollment, faults, problem::Refusal, state::Shared};

/// `GET`: root and device CA (RFC 7030 §4.1).
const CACERTS: &str = "/.well-known/est/cacerts";

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route(paths::ENROLLMENT_CHALLENGES, post(enrollment::challenge))
        .route(CACERTS, get(enrollment::cacerts))
        .route(paths::SIMPLEENROLL, post(enrollment::simpleenroll))
        .route(paths::SIMPLEREENROLL, post(enrollment::simplereenroll))
        .route(paths::DEVICE, get(device::status))
        .route(paths::CHALLENGES, post(device::challenge))
        .route(paths::ELIGIBILITY_CHECKS, post(check::check))
        .fallback(|| async { Refusal::http(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Refusal::http(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(middleware::from_fn(common))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), faults::strike))
        .with_state(shared)
}

/// No answer may be kept by anybody on the way, and each is written to the log by path and status alone. An
/// unknown path is text of the caller, and is not written.
async fn common(request: Request, next: Next) -> Response {
    let known = request.extensions().get::<axum::extract::MatchedPath>().cloned();
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let path = known.as_ref().map_or("unknown", |path| path.as_str());
    tracing::debug!(path, status = response.status().as_u16(), "answered");
    response
}

/// The whole body, if it is of this type, not too large, and comes in time.
pub(crate) async fn read_body(
    shared: &Shared,
    headers: &HeaderMap,
    body: Body,
    expected: &str,
) -> Result<Vec<u8>, Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if !given.eq_ignore_ascii_case(expected) {
        return Err(Refusal::http(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(ProblemCode::TooLarge.into());
    }
    match tokio::time::timeout(shared.limits.request, collect(body)).await {
        Err(_) => Err(Refusal::http(StatusCode::REQUEST_TIMEOUT)),
        Ok(body) => Ok(body?),
    }
}

async fn collect(mut body: Body) -> Result<Vec<u8>, ProblemCode> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        // The connection broke, or the length announced was not the length sent.
        let frame = frame.map_err(|_| ProblemCode::MalformedRequest)?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > MAX_BODY {
                return Err(ProblemCode::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// An answer in CBOR.
pub(crate) fn cbor(message: &impl Serialize) -> Response {
    let body = serde_cbor::to_vec(message).expect("messages become CBOR");
    ([(header::CONTENT_TYPE, CBOR)], body).into_response()
}
