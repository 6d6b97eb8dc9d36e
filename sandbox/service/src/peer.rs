//! Who asks.

use std::{net::IpAddr, sync::Arc};

use tokio::sync::Notify;

/// Who is at the other end of a connection. Handlers find it among the request's extensions.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    /// SHA-256 of the client certificate that TLS verified.
    pub(crate) certificate: Option<[u8; 32]>,
    /// Breaks the connection: for faults.
    pub(crate) cut: Arc<Notify>,
}
