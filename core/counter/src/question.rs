//! Whether the service has a card's certificate already: asked while the card works, and never waited for.

use std::sync::{Arc, OnceLock};

use jpki::CardDigest;
use service::{Client, messages::TagKey};
use tokio::{runtime::Handle, sync::watch, task::AbortHandle};

use crate::{
    Method,
    state::{Reading, State},
};

/// Whom to ask, with what, and where the question runs.
pub(crate) struct Asker {
    client: Arc<Client>,
    key: TagKey,
    runtime: Handle,
}

/// A question on its way, or answered. Dropping it ends it.
pub(crate) struct Question {
    tag: [u8; 32],
    answer: Arc<OnceLock<bool>>,
    task: AbortHandle,
}

impl State {
    /// There is nobody to ask where the service keeps no certificates, where this patient's is needed whole, and
    /// where [`Counter::run`](crate::Counter::run) has never seen a runtime. 目視確認 reads all.
    pub(crate) fn asker(&self) -> Option<Asker> {
        let patient = self.patient.as_ref()?;
        if patient.method != Method::Pin || patient.reading == Reading::Whole {
            return None;
        }
        let session = self.session.as_ref()?;
        Some(Asker {
            client: Arc::clone(session.client.as_ref()?),
            key: session.status.as_ref()?.tag_key.clone()?,
            runtime: self.runtime.clone()?,
        })
    }
}

impl Asker {
    /// Asks, in the background. It ends with the patient and with the session, by whose changes it is woken.
    pub(crate) fn ask(self, card: &CardDigest, mut changes: watch::Receiver<()>) -> Question {
        let Self { client, key, runtime } = self;
        let tag = key.tag(card);
        let answer = Arc::new(OnceLock::new());
        let place = Arc::clone(&answer);
        let task = runtime.spawn(async move {
            tokio::select! {
                // No answer is as good as "no".
                known = client.knows_certificate(&tag) => {
                    let _ = place.set(known.unwrap_or(false));
                }
                _ = changes.changed() => {}
            }
        });
        Question { tag, answer, task: task.abort_handle() }
    }
}

impl Question {
    /// What the service said, if it has said anything yet.
    pub(crate) fn answer(&self) -> Option<bool> {
        self.answer.get().copied()
    }

    /// How the certificate was named.
    pub(crate) fn tag(&self) -> [u8; 32] {
        self.tag
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    use service::Endpoint;

    use super::*;
    use crate::tests::a_client;

    /// A question to this port, and the other end of its changes.
    fn ask(port: u16) -> (Question, watch::Sender<()>) {
        let url = format!("https://127.0.0.1:{port}").parse().expect("a URL");
        let client = Arc::new(a_client(|endpoint| Endpoint { url, ..endpoint }));
        let key = TagKey::new([7; 32]);
        let changes = watch::Sender::new(());
        let asker = Asker { client, key: key.clone(), runtime: Handle::current() };
        let question = asker.ask(&[1; 32], changes.subscribe());
        assert_eq!(question.tag(), key.tag(&[1; 32]));
        (question, changes)
    }

    async fn until(done: impl Fn() -> bool) {
        let start = Instant::now();
        while !done() {
            assert!(start.elapsed() < Duration::from_secs(10), "it never came");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn no_answer_is_as_good_as_no() {
        let (question, _changes) = ask(1);
        until(|| question.answer() == Some(false)).await;
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_any_more_ends() {
        // Somebody takes the call, and says nothing.
        let silent = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = silent.local_addr().expect("an address").port();
        let (question, _changes) = ask(port);
        assert_eq!(question.answer(), None);
        let task = question.task.clone();
        assert!(!task.is_finished());
        drop(question);
        until(|| task.is_finished()).await;

        let (question, changes) = ask(port);
        changes.send_replace(());
        until(|| question.task.is_finished()).await;
        assert_eq!(question.answer(), None);
    }
}
