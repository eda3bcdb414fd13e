//! The auditor of the tests: what stands in the world for a tenant, and that nothing does after it is gone.

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Row};
use uuid::Uuid;

use super::stack::Stack;
use super::{PATIENCE, wait_for};

/// The tenant's base name outside.
pub(crate) fn base(id: Uuid) -> String {
    format!("t_{}", id.simple())
}

impl Stack {
    async fn count(&self, sql: &'static str, name: &str) -> i64 {
        sqlx::query_scalar(sql).bind(name).fetch_one(&mut self.server("postgres").await).await.unwrap()
    }

    /// Asserts that an active tenant is exactly what is promised, in every place where it is.
    pub(crate) async fn assert_complete(&self, key: &str, id: Uuid, dedicated: bool) {
        let base = base(id);
        assert_eq!(self.count("SELECT count(*) FROM pg_database WHERE datname = $1", &base).await, 1);
        assert_eq!(self.count("SELECT count(*) FROM pg_roles WHERE rolname LIKE $1 || '\\_%'", &base).await, 2);
        let networks = self.networks_of(id).await;
        assert_eq!(networks.len(), 1, "networks of {key}: {networks:?}");
        let subnet: String = sqlx::query_scalar("SELECT subnet::text FROM gateway.subnet WHERE tenant_id = $1")
            .bind(id)
            .fetch_one(&self.control)
            .await
            .unwrap();
        let ipam = networks[0].ipam.as_ref().unwrap().config.as_ref().unwrap();
        assert_eq!(ipam[0].subnet.as_deref(), Some(subnet.as_str()));
        assert!(subnet.ends_with("/28"), "{subnet}");
        let containers = self.containers_of(id).await;
        assert_eq!(containers.len(), usize::from(dedicated), "containers of {key}: {containers:?}");
        let prefix = format!("traefik/http/routers/tenant-{key}/");
        let expected =
            ["entrypoints/0", "middlewares/0", "priority", "rule", "service"].map(|key| format!("{prefix}{key}"));
        assert_eq!(self.redis_keys(&format!("{prefix}*")).await, expected);
        let name = format!("tenant-{key}@redis");
        let routers = self.traefik_routers().await;
        let ours: Vec<_> = routers.iter().filter(|router| router["name"] == name.as_str()).collect();
        assert_eq!(ours.len(), 1, "Traefik's routers for {key}: {ours:?}");
        assert_eq!(ours[0]["status"], "enabled");
        let row = sqlx::query(
            "SELECT migration_version, observed_generation = generation AS current, lease_token IS NULL AS free FROM gateway.tenant WHERE id = $1",
        );
        let row = row.bind(id).fetch_one(&self.control).await.unwrap();
        assert!(row.get::<Option<i64>, _>("migration_version").is_some_and(|version| version >= 1));
        assert!(row.get::<bool, _>("current") && row.get::<bool, _>("free"));
        let answer = self.get(&self.host_of(key), "/").await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// Asserts that nothing of a deleted tenant is left anywhere but its tombstone and history.
    pub(crate) async fn assert_gone(&self, key: &str, id: Uuid) {
        let base = base(id);
        assert_eq!(self.count("SELECT count(*) FROM pg_database WHERE datname = $1", &base).await, 0);
        assert_eq!(self.count("SELECT count(*) FROM pg_roles WHERE rolname LIKE $1 || '%'", &base).await, 0);
        assert_eq!(self.networks_of(id).await.len(), 0);
        assert_eq!(self.containers_of(id).await.len(), 0);
        assert_eq!(self.redis_keys(&format!("traefik/*tenant-{key}*")).await, Vec::<String>::new());
        let name = format!("tenant-{key}@redis");
        wait_for("Traefik to drop the router", PATIENCE, || async {
            let routers = self.traefik_routers().await;
            if routers.iter().any(|router| router["name"] == name.as_str()) {
                Err("it is there".to_owned())
            } else {
                Ok(())
            }
        })
        .await;
        let row = sqlx::query(
            "SELECT status, deleted_at IS NOT NULL AS stamped, password_sealed IS NULL AND verifier_sealed IS NULL AS empty,
                    EXISTS (SELECT FROM gateway.subnet s WHERE s.tenant_id = t.id) AS holds_subnet
               FROM gateway.tenant t WHERE id = $1",
        );
        let row = row.bind(id).fetch_one(&self.control).await.unwrap();
        assert_eq!(row.get::<String, _>("status"), "deleted");
        assert!(row.get::<bool, _>("stamped") && row.get::<bool, _>("empty") && !row.get::<bool, _>("holds_subnet"));
        assert_eq!(self.get(&self.host_of(key), "/").await.status, 404);
    }

    /// Asserts that no object of a tenant is left on its database server, on the engine, or in Traefik's tree.
    pub(crate) async fn assert_nothing_left(&self, server: &str, key: &str, id: Uuid) {
        let options: PgConnectOptions = server.parse().unwrap();
        let mut connection = options.database("postgres").connect().await.unwrap();
        let left: Vec<String> = sqlx::query_scalar(
            "SELECT datname::text FROM pg_database WHERE datname IN ($1, 'gone_' || $1)
             UNION ALL SELECT rolname::text FROM pg_roles WHERE starts_with(rolname, $1)",
        )
        .bind(base(id))
        .fetch_all(&mut connection)
        .await
        .unwrap();
        assert_eq!(left, Vec::<String>::new(), "{key}");
        assert_eq!((self.networks_of(id).await.len(), self.containers_of(id).await.len()), (0, 0), "{key}");
        assert_eq!(self.redis_keys(&format!("traefik/*tenant-{key}/*")).await, Vec::<String>::new());
    }

    /// Asserts that no step of a tenant's operations had its effect more than once.
    pub(crate) async fn assert_effects_once(&self, id: Uuid) {
        let doubled: Vec<String> = sqlx::query_scalar(
            "SELECT operation_id || ' ' || step FROM gateway.step_attempt
              WHERE tenant_id = $1 AND state = 'succeeded' AND step <> 'proof' GROUP BY operation_id, step HAVING count(*) > 1",
        )
        .bind(id)
        .fetch_all(&self.control)
        .await
        .unwrap();
        assert_eq!(doubled, Vec::<String>::new());
    }
}
