//! Which request goes where, and what all of them have in common.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use service::paths;

use crate::{check, device, enrollment, faults, known, problem::Refusal, state::Shared};

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
        .route(paths::KNOWN_CERTIFICATES, post(known::question))
        .route(paths::ELIGIBILITY_CHECKS, post(check::check))
        .fallback(|| async { Refusal::http(StatusCode::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { Refusal::http(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(middleware::from_fn(common))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared.faults), faults::strike))
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
