//! A TLS server that follows a script. It reads HTTP/1.1 by hand, so that it can answer wrongly.

use std::future::pending;
use std::sync::{Arc, Mutex};

use rustls::RootCertStore;
use rustls::crypto::ring::default_provider;
use rustls::server::WebPkiClientVerifier;
use service::messages::Problem;
use service::{Endpoint, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::pki::{Ca, Identity};

/// What the server saw.
pub(crate) struct Seen {
    /// Method, path and version.
    pub(crate) line: String,
    pub(crate) headers: String,
    pub(crate) body: Vec<u8>,
    /// The client's certificate, DER.
    pub(crate) client: Option<Vec<u8>>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// What it does about it.
pub(crate) enum Act {
    /// Sends these bytes and goes on.
    Answer(Vec<u8>),
    /// Sends these bytes and cuts the line.
    Cut(Vec<u8>),
    /// Sends these bytes and no more, but keeps the line.
    Stall(Vec<u8>),
}

/// An answer as it should be.
pub(crate) fn ok(media: &str, body: &[u8]) -> Act {
    status("200 OK", &format!("content-type: {media}\r\n"), body)
}

pub(crate) fn status(status: &str, headers: &str, body: &[u8]) -> Act {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    Act::Answer([head.as_bytes(), body].concat())
}

pub(crate) fn refusal(problem: &Problem) -> Act {
    let body = serde_json::to_vec(problem).expect("plain data");
    status(&format!("{} x", problem.status), "content-type: application/problem+json\r\n", &body)
}

/// How the server meets a client in TLS.
pub(crate) struct Tls<'a> {
    pub(crate) identity: Identity,
    /// The root of client certificates. One is asked for; it may be missing.
    pub(crate) clients: &'a Ca,
    pub(crate) alpn: &'static [u8],
}

pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// On a free port of this machine, in the runtime of the test.
    pub(crate) async fn start(ca: &Ca, script: impl FnMut(&Seen) -> Act + Send + 'static) -> Self {
        Self::start_as(Tls { identity: ca.server(), clients: ca, alpn: b"http/1.1" }, script).await
    }

    pub(crate) async fn start_as(
        tls: Tls<'_>,
        mut script: impl FnMut(&Seen) -> Act + Send + 'static,
    ) -> Self {
        let provider = Arc::new(default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(tls.clients.der().into()).expect("a root");
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
        let verifier = verifier.allow_unauthenticated().build().expect("a verifier");
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .expect("TLS 1.3")
            .with_client_cert_verifier(verifier)
            .with_single_cert(tls.identity.chain, tls.identity.key)
            .expect("chain and key");
        config.alpn_protocols = vec![tls.alpn.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                // A client that does not trust this server ends the handshake.
                if let Ok(stream) = acceptor.accept(tcp).await {
                    serve(stream, &mut script, &log).await;
                }
            }
        });
        Self { port, seen }
    }

    /// A server without TLS, which does this with a connection.
    pub(crate) async fn start_raw<F: Future<Output = ()> + Send>(
        act: impl Fn(TcpStream) -> F + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                act(tcp).await;
            }
        });
        Self { port, seen: Arc::default() }
    }

    pub(crate) fn endpoint(&self, trust: Trust) -> Endpoint {
        let url = format!("https://127.0.0.1:{}", self.port).parse().expect("a URL");
        Endpoint { url, trust }
    }

    /// What it has seen so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        core::mem::take(&mut self.seen.lock().expect("no panic"))
    }
}

async fn serve(
    mut stream: TlsStream<TcpStream>,
    script: &mut impl FnMut(&Seen) -> Act,
    log: &Mutex<Vec<Seen>>,
) {
    while let Some(seen) = read(&mut stream).await {
        let act = script(&seen);
        log.lock().expect("no panic").push(seen);
        let (bytes, then_go_on) = match &act {
            Act::Answer(bytes) => (bytes, true),
            Act::Cut(bytes) | Act::Stall(bytes) => (bytes, false),
        };
        // A client that has enough may be gone.
        if stream.write_all(bytes).await.is_err() || stream.flush().await.is_err() {
            return;
        }
        if let Act::Stall(_) = act {
            pending::<()>().await;
        }
        if !then_go_on {
            return;
        }
    }
}

/// One request, if a whole one comes.
async fn read(stream: &mut TlsStream<TcpStream>) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let (line, headers) = text.split_once("\r\n").unwrap_or((&text, ""));
    let client = stream.get_ref().1.peer_certificates().map(|chain| chain[0].to_vec());
    let mut seen =
        Seen { line: line.into(), headers: headers.into(), body: bytes[head + 4..].to_vec(), client };
    let length: usize = seen.header("content-length").map_or(0, |value| value.parse().expect("a number"));
    while seen.body.len() < length {
        if stream.read_buf(&mut seen.body).await.ok()? == 0 {
            return None;
        }
    }
    Some(seen)
}
