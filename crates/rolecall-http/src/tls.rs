//! The certificate and its key, which can be reloaded while the server runs.

use arc_swap::ArcSwap;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error as TlsError, ServerConfig, ServerConnection, SignatureScheme,
};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// The TLS identity of a server.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    asks_clients: bool,
    config: ArcSwap<ServerConfig>,
}

/// The certificate of a client, in DER. The client proved that it has the key; nobody checked who issued the certificate,
/// its names or its dates. Requests of a connection with a certificate carry it as an extension.
#[derive(Clone, Debug)]
pub struct ClientCertificate(Arc<CertificateDer<'static>>);

impl ClientCertificate {
    /// Returns the certificate of the client of a connection, if it has one.
    pub(crate) fn of(connection: &ServerConnection) -> Option<Self> {
        connection.peer_certificates()?.first().map(|certificate| Self(Arc::new(certificate.clone().into_owned())))
    }

    /// Returns the bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}

impl Tls {
    /// Reads a certificate chain and its key, as PEM.
    ///
    /// # Errors
    /// A file that cannot be read, or a key that does not match the certificate.
    pub fn read(certificate: &Path, key: &Path) -> io::Result<Self> {
        let config = ArcSwap::new(config(certificate, key, false)?);
        Ok(Self { certificate: certificate.into(), key: key.into(), asks_clients: false, config })
    }

    /// Reads a certificate chain and its key, as PEM, and asks every client for a certificate. Clients without one are
    /// served as well.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn asking_clients(certificate: &Path, key: &Path) -> io::Result<Self> {
        let config = ArcSwap::new(config(certificate, key, true)?);
        Ok(Self { certificate: certificate.into(), key: key.into(), asks_clients: true, config })
    }

    /// Reads both files again; new connections use their current contents.
    ///
    /// # Errors
    /// As [`read`](Self::read); then nothing changes.
    pub fn read_again(&self) -> io::Result<()> {
        self.config.store(config(&self.certificate, &self.key, self.asks_clients)?);
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }
}

/// Accepts every certificate of which the client has the key. Callers compare the certificate with those that they know,
/// so no issuer vouches for it.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

fn config(certificate: &Path, key: &Path, asks_clients: bool) -> io::Result<Arc<ServerConfig>> {
    let named = |path: &Path, error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain: Vec<_> = chain.map_err(|error| named(certificate, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, &error))?;
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let algorithms = provider.signature_verification_algorithms;
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let made = builder.and_then(|builder| {
        let builder = match asks_clients {
            true => builder.with_client_cert_verifier(Arc::new(AnyCertificate(algorithms))),
            false => builder.with_no_client_auth(),
        };
        builder.with_single_cert(chain, secret)
    });
    let mut made = made.map_err(|error| named(certificate, &error))?;
    made.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(made))
}
