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
//! - The issuer of 券面事項確認AP: EF 0001 to EF 0005 as the card holds them ([`surface`]).
//! - [`TestKey`], the RSA keys behind it all.
//!
//! # What is not here
//!
//! No checking: that is the work of the verifier, which shares no code with this crate. No CRL and no
//! OCSP responder. Nothing in the product may depend on this crate; it is for tests and the sandbox.
//!
//! # What the issuer of 券面事項確認AP signs
//!
//! Publicly known are the layout of EF 0001 and EF 0004, and that the last field of each is an RSA
//! signature of 256 bytes (reported by one client, `myna-card`). Which bytes it covers is **not** public.
//! The following is our own decision; a verifier has to use the same words:
//!
//! - All signatures are RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), keys RSA-2048 with e = 65537.
//! - **EF 0004**, `7F21 { 5F4E { issuer key id (16) ‖ subject key id (16) ‖ 90 03 010001 ‖ 91 82 0100
//!   modulus }, 5F37 signature }`: the signature covers the *value field* of 5F4E (297 bytes, without tag
//!   and length). It is made by the key that the issuer key id names: the anchor, [`surface::anchor`].
//! - **EF 0001**, `FF10 82 021E { DF11 08 YYYYMMDD, DF12 82 0109 { 90 03 010001, 91 82 0100 modulus }, DF13
//!   82 0100 signature }`: the signature covers the *whole TLVs* DF11 ‖ DF12, tags and lengths included, as
//!   they lie in the file (281 bytes). It is made by the key that EF 0004 certifies.
//! - **EF 0002**: DF28 covers SHA-256(DF22 ‖ DF23 ‖ DF24) ‖ SHA-256(DF25 ‖ DF26) ‖ SHA-256(DF27), whole TLVs;
//!   the three digests are reported, that whole TLVs are meant is our own decision. **EF 0005**: DF43 covers
//!   the whole TLVs DF41 ‖ DF42, our own decision. Same key as for EF 0001.
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

pub mod oid;
pub mod surface;
pub mod tlv;

mod authority;
mod certificate;
mod key;
mod name;

pub use authority::{Authority, authentication_anchors, signature_anchors};
pub use certificate::{CertificateSpec, Extension, Flaw, Hash, HolderAttributes};
pub use key::{CARD_KEYS, TestKey, TestKeyError};
