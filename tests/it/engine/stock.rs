//! What is made of tenants' databases beforehand: a copy and a spare are what the migrations would have made, whoever dies or
//! stands in the way meanwhile.

mod copies;
mod spares;
mod stale;

use std::path::Path;

use gateway::domain::ids::InstallationId;
use gateway::domain::operation::{OperationKind, StepKind};
use gateway::infra::stock::StockSession;
use gateway::infra::tenant_server::TenantServer;
use gateway::provision::failpoint::{Failpoint, Point};
use secrecy::SecretString;
use serde_json::Value;
use sqlx::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use super::stages::GRACE;
use crate::support::chaos::{Chaos, Mode};
use crate::support::instance::Instance;
use crate::support::parts::Part;
use crate::support::rig::HASTE;
use crate::support::worker::{Stall, Worker, assert_calm};
use crate::support::{PATIENCE, history, unique_key, wait_for};

/// Migrations with something of everything that an owner can make.
const RICH: &[(&str, &str)] = &[
    (
        "0001_notes.sql",
        "create table note (id bigint generated always as identity primary key, body text not null check (length(body) between 1 and 2000),
                            created_at timestamptz not null default now());
         create schema app;
         create type app.colour as enum ('red', 'green');
         create table app.thing (id serial primary key, colour app.colour not null default 'red', note_id bigint references note (id));
         create index on app.thing (colour);
         create view app.red as select * from app.thing where colour = 'red';
         create function app.paint() returns trigger language plpgsql as $$ begin new.colour := 'green'; return new; end $$;
         create trigger paint before insert on app.thing for each row execute function app.paint();
         comment on table app.thing is 'what an app has';
         insert into app.thing (colour) values ('red'), ('green');",
    ),
    (
        "0002_more.sql",
        "create function twice(integer) returns integer language sql immutable return $1 * 2;
         revoke execute on function twice(integer) from public;
         alter table note add column likes integer not null default twice(1);",
    ),
];

/// A private stack with migrations of its own, and no worker yet.
struct Shop {
    instance: Instance,
    migrations: TempDir,
}

impl Shop {
    async fn open(migrations: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), migrations);
        Self { instance: Instance::without_worker(&[]).await, migrations: directory }
    }

    /// A worker that copies as it is told.
    fn worker(&self, copies: &str, spares: u32, more: &[(&str, &str)]) -> Worker {
        let (directory, spares) = (self.migrations.path().to_str().unwrap(), spares.to_string());
        let own = [
            // While many make databases, PostgreSQL may answer no renewal for longer than a second, and a worker that gives
            // up between a step's effect and the place where it is to stall never comes there again.
            ("GATEWAY_WORKER_LEASE_SECONDS", "6"),
            ("GATEWAY_TENANT_MIGRATIONS_DIR", directory),
            ("GATEWAY_TENANT_DATABASE_COPIES", copies),
            ("GATEWAY_TENANT_DATABASE_SPARES", &spares),
        ];
        let settings: Vec<_> = HASTE.iter().copied().chain([GRACE]).chain(own).chain(more.iter().copied()).collect();
        self.instance.worker(&settings)
    }

    /// Waits until there are this many templates and whole spares, and nothing else that belongs to the stock.
    async fn until_stocked(&self, templates: usize, spares: usize) {
        wait_for(&format!("{templates} templates and {spares} spares"), PATIENCE, || async {
            let (stock, roles) = (self.stock().await, self.stock_roles().await);
            let whole = |prefix: &str| stock.iter().filter(|(name, whole)| name.starts_with(prefix) && *whole).count();
            let all = (whole("tmpl_"), whole("spare_"), stock.len(), roles);
            let wanted = (templates, spares, templates + spares, templates + 2 * spares);
            if all == wanted { Ok(()) } else { Err(format!("{stock:?}, {roles} roles")) }
        })
        .await;
    }

    /// Databases of the stock, and whether each is closed and marked as whole.
    async fn stock(&self) -> Vec<(String, bool)> {
        let mut server = self.instance.stack.server("postgres").await;
        let found = sqlx::query_as(
            "SELECT datname::text, NOT datallowconn AND shobj_description(oid, 'pg_database') IS NOT NULL FROM pg_database
              WHERE datname ~ '^(tmpl|spare)_' ORDER BY datname",
        )
        .fetch_all(&mut server)
        .await
        .unwrap();
        server.close().await.unwrap();
        found
    }

    async fn stock_roles(&self) -> usize {
        let mut server = self.instance.stack.server("postgres").await;
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_roles WHERE rolname ~ '^(tmpl|spare)_'")
            .fetch_one(&mut server)
            .await
            .unwrap();
        server.close().await.unwrap();
        usize::try_from(count).unwrap()
    }

    /// The right to keep the stock: no worker makes or clears away anything of it meanwhile.
    async fn keep_stock(&self) -> StockSession {
        let url = SecretString::from(self.instance.stack.text("database_url"));
        let server = TenantServer::new(&url, InstallationId::from_uuid(Uuid::new_v4())).unwrap();
        wait_for("the right to keep the stock", PATIENCE, || async {
            server.try_keep_stock().await.unwrap().ok_or_else(|| "a worker has it".to_owned())
        })
        .await
    }

    /// Runs statements as administrator.
    async fn run(&self, sql: impl Into<String>) {
        let mut server = self.instance.stack.server("postgres").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.into())).execute(&mut server).await.unwrap();
        server.close().await.unwrap();
    }

    /// A worker that died while its request to the tenants' server was kept back; the proxy still has it. With a key, it works
    /// for a tenant of that key.
    async fn dies_with_a_request_on_its_way(&self, spares: u32, request: &'static [u8], key: Option<&str>) -> Chaos {
        let stack = &self.instance.stack;
        let proxy = Chaos::tcp(stack.address(Part::Postgres)).await;
        let url = proxy.in_url(&stack.text("database_url"));
        proxy.set(Mode::HoldRequest(request));
        let doomed = self.worker("auto", spares, &[("GATEWAY_TENANT_DATABASE_URL", &url)]);
        if let Some(key) = key {
            stack.insert(key, key).await;
        }
        wait_for("the request to be on its way", PATIENCE, || async {
            if proxy.hits() > 0 { Ok(()) } else { Err(doomed.text()) }
        })
        .await;
        doomed.kill();
        proxy
    }

    /// A tenant whose worker died at a point of a step of its provision, and which the keeper finished; its key and id.
    async fn finished_by(&self, keeper: &Worker, spares: u32, step: StepKind, point: Point) -> (String, Uuid) {
        let stack = &self.instance.stack;
        keeper.freeze();
        let stall = Stall::at(&stack.data_dir, Failpoint { kind: OperationKind::Provision, step, point }.to_string());
        let doomed = self.worker("auto", spares, &stall.settings());
        let key = unique_key("half");
        stack.insert(&key, &key).await;
        stall.reached(&doomed).await;
        let log = doomed.log.clone();
        doomed.kill();
        keeper.thaw();
        let id = stack.settled(&key, &["active"]).await;
        assert_calm(&log, &[]);
        history::assert_clean(&stack.control, &key).await;
        (key, id)
    }

    /// Lets more than an hour go by since a worker said that it wants a template.
    async fn forget(&self, template: &str) {
        self.run(format!(
            "DO $$ BEGIN EXECUTE format('COMMENT ON ROLE %I IS %L', '{template}', regexp_replace(
                 (SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = '{template}'), '[0-9]+$',
                 (extract(epoch FROM now())::bigint - 3700)::text)); END $$"
        ))
        .await;
    }

    /// Makes a tenant and gives its id and what its database came from: `spare`, `template` or `nothing`.
    async fn provision(&self, key: &str) -> (Uuid, String) {
        self.instance.stack.insert(key, key).await;
        let id = self.instance.stack.settled(key, &["active"]).await;
        (id, self.origin(id).await)
    }

    async fn origin(&self, id: Uuid) -> String {
        let results: Vec<Value> = sqlx::query_scalar(
            "SELECT result FROM gateway.step_attempt WHERE tenant_id = $1 AND state = 'succeeded' AND result ? 'from' ORDER BY started_at",
        )
        .bind(id)
        .fetch_all(&self.instance.stack.control)
        .await
        .unwrap();
        let said: Vec<&str> = results.iter().filter_map(|result| result["from"].as_str()).collect();
        assert_eq!(said.len(), 1, "{results:?}");
        if said[0].starts_with("spare_") { "spare".to_owned() } else { said[0].to_owned() }
    }

    async fn snapshot(&self, key: &str, id: Uuid) -> String {
        let stack = &self.instance.stack;
        let world = stack.snapshot(&stack.server_options(), key, id).await;
        crate::support::snapshot::general(&world, key, id)
    }

    /// Runs a query in a tenant's database as administrator.
    async fn ask(&self, id: Uuid, sql: &str) -> String {
        let mut inside = self.instance.stack.server(&crate::support::world::base(id)).await;
        let answer = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut inside).await.unwrap();
        inside.close().await.unwrap();
        answer
    }
}

/// Makes the directory hold these migrations and no others.
fn write(directory: &Path, migrations: &[(&str, &str)]) {
    for entry in std::fs::read_dir(directory).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for (name, sql) in migrations {
        std::fs::write(directory.join(name), sql).unwrap();
    }
}
