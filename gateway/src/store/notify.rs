//! Wake-ups: a hint that something changed. Every listener also polls, since hints are lost while a connection is.

use std::collections::BTreeSet;

use futures::FutureExt;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};

use crate::domain::ids::TenantId;
use crate::store::{Store, StoreError};

/// Channel the triggers of `gateway.tenant` notify.
const TENANTS: &str = "gateway_tenant";
/// Channel that what tenant ports alone must know is notified on.
const ROUTES: &str = "gateway_route";
/// Channel the trigger of `gateway.job` notifies.
const JOBS: &str = "gateway_job";
/// Channel the trigger of `gateway.inspection` notifies.
const INSPECTIONS: &str = "gateway_inspection";
/// Channel the triggers of `gateway.managed_pool` notify.
const POOLS: &str = "gateway_pool";
/// Channel that those who write events notify.
const EVENTS: &str = "gateway_event";

/// Hears that something changed.
#[derive(Debug)]
pub struct Changes(Listener);

/// Hears which tenants a tenant port has to look at again.
#[derive(Debug)]
pub struct RouteChanges(Listener);

/// What changed for tenant ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteChange {
    /// These tenants.
    Tenants(BTreeSet<TenantId>),
    /// Something that concerns many, or nobody knows what: the connection was lost and is back.
    Everything,
}

impl RouteChange {
    /// A notification alone; one that names no tenant is about all, and so is a connection that was lost.
    fn of(notification: Option<PgNotification>) -> Self {
        let tenant = notification.and_then(|told| told.payload().parse().ok()).map(TenantId::from_uuid);
        tenant.map_or(Self::Everything, |tenant| Self::Tenants(BTreeSet::from([tenant])))
    }

    /// Both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Tenants(mut some), Self::Tenants(more)) => {
                some.extend(more);
                Self::Tenants(some)
            }
            _ => Self::Everything,
        }
    }
}

impl Store {
    /// Starts to listen for changed tenants; a change that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tenant_changes(&self) -> Result<Changes, StoreError> {
        self.listen(&[TENANTS]).await
    }

    /// Starts to listen for what tenant ports must know; a change that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn route_changes(&self) -> Result<RouteChanges, StoreError> {
        Ok(RouteChanges(Listener::begin(&self.pool, &[TENANTS, ROUTES]).await?))
    }

    /// Starts to listen for new jobs; one that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn job_requests(&self) -> Result<Changes, StoreError> {
        self.listen(&[JOBS]).await
    }

    /// Starts to listen for looks into containers that are asked for; one that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn inspection_requests(&self) -> Result<Changes, StoreError> {
        self.listen(&[INSPECTIONS]).await
    }

    /// Starts to listen for managed pools that became due; one that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn pool_changes(&self) -> Result<Changes, StoreError> {
        self.listen(&[POOLS]).await
    }

    /// Starts to listen for events; one that commits after this returns is heard, besides that of a mere claim.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn event_hints(&self) -> Result<Changes, StoreError> {
        self.listen(&[EVENTS]).await
    }

    async fn listen(&self, channels: &'static [&'static str]) -> Result<Changes, StoreError> {
        Ok(Changes(Listener::begin(&self.pool, channels).await?))
    }
}

impl Changes {
    /// Returns when at least one thing changed, or when the connection was lost and is back, which may have hidden some.
    /// A wait that is given up hides nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the connection cannot be made again.
    pub async fn changed(&mut self) -> Result<(), StoreError> {
        self.0.next().await?;
        // Hints that wait already are about the same look at the table.
        while let Some(more) = self.0.next().now_or_never() {
            more?;
        }
        Ok(())
    }
}

impl RouteChanges {
    /// Waits for a change, and gives it with all that wait already. A wait that is given up hides nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the connection cannot be made again.
    pub async fn next(&mut self) -> Result<RouteChange, StoreError> {
        let mut change = RouteChange::of(self.0.next().await?);
        // What a transaction over many tenants has sent.
        while let Some(more) = self.0.next().now_or_never() {
            change = change.and(RouteChange::of(more?));
        }
        Ok(change)
    }
}

/// A connection of the pool that listens, and another once that is lost.
///
/// `PgListener` makes the other one itself, but a wait for it that is given up puts a connection back into the pool that
/// still listens. One that begins anew ends what its connection listens to whenever it is dropped.
#[derive(Debug)]
struct Listener {
    pool: PgPool,
    channels: &'static [&'static str],
    connected: Option<PgListener>,
}

impl Listener {
    async fn begin(pool: &PgPool, channels: &'static [&'static str]) -> Result<Self, StoreError> {
        let connected = Some(connect(pool, channels).await?);
        Ok(Self { pool: pool.clone(), channels, connected })
    }

    /// The next notification, or `None` when the connection was lost and is back. A wait that is given up has taken nothing.
    async fn next(&mut self) -> Result<Option<PgNotification>, StoreError> {
        if let Some(connected) = &mut self.connected {
            if let Some(notification) = connected.try_recv().await? {
                return Ok(Some(notification));
            }
            self.connected = None;
        }
        self.connected = Some(connect(&self.pool, self.channels).await?);
        Ok(None)
    }
}

async fn connect(pool: &PgPool, channels: &[&str]) -> Result<PgListener, StoreError> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.eager_reconnect(false);
    listener.listen_all(channels.iter().copied()).await?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_concerns_all_swallows_what_concerns_some() {
        let some = |number| RouteChange::Tenants(BTreeSet::from([TenantId::from_uuid(uuid::Uuid::from_u128(number))]));
        let RouteChange::Tenants(both) = some(1).and(some(2)).and(some(1)) else { panic!("everything") };
        assert_eq!(both.len(), 2);
        assert_eq!(some(1).and(RouteChange::Everything), RouteChange::Everything);
        assert_eq!(RouteChange::Everything.and(some(1)), RouteChange::Everything);
    }
}
