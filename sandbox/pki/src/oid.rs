//! The object identifiers of the profile, as arcs.

/// `subjectKeyIdentifier` (RFC 5280 §4.2.1.2).
pub const SUBJECT_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 14];
/// `keyUsage` (RFC 5280 §4.2.1.3).
pub const KEY_USAGE: &[u64] = &[2, 5, 29, 15];
/// `subjectAltName` (RFC 5280 §4.2.1.6).
pub const SUBJECT_ALT_NAME: &[u64] = &[2, 5, 29, 17];
/// `issuerAltName` (RFC 5280 §4.2.1.7).
pub const ISSUER_ALT_NAME: &[u64] = &[2, 5, 29, 18];
/// `basicConstraints` (RFC 5280 §4.2.1.9).
pub const BASIC_CONSTRAINTS: &[u64] = &[2, 5, 29, 19];
/// `cRLDistributionPoints` (RFC 5280 §4.2.1.13).
pub const CRL_DISTRIBUTION_POINTS: &[u64] = &[2, 5, 29, 31];
/// `certificatePolicies` (RFC 5280 §4.2.1.4).
pub const CERTIFICATE_POLICIES: &[u64] = &[2, 5, 29, 32];
/// `authorityKeyIdentifier` (RFC 5280 §4.2.1.1).
pub const AUTHORITY_KEY_IDENTIFIER: &[u64] = &[2, 5, 29, 35];
/// `extKeyUsage` (RFC 5280 §4.2.1.12).
pub const EXTENDED_KEY_USAGE: &[u64] = &[2, 5, 29, 37];
/// `authorityInfoAccess` (RFC 5280 §4.2.2.1).
pub const AUTHORITY_INFO_ACCESS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 1, 1];

/// `id-ad-ocsp` (RFC 5280 §4.2.2.1).
pub const OCSP: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 48, 1];
/// `id-qt-cps` (RFC 5280 §4.2.1.4).
pub const CPS: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 2, 1];
/// `id-kp-clientAuth` (RFC 5280 §4.2.1.12).
pub const CLIENT_AUTH: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 2];

/// Policy of 利用者証明用電子証明書 in the test arc of J-LIS; production has `…8.5.1.3.30`.
pub const AUTHENTICATION_POLICY: &[u64] = &[1, 2, 392, 200_149, 8, 5, 1, 0, 30];
/// Policy of 署名用電子証明書 in the test arc of J-LIS; production has `…8.5.1.1.20`.
pub const SIGNATURE_POLICY: &[u64] = &[1, 2, 392, 200_149, 8, 5, 1, 0, 20];
/// The arc of the holder's attributes in 署名用電子証明書: `.1` 氏名, `.2` and `.6` 代替文字位置, `.3` 性別,
/// `.4` 生年月日, `.5` 住所.
pub const HOLDER_ATTRIBUTES: &[u64] = &[1, 2, 392, 200_149, 8, 5, 5];

/// `id-sha256` (RFC 8017 §B.1).
pub const SHA_256: &[u64] = &[2, 16, 840, 1, 101, 3, 4, 2, 1];

/// `countryName` (X.520 §6.3.1).
pub const COUNTRY: &[u64] = &[2, 5, 4, 6];
/// `localityName` (X.520 §6.3.4).
pub const LOCALITY: &[u64] = &[2, 5, 4, 7];
/// `organizationName` (X.520 §6.4.1).
pub const ORGANIZATION: &[u64] = &[2, 5, 4, 10];
/// `organizationalUnitName` (X.520 §6.4.2).
pub const ORGANIZATIONAL_UNIT: &[u64] = &[2, 5, 4, 11];
/// `commonName` (X.520 §6.2.2).
pub const COMMON_NAME: &[u64] = &[2, 5, 4, 3];
