//! The `openssl` program, which decides what a certificate is, and whether a signature is one.

use crate::Turn;

impl Turn {
    /// A certificate in PEM (RFC 7468), with whatever stands around it, as DER.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[track_caller]
    pub fn der(&self, pem: &[u8]) -> Vec<u8> {
        let file = self.file("certificate.pem", pem);
        self.run("openssl", &["x509", "-in", &file, "-outform", "DER"]).succeeded().stdout
    }

    /// Whether this is a signature over the message (RSASSA-PKCS1-v1_5 with SHA-256) by the key of the certificate
    /// (DER).
    ///
    /// # Panics
    ///
    /// When the certificate is none.
    #[track_caller]
    pub fn verifies(&self, certificate: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let certificate = self.file("certificate.der", certificate);
        let key = self.run("openssl", &["x509", "-inform", "DER", "-in", &certificate, "-noout", "-pubkey"]);
        let key = self.file("key.pem", key.succeeded().stdout);
        let (message, signature) = (self.file("message", message), self.file("signature", signature));
        let arguments = ["dgst", "-sha256", "-verify", &key, "-signature", &signature, &message];
        self.run("openssl", &arguments).status.success()
    }
}
