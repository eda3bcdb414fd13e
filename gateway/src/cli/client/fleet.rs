//! Calls about what tenants stand on, and about many tenants at once.

use reqwest::Method;
use uuid::Uuid;

use crate::api::types::{
    Batch, BatchList, Capacity, CreateBatch, CreateDatabaseServer, CreatePlan, CreatePool, DatabaseServer,
    DatabaseServerList, DriftList, EditDatabaseServer, EditPlan, EditPool, Job, OrphanList, Plan, PlanList, Pool,
    PoolList, PoolMemberList, RepairDrift, RouteExplanation, RouteList, RouteTest, Series, TestRoute, TraefikHealth,
};
use crate::cli::client::Client;
use crate::cli::error::CliError;

impl Client {
    /// `list_database_servers`, page by page up to `limit`
    pub(in crate::cli) async fn servers(&self, limit: u32) -> Result<DatabaseServerList, CliError> {
        self.list("database-servers", &[], limit, |list: &mut DatabaseServerList| {
            (&mut list.items, &mut list.next_cursor)
        })
        .await
    }

    /// `get_database_server`
    pub(in crate::cli) async fn server(&self, server: &str) -> Result<DatabaseServer, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "database-servers", server], &[])?).await
    }

    /// `create_database_server`
    pub(in crate::cli) async fn create_server(&self, new: &CreateDatabaseServer) -> Result<DatabaseServer, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "database-servers"], &[])?.json(new)).await
    }

    /// `delete_database_server`
    pub(in crate::cli) async fn delete_server(&self, server: &str) -> Result<DatabaseServer, CliError> {
        self.answer(self.request(Method::DELETE, &["api", "gateway", "database-servers", server], &[])?).await
    }

    /// `edit_database_server`
    pub(in crate::cli) async fn edit_server(
        &self,
        server: &str,
        edit: &EditDatabaseServer,
    ) -> Result<DatabaseServer, CliError> {
        let path = ["api", "gateway", "database-servers", server];
        self.answer(self.request(Method::PATCH, &path, &[])?.json(edit)).await
    }

    /// `drain_database_server` and `start_database_server`
    pub(in crate::cli) async fn put_server(&self, server: &str, verb: &str) -> Result<DatabaseServer, CliError> {
        let path = ["api", "gateway", "database-servers", server, verb];
        self.answer(self.request(Method::POST, &path, &[])?).await
    }

    /// `list_plans`, page by page up to `limit`
    pub(in crate::cli) async fn plans(&self, limit: u32) -> Result<PlanList, CliError> {
        self.list("plans", &[], limit, |list: &mut PlanList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `get_plan`
    pub(in crate::cli) async fn plan(&self, name: &str) -> Result<Plan, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "plans", name], &[])?).await
    }

    /// `create_plan`
    pub(in crate::cli) async fn create_plan(&self, new: &CreatePlan) -> Result<Plan, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "plans"], &[])?.json(new)).await
    }

    /// `edit_plan`
    pub(in crate::cli) async fn edit_plan(&self, name: &str, edit: &EditPlan) -> Result<Plan, CliError> {
        self.answer(self.request(Method::PATCH, &["api", "gateway", "plans", name], &[])?.json(edit)).await
    }

    /// `delete_plan`
    pub(in crate::cli) async fn delete_plan(&self, name: &str) -> Result<Plan, CliError> {
        self.answer(self.request(Method::DELETE, &["api", "gateway", "plans", name], &[])?).await
    }

    /// `list_pools`, page by page up to `limit`
    pub(in crate::cli) async fn pools(&self, limit: u32) -> Result<PoolList, CliError> {
        self.list("pools", &[], limit, |list: &mut PoolList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `get_pool`
    pub(in crate::cli) async fn pool(&self, pool: &str) -> Result<Pool, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "pools", pool], &[])?).await
    }

    /// `create_pool`
    pub(in crate::cli) async fn create_pool(&self, new: &CreatePool) -> Result<Pool, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "pools"], &[])?.json(new)).await
    }

    /// `edit_pool`
    pub(in crate::cli) async fn edit_pool(&self, pool: &str, edit: &EditPool) -> Result<Pool, CliError> {
        self.answer(self.request(Method::PATCH, &["api", "gateway", "pools", pool], &[])?.json(edit)).await
    }

    /// `list_pool_members`
    pub(in crate::cli) async fn pool_members(&self, pool: &str) -> Result<PoolMemberList, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "pools", pool, "members"], &[])?).await
    }

    /// `drain_pool`, `stop_pool`, `start_pool`, `provision_pool` and `restart_pool`
    pub(in crate::cli) async fn put_pool(&self, pool: &str, verb: &str) -> Result<Pool, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "pools", pool, verb], &[])?).await
    }

    /// `delete_pool`
    pub(in crate::cli) async fn delete_pool(&self, pool: &str) -> Result<Pool, CliError> {
        self.answer(self.request(Method::DELETE, &["api", "gateway", "pools", pool], &[])?).await
    }

    /// `list_routes`, page by page up to `limit`
    pub(in crate::cli) async fn routes(&self, filter: &[(&str, String)], limit: u32) -> Result<RouteList, CliError> {
        self.list("routes", filter, limit, |list: &mut RouteList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `explain_route`
    pub(in crate::cli) async fn explain_route(&self, query: &[(&str, String)]) -> Result<RouteExplanation, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "routes", "explain"], query)?).await
    }

    /// `test_route`
    pub(in crate::cli) async fn test_route(&self, asked: &TestRoute) -> Result<RouteTest, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "routes", "test"], &[])?.json(asked)).await
    }

    /// `get_capacity`
    pub(in crate::cli) async fn capacity(&self) -> Result<Capacity, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "capacity"], &[])?).await
    }

    /// `get_series`, or `get_tenant_series` of a tenant
    pub(in crate::cli) async fn series(
        &self,
        tenant: Option<&str>,
        query: &[(&str, String)],
    ) -> Result<Series, CliError> {
        let path = match tenant {
            Some(tenant) => vec!["api", "gateway", "tenants", tenant, "series"],
            None => vec!["api", "gateway", "series"],
        };
        self.answer(self.request(Method::GET, &path, query)?).await
    }

    /// `republish_routes`
    pub(in crate::cli) async fn republish_routes(&self) -> Result<Job, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "routes", "republish"], &[])?).await
    }

    /// `list_drift`, page by page up to `limit`
    pub(in crate::cli) async fn drift(&self, filter: &[(&str, String)], limit: u32) -> Result<DriftList, CliError> {
        self.list("drift", filter, limit, |list: &mut DriftList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `repair_drift`
    pub(in crate::cli) async fn repair_drift(&self, asked: &RepairDrift) -> Result<Job, CliError> {
        self.answer(self.request(Method::POST, &["api", "gateway", "drift", "repair"], &[])?.json(asked)).await
    }

    /// `get_traefik`
    pub(in crate::cli) async fn traefik(&self) -> Result<TraefikHealth, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "traefik"], &[])?).await
    }

    /// `create_batch`; in a dry run nothing is made
    pub(in crate::cli) async fn create_batch(&self, new: &CreateBatch, is_dry: bool) -> Result<Batch, CliError> {
        let query = [("dry_run", is_dry.to_string())];
        self.answer(self.request(Method::POST, &["api", "gateway", "tenants:batch"], &query)?.json(new)).await
    }

    /// `get_batch`
    pub(in crate::cli) async fn batch(&self, id: Uuid) -> Result<Batch, CliError> {
        self.answer(self.request(Method::GET, &["api", "gateway", "batches", &id.to_string()], &[])?).await
    }

    /// `cancel_batch`
    pub(in crate::cli) async fn cancel_batch(&self, id: Uuid) -> Result<Batch, CliError> {
        let path = ["api", "gateway", "batches", &id.to_string(), "cancel"];
        self.answer(self.request(Method::POST, &path, &[])?).await
    }

    /// `list_batches`, page by page up to `limit`
    pub(in crate::cli) async fn batches(&self, limit: u32) -> Result<BatchList, CliError> {
        self.list("batches", &[], limit, |list: &mut BatchList| (&mut list.items, &mut list.next_cursor)).await
    }

    /// `list_orphans`, page by page up to `limit`
    pub(in crate::cli) async fn orphans(&self, limit: u32) -> Result<OrphanList, CliError> {
        self.list("orphans", &[], limit, |list: &mut OrphanList| (&mut list.items, &mut list.next_cursor)).await
    }
}
