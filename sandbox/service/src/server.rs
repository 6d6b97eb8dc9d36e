//! Starting and stopping: the listener, TLS, and HTTP/1.1 and HTTP/2 on top.

use core::{convert::Infallible, fmt, time::Duration};
use std::{
    fs::File,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore, watch},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::{
    Admin, Config, Error, Faults,
    admin::Open,
    authority::sha256,
    peer::Peer,
    persons::Persons,
    router,
    state::{Counters, InProgress, Shared},
    tasks::Tasks,
    tls,
    verify::CardTrust,
};

/// How long, and for how many bytes, a refused connection is still read.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: u64 = 64 * 1024;

/// The Web service of the sandbox.
#[derive(Debug, Clone, Copy)]
pub struct Service;

/// A service at work. Dropping it is as good as `kill -9`: every connection breaks and every check stops where it
/// is.
pub struct Running {
    url: String,
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    server: Option<JoinHandle<()>>,
    _lock: File,
}

impl Service {
    /// Opens the state folder, listens, and serves until the result is stopped or dropped.
    pub async fn start(config: Config) -> Result<Running, Error> {
        let persons = Persons::new(&config.persons)?;
        let now = config.clock.now();
        let Open { folder, store, secrets, authority } = Open::state(&config.state, now).await?;
        let lock = folder.lock()?;
        store.check_clock(now).await?;
        persons.remember_surfaces(&store, &secrets).await?;

        let listener = TcpListener::bind(config.listen).await.map_err(|error| match error.kind() {
            io::ErrorKind::AddrInUse => Error::AddressInUse(config.listen),
            kind => Error::AddressUnusable { address: config.listen, kind },
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| Error::AddressUnusable { address: config.listen, kind: error.kind() })?;
        let url = match &config.public_url {
            Some(url) => public_url(url)?,
            None => public_url(&format!("https://localhost:{}", address.port()))?,
        };
        let host = url.host_str().ok_or(Error::PublicUrlInvalid)?;
        let acceptor = TlsAcceptor::from(tls::server_config(&authority, host, &config.clock)?);
        let audience = url.origin().ascii_serialization();
        store.set_origin(&audience).await?;

        let shared = Arc::new(Shared {
            store,
            secrets: Arc::new(secrets),
            authority,
            clock: config.clock,
            policy: config.policy,
            counters: Counters::new(&config.limits),
            limits: config.limits,
            audience: audience.clone(),
            cards: CardTrust::sandbox()?,
            attestation: config.attestation,
            persons,
            faults: Arc::default(),
            checks: InProgress::default(),
            tasks: Tasks::default(),
        });
        shared.store.forget_certificates(shared.known_since(now)).await?;
        shared.look_at_all_again().await?;
        let (stop, stopped) = watch::channel(false);
        let router = router::router(Arc::clone(&shared));
        let server = tokio::spawn(serve(listener, acceptor, router, Arc::clone(&shared), stopped));
        tracing::info!(url = audience, "serving");
        Ok(Running { url: audience, address, shared, stop, server: Some(server), _lock: lock })
    }
}

impl Running {
    /// The origin by which devices know the service: the audience of every binding.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address on which it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root that devices trust, DER.
    pub fn root_der(&self) -> &[u8] {
        self.shared.authority.root()
    }

    /// The administrator's commands, on this service's state.
    pub fn admin(&self) -> Admin {
        Admin::of(&self.shared)
    }

    /// What should go wrong.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Stops well: no new connections, requests in hand are answered, the database is closed.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        if let Some(server) = self.server.take() {
            // The server ends by itself; a panic in it was told already.
            let _ = server.await;
        }
        let mut tasks = self.shared.tasks.take();
        while tasks.join_next().await.is_some() {}
        self.shared.store.close().await;
    }

    /// Stops as `kill -9` does, and returns when nothing of it runs any more.
    pub async fn kill(mut self) {
        if let Some(server) = self.server.take() {
            server.abort();
            let _ = server.await;
        }
        self.shared.tasks.take().shutdown().await;
        self.shared.store.close().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
        self.shared.tasks.take().abort_all();
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("url", &self.url)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// An https origin and nothing else.
fn public_url(text: &str) -> Result<url::Url, Error> {
    let url = url::Url::parse(text).map_err(|_| Error::PublicUrlInvalid)?;
    let plain = url.scheme() == "https"
        && url.path() == "/"
        && (url.query(), url.fragment(), url.username(), url.password()) == (None, None, "", None);
    if plain { Ok(url) } else { Err(Error::PublicUrlInvalid) }
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    router: Router,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(shared.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.expect("the semaphore is never closed"),
            _ = stopped.changed() => break,
        };
        let (stream, address) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // No file descriptors, most likely: let others end first.
                    tracing::warn!(kind = ?error.kind(), "accepting failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            _ = stopped.changed() => break,
        };
        while connections.try_join_next().is_some() {}
        let (acceptor, router) = (acceptor.clone(), router.clone());
        let (shared, stopped) = (Arc::clone(&shared), stopped.clone());
        connections.spawn(async move {
            connection(stream, address.ip(), acceptor, router, &shared, stopped).await;
            drop(permit);
        });
    }
    drop(listener);
    let patience = tokio::time::sleep(shared.limits.request);
    tokio::pin!(patience);
    loop {
        tokio::select! {
            ended = connections.join_next() => if ended.is_none() { break },
            () = &mut patience => break,
        }
    }
}

async fn connection(
    stream: TcpStream,
    address: IpAddr,
    acceptor: TlsAcceptor,
    router: Router,
    shared: &Shared,
    mut stopped: watch::Receiver<bool>,
) {
    let limits = &shared.limits;
    // A small answer must not wait for more to send with it.
    let _ = stream.set_nodelay(true);
    let handshake = acceptor.accept(stream).into_fallible();
    let stream = match tokio::time::timeout(limits.handshake, handshake).await {
        Ok(Ok(stream)) => stream,
        Ok(Err((_, stream))) => {
            tracing::debug!("TLS handshake failed");
            return linger(stream).await;
        }
        Err(_) => {
            tracing::debug!("TLS handshake took too long");
            return;
        }
    };
    let certificate =
        stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(|der| sha256(der));
    let cut = Arc::new(Notify::new());
    let peer = Peer { address, certificate, cut: Arc::clone(&cut) };
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let router = router.clone();
        let peer = peer.clone();
        async move {
            let mut request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(peer);
            Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {}))
        }
    });
    let mut builder = Builder::new(shared.tasks.clone());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(32 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(16)
        .max_header_list_size(16 * 1024)
        .keep_alive_interval(limits.head)
        .keep_alive_timeout(limits.handshake);
    let served = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(served);
    let mut stopping = false;
    loop {
        tokio::select! {
            ended = served.as_mut() => {
                if ended.is_err() {
                    tracing::debug!("a connection broke");
                }
                return;
            }
            () = cut.notified() => return,
            _ = stopped.changed(), if !stopping => {
                stopping = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}

/// Lets the other end read the alert: a connection that is closed with something unread is reset, and what was
/// sent last is lost with it (RFC 9112 §9.6 tells the same of HTTP).
async fn linger(mut stream: TcpStream) {
    let drained = async {
        stream.shutdown().await?;
        tokio::io::copy(&mut stream.take(LINGER_BYTES), &mut tokio::io::sink()).await
    };
    let _ = tokio::time::timeout(LINGER, drained).await;
}
