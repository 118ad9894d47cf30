//! HTTPS: the server uses the configured certificate, and does not answer plain HTTP.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::{documents, serve};
use rolecall_server::{Config, Tls};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

async fn ask(
    address: std::net::SocketAddr,
    root: Option<CertificateDer<'static>>,
    name: &str,
) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    if let Some(root) = root {
        roots.add(root).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let connector = TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    let stream = TcpStream::connect(address).await?;
    let mut stream = connector.connect(ServerName::try_from(name.to_string()).unwrap(), stream).await?;
    stream
        .write_all(b"GET /.well-known/authzen-configuration HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

#[tokio::test]
async fn a_certificate_enables_tls() {
    let made = rcgen::generate_simple_self_signed(["roles.example.com".to_string()]).unwrap();
    let server = serve(|folder| {
        std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        let tls =
            Some(Tls { certificate: folder.join("cert.pem"), key: folder.join("key.pem"), client_certificates: false });
        Config { tls, ..documents(folder) }
    })
    .await;
    let root = made.cert.der().clone();
    let response = ask(server.address, Some(root.clone()), "roles.example.com").await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK"), "{response}");
    assert!(response.contains(&format!(r#""policy_decision_point":"https://{}""#, server.address)), "{response}");
    assert!(ask(server.address, Some(root), "other.example.com").await.is_err(), "the name is another");
    assert!(ask(server.address, None, "roles.example.com").await.is_err(), "nobody vouches for the certificate");
    // A client without TLS gets no response.
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let _ = plain.read_to_end(&mut bytes).await;
    assert!(!bytes.starts_with(b"HTTP/1.1 200"));
}
