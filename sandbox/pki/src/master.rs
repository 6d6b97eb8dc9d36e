//! What the issuer put on the card outside of every application: the objects of the master level that are
//! the same on every card of an issuer. GET DATA gives them.
//!
//! Tags, layouts and sizes are reported by one client (`myna-card`); what the named keys are for is not
//! public.

use crate::card_verifiable::{Anchor, Holder, key_id};

/// 市区町村コード of the issuer, five digits: prefecture 99 does not exist. Object `00F0`, and in the files of
/// three applications.
pub const MUNICIPALITY: &[u8; 5] = b"99001";

/// The trust anchor of [`upper_certificate`].
pub fn anchor() -> Anchor {
    Holder::MasterAnchor.anchor()
}

/// Object `0042`, the issuer's key. That it is the anchor's id is our own decision.
pub fn issuer_key_id() -> [u8; 16] {
    Holder::MasterAnchor.key_id()
}

/// Object `00F7`, the key that [`upper_certificate`] certifies.
pub fn intermediate_key_id() -> [u8; 16] {
    Holder::MasterIntermediate.key_id()
}

/// Object `00F8`: the anchor certifies an intermediate, 575 bytes.
pub fn upper_certificate() -> Vec<u8> {
    Holder::MasterAnchor.certificate_object_for(Holder::MasterIntermediate)
}

/// Object `7F21`: the intermediate certifies one more key, 575 bytes.
pub fn lower_certificate() -> Vec<u8> {
    Holder::MasterIntermediate.certificate_object_for(Holder::MasterLeaf)
}

/// EF 0002 of 共通カードAP and of 住基AP, the same in both. Which key it names is not public; the digits are our
/// own decision.
pub fn key_reference() -> [u8; 16] {
    key_id(*b"9000010", *b"001", 0x00)
}
