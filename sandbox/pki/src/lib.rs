//! The test PKI of the sandbox: the CAs, certificates and card-verifiable data of a My Number card that
//! belongs to nobody.
//!
//! Everything follows the profile of J-LIS (公的個人認証サービス プロファイル仕様書), with five differences that
//! keep it apart from the real thing: the organisation is `O=JPKI-SANDBOX`, no name holds that of the
//! agency, every URL ends in `.invalid`, the policies are those of the test arc (1.2.392.200149.8.5.1.0), and
//! every private key lies in the source tree for all to see.
//!
//! # What is here
//!
//! - Three generations of the 利用者証明用 CA, with the *same name* and different keys, serial numbers and
//!   years ([`Authority`]). Their certificates are the trust anchors of a sandbox
//!   ([`authentication_anchors`]).
//! - 利用者証明用 and 署名用 certificates, right ones and deliberately wrong ones ([`CertificateSpec`]).
//! - The files that a card's issuer signs: 券面事項確認AP ([`surface`]), 券面事項入力補助AP ([`text_input`]), and the
//!   objects of the master level ([`master`]).
//! - What a phone's secure hardware says of a device key ([`attestation`]), under a root of its own.
//! - [`TestKey`], the RSA keys behind it all, and [`SharedKey`], those that every card has.
//!
//! # What is not here
//!
//! No checking: that is the work of the verifier, which shares no code with this crate. No CRL and no
//! OCSP responder. Nothing in the product may depend on this crate; it is for tests and the sandbox.
//!
//! # What the issuer of a card signs
//!
//! Layouts, and which bytes each signature covers, are reported by one client (`myna-card`), whose tests
//! verify files of a J-LIS test card so. The keys and their ids are ours.
//!
//! - All signatures are RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), keys RSA-2048 with e = 65537.
//! - **Card-verifiable certificate**, EF 0004 of both 券面 applications: `7F21 { 5F4E { issuer key id (16) ‖
//!   subject key id (16) ‖ 90 03 010001 ‖ 91 82 0100 modulus }, 5F37 signature }`. The signature covers the
//!   *value field* of 5F4E (297 bytes, without tag and length). It is made by the key that the issuer key id
//!   names: [`surface::anchor`], [`text_input::anchor`], [`master::anchor`].
//! - **券面事項確認AP EF 0001**, `FF10 82 021E { DF11 08 YYYYMMDD, DF12 82 0109 { 90 03 010001, 91 82 0100
//!   modulus }, DF13 82 0100 signature }`: the signature covers the *whole TLVs* DF11 ‖ DF12, tags and lengths
//!   included, as they lie in the file (281 bytes). It is made by the key that EF 0004 certifies. **EF 0005**
//!   is signed likewise.
//! - **券面事項確認AP EF 0002** is signed otherwise: DF28 holds *one* `DigestInfo` whose digest field has 96 bytes,
//!   SHA-256(DF22 ‖ DF23 ‖ DF24) ‖ SHA-256(DF25 ‖ DF26) ‖ SHA-256(DF27), whole TLVs. So a verifier can do without
//!   the photo. DF29 and DF2A are not signed.
//! - **券面事項入力補助AP**: [`text_input`] tells.
//!
//! # Example
//!
//! ```
//! use sandbox_pki::{Authority, CertificateSpec, TestKey, oid};
//! use time::macros::datetime;
//!
//! let key = TestKey::generate();
//! let mut spec = CertificateSpec::authentication(
//!     Authority::Authentication3,
//!     0x0990_0101,
//!     "0000000000000099001003A",
//!     &key,
//!     datetime!(2026-01-01 0:00 UTC),
//!     datetime!(2031-02-17 14:59:59 UTC),
//! );
//! let right = spec.issue();
//! assert!((1500..1600).contains(&right.len()));
//!
//! // A certificate without keyUsage, for a test that it is refused.
//! spec.remove(oid::KEY_USAGE);
//! assert_ne!(spec.issue(), right);
//! ```

pub mod attestation;
pub mod master;
pub mod oid;
pub mod surface;
pub mod text_input;
pub mod tlv;

mod authority;
mod card_verifiable;
mod certificate;
mod key;
mod name;
mod shared;

pub use authority::{Authority, authentication_anchors, signature_anchors};
pub use card_verifiable::Anchor;
pub use certificate::{CertificateSpec, Extension, Flaw, Hash, HolderAttributes};
pub use key::{CARD_KEYS, TestKey, TestKeyError};
pub use shared::SharedKey;
