//! What Traefik itself says of its routers, from its API.

use serde::Deserialize;
use url::Url;

use crate::domain::failure::Failure;
use crate::infra::probe::Probe;

/// Routers asked for at once.
const PAGE: usize = 1_000;
/// Traefik names the next page here; after the last one it is the first again.
const NEXT_PAGE: &str = "x-next-page";

/// A router as Traefik made it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LiveRouter {
    /// Its name with provider, such as `tenant-acme@redis`.
    pub name: String,
    /// `enabled`, `warning` or `disabled`.
    pub status: String,
}

impl Probe {
    /// Every HTTP router of every provider.
    ///
    /// # Errors
    /// `traefik_api_unreachable`, retryable: no answer, or one that is not Traefik's.
    pub async fn routers(&self, api: &Url) -> Result<Vec<LiveRouter>, Failure> {
        let unreachable = |e: Box<dyn std::error::Error + Send + Sync>| {
            Failure::retryable("traefik_api_unreachable", "Traefik's API does not answer").because(e)
        };
        let mut all = Vec::new();
        let mut page = 1_u32;
        loop {
            let mut url = api.join("api/http/routers").map_err(|e| unreachable(e.into()))?;
            url.query_pairs_mut().append_pair("page", &page.to_string()).append_pair("per_page", &PAGE.to_string());
            let answer = self.client.get(url).send().await.and_then(reqwest::Response::error_for_status);
            let answer = answer.map_err(|e| unreachable(e.into()))?;
            let next = answer.headers().get(NEXT_PAGE).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
            let routers: Vec<LiveRouter> = answer.json().await.map_err(|e| unreachable(e.into()))?;
            all.extend(routers);
            match next {
                Some(next) if next > page => page = next,
                _ => return Ok(all),
            }
        }
    }
}
