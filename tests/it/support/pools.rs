//! Pools whose containers the gateway runs, as tests make and look at them.

use std::collections::HashMap;

use bollard::models::{ContainerSummary, Network};
use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder};
use serde_json::Value;

use super::stack::Stack;
use super::{PATIENCE, wait_for};

/// The demo app needs these to start; nothing answers there, so it can say that it is healthy and no more.
const ENVIRONMENT: &str = "GATEWAY_URL=http://127.0.0.1:9\nGATEWAY_API_KEY=of-a-test\n";

impl Stack {
    /// Makes a pool of containers that takes no tenants but those put there by SQL, and waits for nothing.
    pub(crate) async fn make_pool(&self, name: &str, replicas: u32) -> Value {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, ENVIRONMENT).unwrap();
        let (environment, replicas) = (file.path().display().to_string(), replicas.to_string());
        let made = [
            "pool",
            "create",
            name,
            "--replicas",
            &replicas,
            "--capacity",
            "0",
            "--env-file",
            &environment,
            "-o",
            "json",
        ];
        let made = self.ctl(&made);
        serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{made:?}"))
    }

    /// A pool as the API shows it.
    pub(crate) async fn pool(&self, name: &str) -> Value {
        self.api("GET", &format!("/api/gateway/pools/{name}"), None).await.1
    }

    /// The members of a pool as the API shows them.
    pub(crate) async fn pool_members(&self, name: &str) -> Vec<Value> {
        let list = self.api("GET", &format!("/api/gateway/pools/{name}/members"), None).await.1;
        list["items"].as_array().unwrap_or_else(|| panic!("{list}")).clone()
    }

    /// Waits until a worker made the last wish about a pool true, with so many members that answer and are used.
    pub(crate) async fn pool_settled(&self, name: &str, members: usize) -> Value {
        wait_for(&format!("the pool {name} to be as wanted"), PATIENCE * 2, || async {
            let pool = self.pool(name).await;
            let is_true = pool["observed_revision"] == pool["revision"] && pool["problem"].is_null();
            let used = pool["members"].as_array().map_or(0, Vec::len);
            if is_true && used == members && pool["healthy_members"] == members {
                Ok(pool)
            } else {
                Err(pool.to_string())
            }
        })
        .await
    }

    /// Containers with a pool's label, running or not.
    pub(crate) async fn containers_of_pool(&self, id: &str) -> Vec<ContainerSummary> {
        let options = ListContainersOptionsBuilder::new().all(true).filters(&labelled(id)).build();
        self.docker().await.list_containers(Some(options)).await.unwrap()
    }

    /// Networks with a pool's label.
    pub(crate) async fn networks_of_pool(&self, id: &str) -> Vec<Network> {
        let options = ListNetworksOptionsBuilder::new().filters(&labelled(id)).build();
        self.docker().await.list_networks(Some(options)).await.unwrap()
    }

    /// Puts a tenant into a pool by SQL, which asks nobody.
    pub(crate) async fn put_into_pool(&self, key: &str, pool: &str) {
        let made = "INSERT INTO gateway.tenant (key, company_name, pool_id)
                    SELECT $1, 'Pooled', id FROM gateway.shared_pool WHERE name = $2";
        sqlx::query(made).bind(key).bind(pool).execute(&self.control).await.unwrap();
        self.settled(key, &["active"]).await;
    }
}

fn labelled(id: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("gateway.pool={id}")])])
}
