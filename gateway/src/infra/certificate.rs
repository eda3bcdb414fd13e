//! The certificate that a server shows, and whether this machine believes it. Nothing is sent but the handshake.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::domain::failure::Failure;
use crate::domain::host;

/// Longest wait for the handshake.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A certificate as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCertificate {
    /// Whom it names.
    pub subject: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Why a client of this machine would not believe it; `None` where it would.
    pub fault: Option<String>,
}

/// Takes every certificate and remembers what the machine's own verifier says of it.
#[derive(Debug)]
struct Witness {
    verifier: Verifier,
    seen: Mutex<Option<(CertificateDer<'static>, Option<String>)>>,
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.verifier.verify_server_cert(shown, chain, name, ocsp, now);
        let fault = verdict.err().map(|error| error.to_string());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((shown.clone().into_owned(), fault));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, shown, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

fn unreachable(what: &str) -> Failure {
    Failure::retryable("tls_unreachable", format!("could not see a certificate: {what}"))
}

/// The certificate that the server of a URL shows to a client that asks for `name`.
///
/// # Errors
/// `tls_unreachable`, retryable: nobody answers, or not with TLS.
pub async fn look(url: &Url, name: &str) -> Result<SeenCertificate, Failure> {
    tokio::time::timeout(TIMEOUT, shake(url, name))
        .await
        .unwrap_or_else(|_elapsed| Err(unreachable("no answer in time")))
}

async fn shake(url: &Url, name: &str) -> Result<SeenCertificate, Failure> {
    let host = host::of_url(url).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((host, port)).await;
    let addresses: Vec<SocketAddr> = found.map_err(|e| unreachable("its host has no address").because(e))?.collect();
    let name = ServerName::try_from(name.to_owned()).map_err(|e| unreachable("its host is no name").because(e))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let failed = |e: rustls::Error| unreachable("this machine's certificates cannot be read").because(e);
    let verifier = Verifier::new(Arc::clone(&provider)).map_err(failed)?;
    let witness = Arc::new(Witness { verifier, seen: Mutex::default() });
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    let config = config
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let stream = TcpStream::connect(&*addresses).await.map_err(|e| unreachable("nobody answers there").because(e))?;
    let shaken = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    shaken.map_err(|e| unreachable("the server there speaks no TLS, or refuses it").because(e))?;
    let seen = witness.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
    let (shown, fault) = seen.ok_or_else(|| unreachable("the server showed none"))?;
    read(&shown, fault)
}

fn read(shown: &CertificateDer<'_>, fault: Option<String>) -> Result<SeenCertificate, Failure> {
    let unreadable = || unreachable("it is none that can be read");
    let (_, certificate) = X509Certificate::from_der(shown).map_err(|_| unreadable())?;
    let ends_at = Timestamp::from_second(certificate.validity().not_after.timestamp()).map_err(|_| unreadable())?;
    Ok(SeenCertificate { subject: certificate.subject().to_string(), ends_at, fault })
}
