//! Looks into containers of dedicated tenants for those who ask, while they wait: several at once, beside everything else a
//! worker does. What was found is sealed, as it may hold customers' data, and removed minutes later.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use secrecy::SecretString;
use serde::Serialize;
use tokio::time::Instant;
use tokio::time::error::Elapsed;
use tokio_util::sync::CancellationToken;

use crate::domain::failure::Failure;
use crate::domain::inspection::InspectionRequest;
use crate::provision::run::World;
use crate::store::StoreError;
use crate::store::inspections::{Inspection, InspectionEnd, place_of};
use crate::store::notify::Changes;

/// How long a look is kept, from when it was asked for.
const KEPT: Duration = Duration::from_secs(120);
/// Looks taken at once by a worker.
const AT_ONCE: usize = 4;
/// Longest time between two looks for requests, should a notification be lost.
const POLL: Duration = Duration::from_secs(5);
/// Between two removals.
const TIDY: Duration = Duration::from_secs(30);
/// Longest wait for the control database: a connection that swallows the question must not end the looks for good.
const LONGEST: Duration = Duration::from_secs(10);
/// Pause before the connection for notifications is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers those who ask; [`Inspector::run`] drives it.
#[derive(Clone, Debug)]
pub struct Inspector {
    world: Arc<World>,
    worker: String,
}

impl Inspector {
    /// Looks on behalf of this worker.
    #[must_use]
    pub const fn new(world: Arc<World>, worker: String) -> Self {
        Self { world, worker }
    }

    /// Answers until `stop`. Looks under way then are left; another worker takes them.
    pub async fn run(self, stop: CancellationToken) {
        tokio::select! {
            () = self.answer() => {}
            () = stop.cancelled() => {}
        }
    }

    async fn answer(&self) {
        let mut looks = FuturesUnordered::new();
        let mut requests = None;
        let mut tidied = Instant::now();
        loop {
            if requests.is_none() {
                // Before the look for what was asked: what is asked after it is heard of.
                requests = in_time(self.world.store.inspection_requests()).await.ok();
            }
            while looks.len() < AT_ONCE {
                match in_time(self.world.store.take_inspection(&self.worker)).await {
                    Ok(Some(inspection)) => looks.push(self.look(inspection)),
                    Ok(None) => break,
                    Err(error) => {
                        tracing::debug!(%error, "cannot take looks into containers; trying on");
                        break;
                    }
                }
            }
            if tidied.elapsed() >= TIDY {
                tidied = Instant::now();
                if let Err(error) = in_time(self.world.store.remove_inspections(KEPT)).await {
                    tracing::debug!(%error, "cannot remove old looks into containers; trying on");
                }
            }
            tokio::select! {
                Some(()) = looks.next() => {}
                () = heard(&mut requests), if looks.len() < AT_ONCE => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Looks, and writes what was found.
    async fn look(&self, inspection: Inspection) {
        let (id, store) = (inspection.id, &self.world.store);
        let found = match inspection.request {
            Some(request) => self.find(&inspection, request).await,
            None => Err(Failure::permanent("parameters", "the row's parameters make no sense")),
        };
        let sealed = found.and_then(|text| {
            let sealed = self.world.key_ring.seal(&place_of(id), &text);
            sealed.map_err(|error| Failure::permanent("seal", "what was found cannot be sealed").because(error))
        });
        let end = match &sealed {
            Ok(sealed) => InspectionEnd::Found(sealed.clone()),
            Err(failure) => {
                let cause = failure.cause_chain();
                tracing::debug!(tenant.id = %inspection.tenant_id, code = failure.code, cause, "a look into a container failed");
                InspectionEnd::Failed(failure.code, &failure.message)
            }
        };
        if let Err(error) = in_time(store.end_inspection(id, &self.worker, &end)).await {
            tracing::debug!(%error, "what was found in a container cannot be written");
        }
    }

    async fn find(&self, inspection: &Inspection, request: InspectionRequest) -> Result<SecretString, Failure> {
        let engine = self.world.engine.as_ref();
        let engine = engine.ok_or_else(|| Failure::permanent("no_docker", "this worker has no Docker Engine"))?;
        match request {
            InspectionRequest::Logs { lines, since } => {
                written(&engine.read_logs(inspection.tenant_id, lines, since).await?)
            }
            InspectionRequest::Stats => written(&engine.read_stats(inspection.tenant_id).await?),
        }
    }
}

fn written(found: &impl Serialize) -> Result<SecretString, Failure> {
    let text = serde_json::to_string(found);
    text.map(SecretString::from).map_err(|error| Failure::permanent("written", "it cannot be written").because(error))
}

/// What the control database says, or that it says nothing.
async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let silent = |elapsed: Elapsed| Err(StoreError::Unavailable(sqlx::Error::Io(elapsed.into())));
    tokio::time::timeout(LONGEST, asked).await.unwrap_or_else(silent)
}

/// Returns when a look may have been asked for; never without a connection.
async fn heard(requests: &mut Option<Changes>) {
    let Some(changes) = requests else { return std::future::pending().await };
    if changes.changed().await.is_err() {
        *requests = None;
        tokio::time::sleep(PAUSE).await;
    }
}
