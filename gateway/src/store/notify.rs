//! Wake-ups: a hint that something changed. Every listener also polls, since hints are lost while a connection is.

use sqlx::postgres::PgListener;

use crate::store::{Store, StoreError};

/// Channel the triggers of `gateway.tenant` notify.
const TENANTS: &str = "gateway_tenant";
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
pub struct Changes {
    listener: PgListener,
}

impl Store {
    /// Starts to listen for changed tenants; a change that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tenant_changes(&self) -> Result<Changes, StoreError> {
        self.listen(TENANTS).await
    }

    /// Starts to listen for new jobs; one that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn job_requests(&self) -> Result<Changes, StoreError> {
        self.listen(JOBS).await
    }

    /// Starts to listen for looks into containers that are asked for; one that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn inspection_requests(&self) -> Result<Changes, StoreError> {
        self.listen(INSPECTIONS).await
    }

    /// Starts to listen for managed pools that became due; one that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn pool_changes(&self) -> Result<Changes, StoreError> {
        self.listen(POOLS).await
    }

    /// Starts to listen for events; one that commits after this returns is heard, besides that of a mere claim.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn event_hints(&self) -> Result<Changes, StoreError> {
        self.listen(EVENTS).await
    }

    async fn listen(&self, channel: &str) -> Result<Changes, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(channel).await?;
        Ok(Changes { listener })
    }
}

impl Changes {
    /// Returns when at least one thing changed, or when the connection was lost and is back, which may have hidden some.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the connection cannot be made again.
    pub async fn changed(&mut self) -> Result<(), StoreError> {
        self.listener.try_recv().await?;
        // Hints that wait already are about the same look at the table.
        while let Some(_more) = self.listener.next_buffered() {}
        Ok(())
    }
}
