//! What Traefik itself says of what it serves, from its API, and what it takes. Only read.

pub mod live;
pub mod metrics;
pub mod model;
pub mod sight;

use serde::de::DeserializeOwned;
use url::Url;

use crate::domain::failure::Failure;
use crate::infra::probe::Probe;
use crate::infra::render::SENTINEL;
use crate::infra::traefik::live::{LiveMiddleware, LiveRouter, LiveService, PROVIDER};

/// Things asked for at once.
const PAGE: usize = 1_000;
/// Traefik names the next page here; after the last one it is the first again.
const NEXT_PAGE: &str = "x-next-page";
/// Pages followed at most: a million routers.
const MOST_PAGES: u32 = 1_000;

fn unreachable(e: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::retryable("traefik_api_unreachable", "Traefik's API does not answer").because(e)
}

impl Probe {
    /// Every HTTP router of every provider.
    ///
    /// # Errors
    /// `traefik_api_unreachable`, retryable: no answer, or one that is not Traefik's.
    pub async fn routers(&self, api: &Url) -> Result<Vec<LiveRouter>, Failure> {
        self.traefik_list(api, "api/http/routers").await
    }

    /// Where Traefik leads requests for a service of ours, by its name without provider; none where it does not have it.
    ///
    /// # Errors
    /// `traefik_api_unreachable`, retryable: no answer, or one that is not Traefik's.
    pub async fn servers(&self, api: &Url, service: &str) -> Result<Vec<String>, Failure> {
        let service: Option<LiveService> = self.traefik_own(api, "services", service).await?;
        let servers = service.and_then(|service| service.load_balancer).unwrap_or_default().servers;
        Ok(servers.into_iter().map(|server| server.url.trim_end_matches('/').to_owned()).collect())
    }

    /// How many changes of the tree Traefik has loaded, as its sentinel says; 0 where it has none that does.
    ///
    /// # Errors
    /// `traefik_api_unreachable`, retryable: no answer, or one that is not Traefik's.
    pub async fn loaded(&self, api: &Url) -> Result<i64, Failure> {
        let sentinel: Option<LiveMiddleware> = self.traefik_own(api, "middlewares", SENTINEL).await?;
        Ok(sentinel.and_then(|sentinel| sentinel.loaded()).unwrap_or(0))
    }

    /// One of our own things by its name without provider; `None` where Traefik does not have it.
    async fn traefik_own<T: DeserializeOwned>(&self, api: &Url, kind: &str, name: &str) -> Result<Option<T>, Failure> {
        let url = api.join(&format!("api/http/{kind}/{name}{PROVIDER}")).map_err(unreachable)?;
        let answer = self.client.get(url).send().await.map_err(unreachable)?;
        if answer.status() == http::StatusCode::NOT_FOUND {
            return Ok(None);
        }
        answer.error_for_status().map_err(unreachable)?.json().await.map(Some).map_err(unreachable)
    }

    async fn traefik_get(&self, url: Url) -> Result<reqwest::Response, Failure> {
        let answer = self.client.get(url).send().await.and_then(reqwest::Response::error_for_status);
        answer.map_err(unreachable)
    }

    /// One thing that Traefik's API tells.
    async fn traefik_one<T: DeserializeOwned>(&self, api: &Url, path: &str) -> Result<T, Failure> {
        let url = api.join(path).map_err(unreachable)?;
        self.traefik_get(url).await?.json().await.map_err(unreachable)
    }

    /// A list that Traefik's API tells, page by page.
    async fn traefik_list<T: DeserializeOwned>(&self, api: &Url, path: &str) -> Result<Vec<T>, Failure> {
        let mut all = Vec::new();
        let mut page = 1_u32;
        loop {
            let mut url = api.join(path).map_err(unreachable)?;
            url.query_pairs_mut().append_pair("page", &page.to_string()).append_pair("per_page", &PAGE.to_string());
            let answer = self.traefik_get(url).await?;
            let next = answer.headers().get(NEXT_PAGE).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
            let items: Vec<T> = answer.json().await.map_err(unreachable)?;
            all.extend(items);
            match next {
                Some(next) if next > page && next <= MOST_PAGES => page = next,
                _ => return Ok(all),
            }
        }
    }
}
