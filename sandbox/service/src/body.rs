//! Bodies of requests and answers.

use core::{future::poll_fn, pin::Pin};

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::body::Body as _;
use serde::Serialize;
use service::messages::{CBOR, MAX_BODY, ProblemCode};

use crate::{problem::Refusal, state::Shared};

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
        // A slow line is no mistake of the device: it may ask again, which 408 would not tell it.
        Err(_) => Err(ProblemCode::Unavailable.into()),
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

/// A field of a body, if it has the length that the protocol gives it.
pub(crate) fn sized<const N: usize>(bytes: &[u8]) -> Result<[u8; N], ProblemCode> {
    bytes.try_into().map_err(|_| ProblemCode::MalformedRequest)
}

/// The body of a request that needs none: it is limited as every other, and not looked at.
pub(crate) async fn pass_over(shared: &Shared, body: Body) -> Result<(), Refusal> {
    match tokio::time::timeout(shared.limits.request, collect(body)).await {
        Err(_) => Err(ProblemCode::Unavailable.into()),
        Ok(body) => Ok(body.map(drop)?),
    }
}

/// An answer in CBOR.
pub(crate) fn cbor(message: &impl Serialize) -> Response {
    let body = serde_cbor::to_vec(message).expect("messages become CBOR");
    ([(header::CONTENT_TYPE, CBOR)], body).into_response()
}
