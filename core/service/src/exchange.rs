//! One request and its answer.

use std::time::Instant;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::messages::{CBOR, PROBLEM_JSON, Problem};

/// The largest answer that is read, in bytes. A record has about 2 kB; this leaves room for many of them.
pub const MAX_ANSWER: usize = 64 * 1024;

/// A request that is being put together.
pub(crate) struct Exchange {
    /// For the log: a constant of this crate, never a URL.
    path: &'static str,
    request: RequestBuilder,
}

impl Exchange {
    pub(crate) fn new(path: &'static str, request: RequestBuilder) -> Self {
        Self { path, request }
    }

    pub(crate) fn header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    pub(crate) fn body(self, media: &'static str, body: Vec<u8>) -> Self {
        Self { request: self.request.header(CONTENT_TYPE, media).body(body), ..self }
    }

    pub(crate) fn cbor_body(self, message: &impl Serialize) -> Self {
        self.body(CBOR, crate::to_cbor(message))
    }

    /// Sends, and reads an answer in CBOR.
    pub(crate) async fn cbor<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.send(CBOR, |body| serde_cbor::from_slice(body).ok()).await
    }

    /// Sends, and reads an answer of this media type. Only status 200 is one.
    ///
    /// The event holds what is safe: our own names, numbers and times.
    pub(crate) async fn send<T>(
        self,
        media: &'static str,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T, Error> {
        let Self { path, request } = self;
        let start = Instant::now();
        let mut status = None;
        let answer = async {
            let response = request.header(ACCEPT, media).send().await;
            let response = response.map_err(|error| Error::from_exchange(&error))?;
            status = Some(response.status());
            answer(response, media).await
        };
        let answer = answer.await.and_then(|body| read(&body).ok_or(Error::AnswerUnreadable));

        let status = status.map(|status| status.as_u16());
        let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &answer {
            Ok(_) => tracing::info!(path, status, milliseconds, "answered"),
            Err(Error::Refused { code, .. }) => {
                tracing::warn!(path, status, code = code.as_str(), milliseconds, "refused");
            }
            Err(error) => tracing::warn!(path, status, %error, milliseconds, "not answered"),
        }
        answer
    }
}

/// The body of the answer that was asked for, or the refusal.
async fn answer(response: Response, media: &str) -> Result<Vec<u8>, Error> {
    let status = response.status();
    let retry_after = retry_after(response.headers());
    if status == StatusCode::OK && is(response.headers(), media) {
        return limited(response).await;
    }
    let failed = status.is_client_error() || status.is_server_error();
    if !(failed && is(response.headers(), PROBLEM_JSON)) {
        return Err(Error::AnswerUnreadable);
    }
    let body = limited(response).await?;
    let problem: Problem = serde_json::from_slice(&body).map_err(|_| Error::AnswerUnreadable)?;
    Err(Error::Refused { code: problem.code(), retry_after: problem.retry_after.or(retry_after) })
}

/// Whether the body is of this media type; parameters do not matter (RFC 9110 §8.3.1).
fn is(headers: &HeaderMap, media: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media)
}

/// Retry-After in seconds (RFC 9110 §10.2.3); the form with a date is passed over.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

/// The whole body, if it is not larger than [`MAX_ANSWER`]. Nothing is believed about its length beforehand.
async fn limited(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Error::from_exchange(&error))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Error::AnswerUnreadable);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
