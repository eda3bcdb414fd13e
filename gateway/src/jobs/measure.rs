//! What only a worker can find out of database servers, for those who plan by it: whether they answer, and how large they
//! are.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use crate::domain::failure::Failure;
use crate::domain::ids::ServerId;
use crate::infra::measure::ServerSize;
use crate::provision::run::{World, store_failure};
use crate::provision::servers::HeldServer;
use crate::store::Store;
use crate::store::capacity::ServerMeasure;
use crate::store::server_sights::SightedServer;

/// Time between two looks.
pub(super) const EVERY: Duration = Duration::from_secs(60);
/// Time between two looks at the sizes of databases.
const SIZES: Duration = Duration::from_secs(3_600);
/// Longest look at one server.
const LONGEST: Duration = Duration::from_secs(30);

/// Remembers when the sizes were looked at.
#[derive(Debug, Default)]
pub(super) struct Measuring {
    sized_at: BTreeMap<ServerId, Instant>,
}

impl Measuring {
    /// Looks at every server whose credential is held, at all of them at once, and writes what differs from what stands
    /// there. Steps learn of it too: one that answers again is used again at once.
    pub(super) async fn measure(&mut self, world: &World) {
        let stands = async {
            let known = world.servers.known(&world.store).await?;
            Ok::<_, Failure>((known, world.store.sighted_servers().await.map_err(store_failure)?))
        };
        let (known, mut sighted) = match stands.await {
            Ok(stands) => stands,
            Err(failure) => {
                tracing::debug!(code = failure.code, "database servers are not looked at");
                return;
            }
        };
        let looks = known.into_iter().filter_map(|server| {
            let place = sighted.iter().position(|one| one.id == server.id)?;
            let is_due = self.sized_at.get(&server.id).is_none_or(|at| at.elapsed() >= SIZES);
            Some(look(&world.store, sighted.swap_remove(place), server.held?, is_due))
        });
        // One that went is forgotten; its id never comes again.
        let sized: Vec<ServerId> = join_all(looks.collect::<Vec<_>>()).await.into_iter().flatten().collect();
        self.sized_at.extend(sized.into_iter().map(|id| (id, Instant::now())));
    }
}

/// Looks at one server and writes how that ended. Gives its id when its sizes were looked at, too.
async fn look(store: &Store, stands: SightedServer, held: Arc<HeldServer>, is_due: bool) -> Option<ServerId> {
    let silent = |_elapsed| {
        let text = format!("the database server gave no answer within {} s", LONGEST.as_secs());
        Err(Failure::unavailable("database_server_unreachable", text))
    };
    let seen = tokio::time::timeout(LONGEST, read(&held, &stands, is_due)).await.unwrap_or_else(silent);
    held.breaker.note(seen.as_ref().err());
    let problem = seen.as_ref().err().map(|failure| failure.code);
    let written = async {
        store.put_sight(&stands, problem).await?;
        if let Ok((size, sizes)) = &seen {
            let before = stands.measure.and_then(|known| known.databases_bytes);
            let measure = ServerMeasure {
                max_connections: size.max_connections,
                reserved_connections: size.reserved_connections,
                databases: size.databases,
                databases_bytes: if *sizes { size.databases_bytes } else { before },
            };
            if stands.measure != Some(measure) {
                store.put_measure(stands.id, &measure).await?;
            }
        }
        Ok::<(), crate::store::StoreError>(())
    };
    if let Err(error) = written.await {
        tracing::debug!(server = %held.name, %error, "what was found of a database server cannot be written");
    }
    match seen {
        Ok((_, sizes)) => sizes.then_some(stands.id),
        Err(failure) => {
            tracing::debug!(server = %held.name, code = failure.code, "a database server could not be measured");
            None
        }
    }
}

/// Measures; the sizes too when they are due, and when databases came or went. Says whether it did.
async fn read(held: &HeldServer, stands: &SightedServer, is_due: bool) -> Result<(ServerSize, bool), Failure> {
    let size = held.server.measure(is_due).await?;
    if is_due || stands.measure.is_some_and(|known| known.databases == size.databases) {
        return Ok((size, is_due));
    }
    Ok((held.server.measure(true).await?, true))
}
