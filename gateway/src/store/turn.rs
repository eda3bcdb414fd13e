//! What one process at a time does for one control database, under a lock that ends with its connection.

use sqlx::Connection;
use sqlx::pool::PoolConnection;
use sqlx::postgres::Postgres;

use crate::store::locks::{LOOK_AT_MEMBERS, PUBLISH, RECONCILE, RESTORE_TREE, SAMPLE, SUBNETS};
use crate::store::{Store, StoreError};

/// How long a turn that others wait for may take. What stands in the way of its work ends sooner.
const LONGEST_TURN: &str = "20s";

/// A right of which there is one per control database. Dropping it gives it back.
#[derive(Debug)]
pub struct Turn {
    lock: i64,
    /// `None` once it went back to the pool, which nothing that may hold the lock does.
    connection: Option<PoolConnection<Postgres>>,
}

impl Turn {
    /// Whether the right is still there: it goes with its connection.
    pub async fn is_held(&mut self) -> bool {
        match &mut self.connection {
            Some(connection) => connection.ping().await.is_ok(),
            None => false,
        }
    }

    /// Gives the right back. Dropping ends the connection instead, which does the same.
    pub async fn release(mut self) {
        // It stays here until the server has answered: whoever gives up waiting for that ends the connection.
        let Some(connection) = self.connection.as_deref_mut() else { return };
        let unlocked = sqlx::query!(
            "SELECT pg_advisory_unlock($1), set_config('idle_session_timeout', '0', false) AS unlimited",
            self.lock
        );
        if unlocked.fetch_one(connection).await.is_ok() {
            drop(self.connection.take());
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Back in the pool it would keep the lock.
            drop(connection.detach());
        }
    }
}

impl Store {
    /// The right to reconcile, or `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn try_reconcile(&self) -> Result<Option<Turn>, StoreError> {
        self.try_turn(RECONCILE).await
    }

    /// The right to look at the members of pools, or `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn try_look_at_members(&self) -> Result<Option<Turn>, StoreError> {
        self.try_turn(LOOK_AT_MEMBERS).await
    }

    /// The right to sample levels of the fleet, or `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn try_sample(&self) -> Result<Option<Turn>, StoreError> {
        self.try_turn(SAMPLE).await
    }

    /// The right to write Traefik's whole tree after it was lost, or `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn try_restore_tree(&self) -> Result<Option<Turn>, StoreError> {
        self.try_turn(RESTORE_TREE).await
    }

    /// The right to publish where pools are. Whoever has it reads the rows and writes what they say: without it, what was
    /// read earlier could be written later.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], also where somebody else has it for longer than a statement may wait.
    pub async fn publish_turn(&self) -> Result<Turn, StoreError> {
        self.wait_for_turn(PUBLISH).await
    }

    /// The right to say of a subnet that nobody has it: until it is given back nobody takes one.
    ///
    /// # Errors
    /// As [`Store::publish_turn`].
    pub async fn subnet_turn(&self) -> Result<Turn, StoreError> {
        self.wait_for_turn(SUBNETS).await
    }

    async fn wait_for_turn(&self, lock: i64) -> Result<Turn, StoreError> {
        // A turn from here on: where the answer is lost, or nobody waits for it any more, the lock may be held, and dropping
        // the turn ends its connection.
        let mut turn = Turn { lock, connection: Some(self.pool.acquire().await?) };
        // The server takes the right from a process that stalls with it: nothing is said over this connection meanwhile.
        let locked = sqlx::query!(
            "SELECT set_config('idle_session_timeout', $2, false) AS limited, pg_advisory_lock($1)",
            lock,
            LONGEST_TURN
        );
        let gone = || StoreError::Unavailable(sqlx::Error::PoolClosed);
        locked.fetch_one(turn.connection.as_deref_mut().ok_or_else(gone)?).await?;
        Ok(turn)
    }

    async fn try_turn(&self, lock: i64) -> Result<Option<Turn>, StoreError> {
        // A turn before it is known to be one, for the same reason.
        let mut turn = Turn { lock, connection: Some(self.pool.acquire().await?) };
        let Some(connection) = turn.connection.as_deref_mut() else { return Ok(None) };
        let got =
            sqlx::query_scalar!(r#"SELECT pg_try_advisory_lock($1) AS "got!""#, lock).fetch_one(connection).await?;
        if got {
            return Ok(Some(turn));
        }
        drop(turn.connection.take());
        Ok(None)
    }
}
