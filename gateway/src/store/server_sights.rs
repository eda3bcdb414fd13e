//! What workers found of database servers: whether they answer, and how large they are.

use crate::domain::ids::ServerId;
use crate::domain::server::{ServerName, ServerState};
use crate::store::capacity::ServerMeasure;
use crate::store::{Store, StoreError};

/// For how long after a look a worker counts as holding the server's credential, in seconds. Workers look every minute.
pub(super) const SIGHT_LASTS: f64 = 600.0;
/// How old the record of a look may get while nothing changes, in seconds. A look in between writes nothing.
const RENEWED: f64 = 240.0;

/// How the last look at a server ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerSight {
    /// Code of the failure; `None` when it answered.
    pub problem: Option<String>,
    /// How long ago that was written, in seconds.
    pub age: f64,
}

/// What stands there of a server.
#[derive(Clone, Debug, PartialEq)]
pub struct SightedServer {
    /// Its id.
    pub id: ServerId,
    /// What was last measured.
    pub measure: Option<ServerMeasure>,
    /// How the last look ended.
    pub sight: Option<ServerSight>,
}

impl ServerSight {
    /// Whether a look that ended like this is news.
    fn is_outdated(&self, problem: Option<&str>) -> bool {
        self.problem.as_deref() != problem || self.age >= RENEWED
    }
}

impl Store {
    /// Ids and names of all database servers.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a name that is none.
    pub async fn server_names(&self) -> Result<Vec<(ServerId, ServerName)>, StoreError> {
        let rows = sqlx::query!("SELECT id, name FROM gateway.database_server WHERE removed_at IS NULL ORDER BY name")
            .fetch_all(&self.pool)
            .await?;
        let names = rows.into_iter().map(|row| {
            let unknown =
                || StoreError::Inconsistent { table: "database_server", column: "name", row: row.id.to_string() };
            Ok((ServerId::from_uuid(row.id), ServerName::parse(&row.name).ok_or_else(unknown)?))
        });
        names.collect()
    }

    /// Names and states of all database servers.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a name or a state that is none.
    pub async fn server_states(&self) -> Result<Vec<(ServerName, ServerState)>, StoreError> {
        let rows =
            sqlx::query!("SELECT id, name, state FROM gateway.database_server WHERE removed_at IS NULL ORDER BY name")
                .fetch_all(&self.pool)
                .await?;
        let states = rows.into_iter().map(|row| {
            let unknown =
                |column| StoreError::Inconsistent { table: "database_server", column, row: row.id.to_string() };
            let name = ServerName::parse(&row.name).ok_or_else(|| unknown("name"))?;
            Ok((name, ServerState::parse(&row.state).ok_or_else(|| unknown("state"))?))
        });
        states.collect()
    }

    /// `host:port` of a server for tenants' apps.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn server_address(&self, id: ServerId) -> Result<String, StoreError> {
        let found = sqlx::query_scalar!("SELECT address FROM gateway.database_server WHERE id = $1", id.as_uuid());
        Ok(found.fetch_one(&self.pool).await?)
    }

    /// What stands there of every database server.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn sighted_servers(&self) -> Result<Vec<SightedServer>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT d.id AS "id!", m.max_connections AS "max_connections?", m.reserved_connections AS "reserved_connections?",
                   m.databases AS "databases?", m.databases_bytes AS "databases_bytes?", s.problem AS "problem?",
                   extract(epoch FROM now() - s.looked_at)::float8 AS "age?"
              FROM gateway.database_server d
              LEFT JOIN gateway.server_measure m ON m.server_id = d.id
              LEFT JOIN gateway.server_sight s ON s.server_id = d.id
             WHERE d.removed_at IS NULL
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        let servers = rows.into_iter().map(|row| SightedServer {
            id: ServerId::from_uuid(row.id),
            measure: ServerMeasure::of_columns(
                row.max_connections,
                row.reserved_connections,
                row.databases,
                row.databases_bytes,
            ),
            sight: row.age.map(|age| ServerSight { problem: row.problem, age }),
        });
        Ok(servers.collect())
    }

    /// Writes how a look at a server ended, unless that stands there and is not old. A server that was removed meanwhile
    /// keeps none.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_sight(&self, known: &SightedServer, problem: Option<&str>) -> Result<(), StoreError> {
        if known.sight.as_ref().is_some_and(|sight| !sight.is_outdated(problem)) {
            return Ok(());
        }
        sqlx::query!(
            "INSERT INTO gateway.server_sight AS s (server_id, reached_at, problem)
             SELECT id, CASE WHEN $2::text IS NULL THEN now() END, $2 FROM gateway.database_server WHERE id = $1 AND removed_at IS NULL
             ON CONFLICT (server_id) DO UPDATE
                SET looked_at = now(), reached_at = coalesce(excluded.reached_at, s.reached_at), problem = excluded.problem",
            known.id.as_uuid(),
            problem
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes what was measured on a server.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn put_measure(&self, server: ServerId, measure: &ServerMeasure) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO gateway.server_measure (server_id, max_connections, reserved_connections, databases, databases_bytes)
             SELECT id, $2, $3, $4, $5 FROM gateway.database_server WHERE id = $1 AND removed_at IS NULL
             ON CONFLICT (server_id) DO UPDATE
                SET max_connections = excluded.max_connections, reserved_connections = excluded.reserved_connections,
                    databases = excluded.databases, databases_bytes = excluded.databases_bytes, measured_at = now()",
            server.as_uuid(),
            measure.max_connections,
            measure.reserved_connections,
            measure.databases,
            measure.databases_bytes
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_news_when_it_ended_otherwise_or_the_record_is_old() {
        let sight = |problem: Option<&str>, age| ServerSight { problem: problem.map(str::to_owned), age };
        assert!(!sight(None, 1.0).is_outdated(None) && sight(None, RENEWED).is_outdated(None));
        assert!(sight(None, 1.0).is_outdated(Some("x")) && sight(Some("x"), 1.0).is_outdated(None));
        assert!(!sight(Some("x"), 1.0).is_outdated(Some("x")));
        const { assert!(RENEWED * 2.0 < SIGHT_LASTS, "a look that fails once is not taken for a credential that is gone") };
    }
}
