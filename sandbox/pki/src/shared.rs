//! Keys of a card that are the same on every card of the sandbox.

use std::sync::Arc;

use crate::TestKey;
use crate::key::kept_key;

/// A private key that a real card has for itself alone.
///
/// Nothing compares these between cards, and a person's file with six keys would take long to make. So all
/// cards of the sandbox share them: our own decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedKey {
    /// 券面事項入力補助AP 0013: signs without a PIN. Its public half is in EF 0007.
    TextInputSignature,
    /// 券面事項入力補助AP: opens the session key of secure messaging. Its public half is in EF 0006.
    TextInputMessaging,
    /// 共通カードAP 0019: answers INTERNAL AUTHENTICATE. Its public half is not on the card.
    CommonAuthentication,
}

impl SharedKey {
    /// The key itself.
    pub fn key(self) -> &'static Arc<TestKey> {
        match self {
            Self::TextInputSignature => kept_key!("card-text-input-signature"),
            Self::TextInputMessaging => kept_key!("card-text-input-messaging"),
            Self::CommonAuthentication => kept_key!("card-common-authentication"),
        }
    }
}
