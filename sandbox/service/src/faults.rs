//! Faults on demand: what a network and a service do on a bad day, for tests and for showing.

use core::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll},
    time::Duration,
};
use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use service::messages::{MAX_BODY, ProblemCode};
use tokio::sync::Notify;

use crate::{peer::Peer, problem::Refusal};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection breaks before the service has seen the request.
    DropBefore,
    /// The service does its work, and the connection breaks before the first byte of the answer.
    DropAfter,
    /// The connection breaks in the middle of the answer.
    DropDuring,
    /// The service does its work and answers with bytes that mean nothing.
    Garble,
    /// The request waits before it is looked at.
    Delay(Duration),
    /// The service answers with this problem and does nothing; where asking again makes sense, after so many
    /// seconds.
    Refuse(ProblemCode, Option<u32>),
}

/// The faults that wait for their requests.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
    struck: AtomicUsize,
}

#[derive(Debug)]
struct Rule {
    path: String,
    fault: Fault,
    left: usize,
}

impl Faults {
    /// The next `times` requests to this path (such as `/v1/eligibility-checks`) meet the fault. Faults of the
    /// same path strike one after the other, in the order in which they were added.
    pub fn add(&self, path: &str, fault: Fault, times: usize) {
        self.rules().push(Rule { path: path.to_owned(), fault, left: times });
    }

    /// From now on all goes well.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// How many faults have struck.
    pub fn struck(&self) -> usize {
        self.struck.load(Ordering::SeqCst)
    }

    fn take(&self, path: &str) -> Option<Fault> {
        let mut rules = self.rules();
        rules.retain(|rule| rule.left > 0);
        let rule = rules.iter_mut().find(|rule| rule.path == path)?;
        rule.left -= 1;
        self.struck.fetch_add(1, Ordering::SeqCst);
        Some(rule.fault)
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The outermost layer of the service.
pub(crate) async fn strike(State(faults): State<Arc<Faults>>, request: Request, next: Next) -> Response {
    let Some(fault) = faults.take(request.uri().path()) else {
        return next.run(request).await;
    };
    let cut = request.extensions().get::<Peer>().map(|peer| Arc::clone(&peer.cut));
    match fault {
        Fault::Delay(time) => {
            tokio::time::sleep(time).await;
            next.run(request).await
        }
        Fault::Refuse(code, after) => match after {
            Some(seconds) => Refusal::after(code, seconds),
            None => code.into(),
        }
        .into_response(),
        Fault::DropBefore => broken(cut).await,
        Fault::DropAfter => {
            let _answer = next.run(request).await;
            broken(cut).await
        }
        Fault::Garble => {
            let (parts, _) = next.run(request).await.into_parts();
            Response::from_parts(parts, Body::from("\u{fffd}"))
        }
        Fault::DropDuring => halved(next.run(request).await, cut).await,
    }
}

/// Breaks the connection; the answer never comes.
async fn broken(cut: Option<Arc<Notify>>) -> Response {
    if let Some(cut) = cut {
        cut.notify_one();
    }
    core::future::pending().await
}

async fn halved(response: Response, cut: Option<Arc<Notify>>) -> Response {
    let (parts, body) = response.into_parts();
    // Answers are small; an answer that cannot be read whole is broken anyway.
    let whole = axum::body::to_bytes(body, 8 * MAX_BODY).await.unwrap_or_default();
    Response::from_parts(parts, Body::new(Half { first: Some(whole.slice(..whole.len() / 2)), cut }))
}

/// A body whose second half never comes.
struct Half {
    first: Option<Bytes>,
    cut: Option<Arc<Notify>>,
}

impl hyper::body::Body for Half {
    type Data = Bytes;
    type Error = core::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(half) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if let Some(cut) = &self.cut {
            cut.notify_one();
        }
        Poll::Pending
    }
}
