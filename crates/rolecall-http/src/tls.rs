//! The certificate and its key, which can be reloaded while the server runs.

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// The TLS identity of a server.
#[derive(Debug)]
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: ArcSwap<ServerConfig>,
}

impl Tls {
    /// Reads a certificate chain and its key, as PEM.
    ///
    /// # Errors
    /// A file that cannot be read, or a key that does not match the certificate.
    pub fn read(certificate: &Path, key: &Path) -> io::Result<Self> {
        let config = ArcSwap::new(config(certificate, key)?);
        Ok(Self { certificate: certificate.into(), key: key.into(), config })
    }

    /// Reads both files again; new connections use their current contents.
    ///
    /// # Errors
    /// As [`read`](Self::read); then nothing changes.
    pub fn read_again(&self) -> io::Result<()> {
        self.config.store(config(&self.certificate, &self.key)?);
        Ok(())
    }

    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config.load_full())
    }
}

fn config(certificate: &Path, key: &Path) -> io::Result<Arc<ServerConfig>> {
    let named = |path: &Path, error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain: Vec<_> = chain.map_err(|error| named(certificate, &error))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, &error))?;
    let provider = CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let made = builder.and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, secret));
    let mut made = made.map_err(|error| named(certificate, &error))?;
    made.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(made))
}
