//! What only a worker can measure, for those who plan by it.

use std::time::Duration;

use tokio::time::Instant;

use crate::domain::failure::Failure;
use crate::provision::run::{World, store_failure};
use crate::store::capacity::ServerMeasure;

/// Time between two looks at the sizes of databases.
const SIZES: Duration = Duration::from_secs(3_600);
/// Longest measuring.
const LONGEST: Duration = Duration::from_secs(30);

/// Remembers when the sizes were looked at.
#[derive(Debug, Default)]
pub(super) struct Measuring {
    sized_at: Option<Instant>,
}

impl Measuring {
    /// Measures the tenants' server and writes what differs from what stands there. Trouble is told by the look for drift,
    /// which reads the same server.
    pub(super) async fn measure(&mut self, world: &World) {
        let is_due = self.sized_at.is_none_or(|at| at.elapsed() >= SIZES);
        match tokio::time::timeout(LONGEST, measure(world, is_due)).await {
            Ok(Ok(true)) => self.sized_at = Some(Instant::now()),
            Ok(Ok(false)) => {}
            Ok(Err(failure)) => tracing::debug!(code = failure.code, "the database server could not be measured"),
            Err(_elapsed) => tracing::debug!("measuring the database server took too long"),
        }
    }
}

/// Looks at sizes when that is due, and when databases came or went. Says whether it did.
async fn measure(world: &World, is_due: bool) -> Result<bool, Failure> {
    let servers = world.store.server_use().await.map_err(store_failure)?;
    let server = servers.into_iter().find(|server| server.id == world.server_id);
    let known = server.and_then(|server| server.measured).map(|(measure, _)| measure);
    let mut size = world.server.measure(is_due).await?;
    let sizes = is_due || known.is_none_or(|known| known.databases != size.databases);
    if sizes && !is_due {
        size = world.server.measure(true).await?;
    }
    let before = known.and_then(|known| known.databases_bytes);
    let measure = ServerMeasure {
        max_connections: size.max_connections,
        reserved_connections: size.reserved_connections,
        databases: size.databases,
        databases_bytes: if sizes { size.databases_bytes } else { before },
    };
    if known != Some(measure) {
        world.store.put_measure(world.server_id, &measure).await.map_err(store_failure)?;
    }
    Ok(sizes)
}
