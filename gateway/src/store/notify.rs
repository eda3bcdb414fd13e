//! Wake-ups: a hint that something changed. Every listener also polls, since hints are lost while a connection is.

use sqlx::postgres::PgListener;

use crate::store::{Store, StoreError};

/// Channel the triggers of `gateway.tenant` notify.
const CHANNEL: &str = "gateway_tenant";

/// Hears about changed tenants.
#[derive(Debug)]
pub struct TenantChanges {
    listener: PgListener,
}

impl Store {
    /// Starts to listen; a change that commits after this returns is heard.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn tenant_changes(&self) -> Result<TenantChanges, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(TenantChanges { listener })
    }
}

impl TenantChanges {
    /// Returns when at least one tenant changed, or when the connection was lost and is back, which may have hidden some.
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
