//! Why a card could not be put into a reader.

use std::io::ErrorKind;
use std::net::SocketAddr;

/// What went wrong, and by [`remedy`](Error::remedy) what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection was refused: no pcscd with vpcd runs there.
    #[error("{0} に仮想リーダーがありません / no virtual reader listens at {0}")]
    NobodyListens(SocketAddr),
    /// The connection was taken, but the reader does not look at the card: it has one already, or it is none.
    #[error("{0} の仮想リーダーがカードを見ません / the virtual reader at {0} does not look at the card")]
    NotSeen(SocketAddr),
    /// The connection was closed from the other side before the reader looked at the card.
    #[error("{0} の仮想リーダーが接続を切りました / what listens at {0} hung up")]
    HungUp(SocketAddr),
    /// The connection failed in another way.
    #[error("{address} に接続できません / {address} cannot be reached: {kind}")]
    Unreachable {
        /// Where vpcd should be.
        address: SocketAddr,
        /// What the operating system said.
        kind: ErrorKind,
    },
}

impl Error {
    /// What the reader of the message can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NobodyListens(_) => {
                "vsmartcard-vpcdを入れてpcscdを起動してください / install vsmartcard-vpcd and start pcscd; where \
                 systemd starts it on demand, opensc-tool --list-readers is enough"
            }
            Self::NotSeen(_) => {
                "先に入れたカードを抜くか、アドレスを確かめてください / take out the card that was put in before, or check \
                 the address: vpcd's first reader is at port 35963, its second at 35964"
            }
            Self::HungUp(_) | Self::Unreachable { .. } => {
                "アドレスを確かめ、pcscdを再起動してください / check the address, then restart pcscd"
            }
        }
    }
}
