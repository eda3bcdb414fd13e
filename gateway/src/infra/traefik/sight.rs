//! Traefik as it was seen a moment ago, shared by all who ask.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::Mutex;
use url::Url;

use crate::domain::failure::Failure;
use crate::infra::probe::Probe;
use crate::infra::render::SENTINEL;
use crate::infra::traefik::live::{
    Build, EntryPoint, HttpCounts, LiveMiddleware, LiveRouter, LiveService, Overview, PROVIDER,
};
use crate::infra::traefik::unreachable;

/// How old a sight may be. Many callers cost Traefik one look in this time.
const FRESH: Duration = Duration::from_secs(1);
/// Longest look. Ten thousand routers take a tenth of it.
const LONGEST: Duration = Duration::from_secs(10);

/// Everything Traefik says of itself, by name with provider. The lists are asked for one after the other and are not one
/// moment's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Traefik's version.
    pub version: String,
    /// When its process started.
    pub started_at: Option<Timestamp>,
    /// Entry points.
    pub entry_points: Vec<EntryPoint>,
    /// Providers, such as `Redis`.
    pub providers: Vec<String>,
    /// Traefik's own counts.
    pub counts: HttpCounts,
    /// HTTP routers.
    pub routers: BTreeMap<String, LiveRouter>,
    /// HTTP services.
    pub services: BTreeMap<String, LiveService>,
    /// HTTP middlewares.
    pub middlewares: BTreeMap<String, LiveMiddleware>,
}

impl Held {
    /// Whether the sentinel of the published tree is there: without it Traefik has not read the tree.
    #[must_use]
    pub fn has_sentinel(&self) -> bool {
        self.middlewares.get(&format!("{SENTINEL}{PROVIDER}")).is_some_and(|sentinel| sentinel.status != "disabled")
    }

    /// The router of a tenant or of our own by its name without provider.
    #[must_use]
    pub fn published_router(&self, name: &str) -> Option<&LiveRouter> {
        self.routers.get(&format!("{name}{PROVIDER}"))
    }
}

/// Why nothing is known of Traefik.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// Stable word: `traefik_not_configured`, `traefik_api_unreachable` or `http_client`.
    pub code: &'static str,
    /// One sentence for people.
    pub message: String,
}

/// A look at Traefik.
#[derive(Clone, Debug)]
pub struct Sight {
    /// When it was looked at.
    pub at: Timestamp,
    /// Since when this process sees it answer, or not answer.
    pub since: Timestamp,
    /// Since when this process sees the sentinel held, or not held; `None` while nothing is known.
    pub sentinel_since: Option<Timestamp>,
    /// What it holds; nothing may be concluded from [`Blind`], least of all that something is missing.
    pub held: Result<Arc<Held>, Blind>,
}

/// Looks at Traefik, at most once a second whoever asks.
#[derive(Debug)]
pub struct Traefik {
    probe: Result<Probe, Failure>,
    api: Option<Url>,
    last: Mutex<Option<(Instant, Sight)>>,
}

impl Traefik {
    /// Nothing is asked yet. Without `api` nothing is ever known.
    #[must_use]
    pub fn new(api: Option<Url>) -> Self {
        Self { probe: Probe::new(), api, last: Mutex::new(None) }
    }

    /// Traefik as it is now, or was a moment ago. Callers at the same time share one look.
    pub async fn sight(&self) -> Sight {
        let mut last = self.last.lock().await;
        if let Some((at, sight)) = &*last
            && at.elapsed() < FRESH
        {
            return sight.clone();
        }
        let held = match &self.api {
            None => Err(Blind {
                code: "traefik_not_configured",
                message: "traefik_api_url (GATEWAY_TRAEFIK_API_URL) is not set, so nothing is known of Traefik".into(),
            }),
            Some(api) => match &self.probe {
                Ok(probe) => look(probe, api).await,
                Err(failure) => Err(Blind { code: failure.code, message: failure.message.clone() }),
            },
        };
        let sight = seen_after(last.as_ref().map(|(_, before)| before), Timestamp::now(), held);
        *last = Some((Instant::now(), sight.clone()));
        sight
    }
}

async fn look(probe: &Probe, api: &Url) -> Result<Arc<Held>, Blind> {
    let held = tokio::time::timeout(LONGEST, read(probe, api)).await;
    let held = held.unwrap_or_else(|elapsed| Err(unreachable(elapsed)));
    held.map(Arc::new).map_err(|failure| {
        tracing::debug!(code = failure.code, cause = failure.cause_chain(), "Traefik's API does not answer");
        Blind { code: failure.code, message: failure.message }
    })
}

async fn read(probe: &Probe, api: &Url) -> Result<Held, Failure> {
    let (build, overview, entry_points): (Build, Overview, Vec<EntryPoint>) = tokio::try_join!(
        probe.traefik_one(api, "api/version"),
        probe.traefik_one(api, "api/overview"),
        probe.traefik_list(api, "api/entrypoints")
    )?;
    let (routers, services, middlewares): (Vec<LiveRouter>, Vec<LiveService>, Vec<LiveMiddleware>) = tokio::try_join!(
        probe.traefik_list(api, "api/http/routers"),
        probe.traefik_list(api, "api/http/services"),
        probe.traefik_list(api, "api/http/middlewares")
    )?;
    Ok(Held {
        version: build.version,
        started_at: build.started_at,
        entry_points,
        providers: overview.providers,
        counts: overview.http,
        routers: routers.into_iter().map(|router| (router.name.clone(), router)).collect(),
        services: services.into_iter().map(|service| (service.name.clone(), service)).collect(),
        middlewares: middlewares.into_iter().map(|middleware| (middleware.name.clone(), middleware)).collect(),
    })
}

/// A new sight beside the one before, which says since when things are as they are.
fn seen_after(before: Option<&Sight>, at: Timestamp, held: Result<Arc<Held>, Blind>) -> Sight {
    let has_sentinel = |held: &Result<Arc<Held>, Blind>| held.as_ref().ok().map(|held| held.has_sentinel());
    let same = before.filter(|before| before.held.is_ok() == held.is_ok());
    let same_sentinel = before.filter(|before| has_sentinel(&before.held) == has_sentinel(&held));
    Sight {
        at,
        since: same.map_or(at, |before| before.since),
        sentinel_since: held.is_ok().then(|| same_sentinel.and_then(|before| before.sentinel_since).unwrap_or(at)),
        held,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_lasts_keeps_the_time_it_began() {
        let time = |second| Timestamp::from_second(second).unwrap();
        let blind = || Err(Blind { code: "traefik_api_unreachable", message: String::new() });
        let held = |sentinel: bool| {
            let middleware = LiveMiddleware { status: "enabled".into(), ..LiveMiddleware::default() };
            let name = format!("{SENTINEL}{PROVIDER}");
            let middlewares = sentinel.then_some((name, middleware)).into_iter().collect();
            Ok(Arc::new(Held { middlewares, ..Held::default() }))
        };
        let first = seen_after(None, time(1), blind());
        assert_eq!((first.since, first.sentinel_since), (time(1), None));
        let second = seen_after(Some(&first), time(2), blind());
        assert_eq!(second.since, time(1));
        let third = seen_after(Some(&second), time(3), held(false));
        assert_eq!((third.since, third.sentinel_since), (time(3), Some(time(3))));
        let fourth = seen_after(Some(&third), time(4), held(true));
        assert_eq!((fourth.since, fourth.sentinel_since), (time(3), Some(time(4))));
        let fifth = seen_after(Some(&fourth), time(5), held(true));
        assert_eq!((fifth.since, fifth.sentinel_since), (time(3), Some(time(4))));
    }
}
