//! A server that speaks TLS with a certificate made for the test, and says nothing more.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// An authority of the test's own.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: TempDir,
}

/// A server; it ends when dropped.
pub(crate) struct TlsServer {
    pub(crate) port: u16,
    stop: CancellationToken,
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "authority of a test");
        let issuer = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, directory: tempfile::tempdir().unwrap() }
    }

    /// A file for `SSL_CERT_FILE`, with which a program believes this authority and no other.
    pub(crate) fn file(&self) -> PathBuf {
        let path = self.directory.path().join("authority.pem");
        std::fs::write(&path, self.issuer.pem()).unwrap();
        path
    }

    /// A server whose certificate is for a name and ends so many days from now.
    pub(crate) async fn serve(&self, name: &str, days: i64) -> TlsServer {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let now = jiff::Timestamp::now().as_second();
        let time = |second: i64| {
            let date = jiff::Timestamp::from_second(second).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date();
            rcgen::date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
        };
        parameters.not_before = time(now - 100 * 86_400);
        parameters.not_after = time(now + days * 86_400);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![certificate.der().clone(), self.issuer.der().clone()];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        TaskTracker::new().spawn(async move {
            while let Some(Ok((stream, _))) = stopped.run_until_cancelled(listener.accept()).await {
                // Who does not like the certificate ends the handshake.
                let _ = acceptor.accept(stream).await;
            }
        });
        TlsServer { port, stop }
    }
}
