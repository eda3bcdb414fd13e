//! Requests that prove something: a container answers, a host answers through Traefik with the newest route.

use std::net::Ipv4Addr;
use std::time::Duration;

use url::Url;

use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::infra::render::REVISION_HEADER;

/// Header of every page that the tenant port shows by itself; its value says why.
const PAGE_HEADER: &str = "x-gateway-error";

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Pauses before a member of a pool that does not answer is asked again.
const STEADY_PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(500)];
/// First and longest pause between two looks. The first is below the few milliseconds Traefik needs at best.
const PAUSES: (Duration, Duration) = (Duration::from_millis(3), Duration::from_millis(100));

/// Makes probing requests: no proxy, no redirects, no cookies.
#[derive(Clone, Debug)]
pub struct Probe {
    pub(super) client: reqwest::Client,
}

/// What came back through Traefik.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeAnswer {
    /// HTTP status.
    pub status: u16,
    /// Revision of the route it went through; `None` when it went through none of ours.
    pub revision: Option<String>,
    /// Why the tenant port answered by itself; `None` when an app, or Traefik, gave the answer.
    pub page: Option<String>,
}

impl Probe {
    /// A probe.
    ///
    /// # Errors
    /// A permanent failure when the HTTP client cannot be made.
    pub fn new() -> Result<Self, Failure> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(2))
            .timeout(TIMEOUT)
            .user_agent("gateway-probe")
            .build();
        let client =
            client.map_err(|e| Failure::permanent("http_client", "the HTTP client cannot be made").because(e))?;
        Ok(Self { client })
    }

    /// Whether the app at this address answers with a status below 500.
    pub async fn is_healthy(&self, address: Ipv4Addr, port: u16, path: &str) -> bool {
        self.answers(&format!("http://{address}:{port}{path}")).await
    }

    /// Whether a member of a pool answers with a status below 500. One that does not is asked twice more before it is
    /// believed, as a member that is busy for a moment is not gone.
    pub async fn is_steady(&self, member: &Url, path: &str) -> bool {
        for pause in STEADY_PAUSES {
            if self.is_up(member, path).await {
                return true;
            }
            tokio::time::sleep(pause).await;
        }
        self.is_up(member, path).await
    }

    /// Whether a member of a pool answers with a status below 500.
    pub async fn is_up(&self, member: &Url, path: &str) -> bool {
        self.answers(&format!("{}{path}", member.as_str().trim_end_matches('/'))).await
    }

    async fn answers(&self, url: &str) -> bool {
        let answer = self.client.get(url).send().await;
        answer.is_ok_and(|answer| answer.status().as_u16() < 500)
    }

    /// Asks Traefik for a host.
    ///
    /// # Errors
    /// `edge_unreachable` or `edge_silent`, retryable.
    pub async fn ask_edge(&self, entry: &Url, host: &Host, path: &str) -> Result<EdgeAnswer, Failure> {
        let unreachable = |e: Box<dyn std::error::Error + Send + Sync>| {
            Failure::unavailable("edge_unreachable", "Traefik's entry point does not answer").because(e)
        };
        let url = entry.join(path).map_err(|e| unreachable(e.into()))?;
        let request = self.client.get(url).header(http::header::HOST, host.as_str());
        let answer = request.send().await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                let text = format!("Traefik took the request for {host} and gave no answer in {} s", TIMEOUT.as_secs());
                return Failure::retryable("edge_silent", text).because(error);
            }
            unreachable(error.into())
        })?;
        let header = |name| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let (revision, page) = (header(REVISION_HEADER), header(PAGE_HEADER));
        Ok(EdgeAnswer { status: answer.status().as_u16(), revision, page })
    }
}

/// Pauses between looks at something that is about to become true: short at first, since most waits are.
#[derive(Debug)]
pub struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(PAUSES.0)
    }
}

impl From<Duration> for Pauses {
    /// The first one is given.
    fn from(first: Duration) -> Self {
        Self(first)
    }
}

impl Pauses {
    /// Waits for the next look.
    pub async fn next(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = self.0.mul_f64(1.5).min(PAUSES.1);
    }
}
