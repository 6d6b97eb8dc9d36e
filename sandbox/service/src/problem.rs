//! Refusals as they leave the service (RFC 9457).

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use service::messages::{PROBLEM_JSON, Problem, ProblemCode};

use crate::Error;

/// A request that is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) Problem);

impl Refusal {
    pub(crate) fn after(code: ProblemCode, seconds: u32) -> Self {
        Self(Problem::new(code).retry_after(seconds))
    }

    /// A refusal that HTTP itself has words for (RFC 9457 §4.2.1).
    pub(crate) fn http(status: StatusCode) -> Self {
        Self(Problem {
            kind: "about:blank".to_owned(),
            status: status.as_u16(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            retry_after: None,
        })
    }

    pub(crate) fn code(&self) -> ProblemCode {
        self.0.code()
    }
}

impl From<ProblemCode> for Refusal {
    fn from(code: ProblemCode) -> Self {
        Self(Problem::new(code))
    }
}

/// The service's own failure: written to the log, and told to the caller without its reason.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        tracing::error!(%error, remedy = error.remedy(), "a request failed");
        match error {
            Error::DatabaseBusy | Error::DiskFull | Error::ReadOnly => {
                Self::after(ProblemCode::Unavailable, 5)
            }
            _ => ProblemCode::Internal.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).expect("plain data becomes JSON");
        let mut response = (status, [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code() == ProblemCode::EnrollmentRefused {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"madoguchi\""));
        }
        response
    }
}
