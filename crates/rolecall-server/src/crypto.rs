//! The cryptography that TLS uses.

/// Lets rustls use ring; where another provider was installed before, that one is used.
pub(crate) fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
