//! Why a certificate, a signature or a card's record does not hold.

/// A check that failed. Every check has its own variant; nothing in it comes from the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More bytes than the profile allows.
    #[error("the certificate is too large")]
    TooLarge,
    /// Not exactly one certificate in DER: bytes missing, bytes left over, or encoded in a second way.
    #[error("not one certificate in strict DER")]
    Malformed,
    /// Not an X.509 v3 certificate.
    #[error("not a version 3 certificate")]
    NotVersion3,
    /// No trust anchor has the issuer's name and key id.
    #[error("issued by none of the trust anchors")]
    IssuerUnknown,
    /// The signature algorithm is not sha256WithRSAEncryption.
    #[error("the certificate's signature algorithm is refused")]
    AlgorithmRefused,
    /// The certified key is not RSA-2048 with exponent 65537.
    #[error("the certified key is refused")]
    KeyRefused,
    /// The name fits, the signature does not: another CA with the same name, or a changed certificate.
    #[error("not signed by the trust anchor whose name it bears")]
    IssuerSignatureInvalid,
    /// The certificate or its issuer is not valid yet.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// A critical extension that this verifier does not understand (RFC 5280 §4.2).
    #[error("a critical extension is unknown")]
    CriticalExtensionUnknown,
    /// keyUsage is missing, lacks digitalSignature or has keyCertSign.
    #[error("keyUsage does not allow user authentication")]
    KeyUsageRefused,
    /// The certificate is one of a CA.
    #[error("the certificate is one of a CA")]
    CaCertificate,
    /// extKeyUsage is there and has no clientAuth.
    #[error("extKeyUsage does not allow user authentication")]
    ExtendedKeyUsageRefused,
    /// 署名用証明書です: the holder's signature certificate, not the one for user authentication.
    #[error("the certificate is one for digital signature")]
    SignatureCertificate,
    /// The policy is not that of 利用者証明用電子証明書.
    #[error("the certificate policy is refused")]
    PolicyRefused,
    /// The signature does not hold over the message.
    #[error("the signature does not hold")]
    SignatureInvalid,
    /// 失効.
    #[error("the certificate is revoked")]
    Revoked,
    /// Out of date for longer than the grace.
    #[error("the certificate is out of date")]
    Expired,
    /// Who should know the certificate's status does not know the certificate.
    #[error("the certificate is not known to its issuer")]
    StatusUnknown,
    /// The status could not be looked up.
    #[error("the revocation status is not available")]
    StatusUnavailable,
    /// EF 0001 or EF 0004 of 券面事項確認AP does not have its layout.
    #[error("the card's record is malformed")]
    RecordMalformed,
    /// EF 0001 or EF 0004 of 券面事項確認AP does not carry the issuer's signature.
    #[error("the card's record is not signed by its issuer")]
    RecordUntrusted,
    /// A trust anchor is itself not a CA certificate of the profile, or another one has its generation.
    #[error("a trust anchor is refused")]
    AnchorRefused,
}
