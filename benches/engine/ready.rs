//! Row inserted → first 200 through Traefik, beside the same techniques by hand in the same run and in turns: the database
//! from the migrations, as a copy of a template, or a spare that is made beforehand; and a spare together with a standing route,
//! so that nothing is published for a tenant. By hand means only the calls to the parts, one after the other: nothing is
//! recorded, fenced, looked at before, or proved. Both ask for the app's health page, which needs no database; ours is then asked
//! for the page that reads the tenant's. Beside all of them, the way that is taken first (`naive.rs`). The app has forty tables.
//! Networks are left out: a shared tenant is led to before it has one, and what hundreds of
//! them cost is measured by itself.

use std::time::{Duration, Instant};

use fred::clients::Client as Redis;
use fred::interfaces::{ClientLike, KeysInterface, PubsubInterface, TransactionInterface};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, raw_sql};

use crate::naive::{Naive, forty_tables};
use crate::stack::{Stack, percentile};

/// Tenants there are already.
const FLEET: usize = 100;
/// Fleets beside which a tenant with a standing route is made.
const FLEETS: [usize; 3] = [100, 1_000, 10_000];
/// Pairs of one by hand and one of ours.
const PAIRS: usize = 30;
/// How often the way that is taken first is taken: it takes long.
const NAIVE: usize = 10;
/// Between two looks through Traefik; the same for both.
const LOOK: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two tenants, so that none meets what Traefik still does about the one before: twice the time for which it gathers
/// changes.
const REST: Duration = Duration::from_millis(200);
/// The same where Traefik gathers changes for two seconds, and not a multiple of them.
const NAIVE_REST: Duration = Duration::from_millis(4_700);
const ACTIVE: &str = "SELECT count(*) FROM gateway.tenant WHERE starts_with(key, $1) AND status = 'active'";
const TEMPLATE: &str = "bench_template";
/// The app's page that needs no tenant.
const HEALTH: &str = "/health";

/// How a database comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Technique {
    Migrations,
    Copy,
    Spare,
    /// A spare, and a route that stands already.
    Standing,
}

impl Technique {
    const ALL: [Self; 4] = [Self::Migrations, Self::Copy, Self::Spare, Self::Standing];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Migrations => "migrations",
            Self::Copy => "copy",
            Self::Spare => "spare",
            Self::Standing => "standing",
        }
    }

    const fn settings(self) -> [(&'static str, &'static str); 3] {
        let (copies, spares, mode) = match self {
            Self::Migrations => ("never", "0", "per-tenant"),
            Self::Copy => ("auto", "0", "per-tenant"),
            Self::Spare => ("auto", "1", "per-tenant"),
            Self::Standing => ("auto", "1", "wildcard"),
        };
        [("TENANT_DATABASE_COPIES", copies), ("TENANT_DATABASE_SPARES", spares), ("ROUTING_MODE", mode)]
    }

    const fn is_spare(self) -> bool {
        matches!(self, Self::Spare | Self::Standing)
    }
}

pub(crate) async fn measure(stack: &Stack) {
    let bench = Bench::connect(stack).await;
    bench.make_template().await;
    bench.publish_standing().await;
    let mut medians = Vec::new();
    for technique in Technique::ALL {
        medians.push(bench.pairs(technique).await);
        bench.tell_steps(technique).await;
    }
    println!(
        "row inserted → first 200 through Traefik, shared tier, {FLEET} tenants before; {PAIRS} pairs a row, in turns; milliseconds"
    );
    println!(
        "| database from | by hand p50 | by hand p99 | ours p50 | ours p99 | ratio p50 | ratio p99 | first page p50 |\n|---|---|---|---|---|---|---|---|"
    );
    for (technique, [h50, h99, o50, o99, page]) in Technique::ALL.into_iter().zip(&medians) {
        let name = technique.as_str();
        println!(
            "| {name} | {h50:.1} | {h99:.1} | {o50:.1} | {o99:.1} | {:.2} | {:.2} | {page:.1} |",
            o50 / h50,
            o99 / h99
        );
    }
    let naive = bench.naive().await;
    println!("\nthe way that is taken first: {naive:.1} ms, the middle of {NAIVE}");
    for (name, by) in [("ours from a spare", medians[2][2]), ("ours with a standing route", medians[3][2])] {
        println!("the way that is taken first : {name} = {:.1}", naive / by);
    }
    println!("\nwith a standing route, by the tenants there are; milliseconds");
    println!(
        "| tenants before | by hand p50 | by hand p99 | ours p50 | ours p99 | ratio p50 | first page p50 |\n|---|---|---|---|---|---|---|"
    );
    for fleet in FLEETS {
        bench.pad(fleet).await;
        let [h50, h99, o50, o99, page] = bench.pairs(Technique::Standing).await;
        println!("| {fleet} | {h50:.1} | {h99:.1} | {o50:.1} | {o99:.1} | {:.2} | {page:.1} |", o50 / h50);
    }
    bench.clean().await;
}

struct Bench<'a> {
    stack: &'a Stack,
    redis: Redis,
    http: reqwest::Client,
    migration: String,
    backend: String,
    verifier: String,
    migrations: tempfile::TempDir,
}

impl<'a> Bench<'a> {
    async fn connect(stack: &'a Stack) -> Self {
        let redis =
            Redis::new(fred::types::config::Config::from_url(stack.text("DEV_REDIS_URL")).unwrap(), None, None, None);
        redis.init().await.unwrap();
        let migrations = tempfile::tempdir().unwrap();
        let files = [
            ("0001_notes.sql", std::fs::read_to_string("migrations/tenant/0001_notes.sql").unwrap()),
            ("0002_parts.sql", forty_tables().join(";\n")),
        ];
        for (name, text) in &files {
            std::fs::write(migrations.path().join(name), text).unwrap();
        }
        Self {
            stack,
            redis,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            migration: files.map(|(_, text)| text).join(";\n"),
            migrations,
            backend: stack.text("APP_BACKEND_URL").trim_end_matches('/').to_owned(),
            verifier: postgres_protocol::password::scram_sha_256(b"bench"),
        }
    }

    /// By hand and ours in turns, in milliseconds: medians and slowest of both, and the median until ours shows a page of the
    /// tenant's data.
    async fn pairs(&self, technique: Technique) -> [f64; 5] {
        let directory = ("TENANT_MIGRATIONS_DIR", self.migrations.path().to_str().unwrap());
        let worker = self.stack.worker(&[&technique.settings()[..], &[directory]].concat());
        self.fill().await;
        let (mut hand, mut ours, mut pages) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..PAIRS {
            let name = format!("{}-{n}-{:04x}", technique.as_str(), rand::random::<u16>());
            tokio::time::sleep(REST).await;
            hand.push(self.by_hand(technique, &format!("hand-{name}")).await);
            self.until_stocked(technique).await;
            tokio::time::sleep(REST).await;
            let (first, page) = self.ours(&format!("ours-{name}")).await;
            ours.push(first);
            pages.push(page);
        }
        worker.stop();
        [
            percentile(&mut hand, 0.5),
            percentile(&mut hand, 0.99),
            percentile(&mut ours, 0.5),
            percentile(&mut ours, 0.99),
            percentile(&mut pages, 0.5),
        ]
    }

    /// The way that is taken first, in milliseconds, beside a Traefik that leads to as many tenants.
    async fn naive(&self) -> f64 {
        let notes = std::fs::read_to_string(self.migrations.path().join("0001_notes.sql")).unwrap();
        let statements = std::iter::once(notes).chain(forty_tables()).collect();
        let naive = Naive::start(self.stack, &self.redis, FLEET, statements).await;
        let mut taken = Vec::new();
        for n in 0..NAIVE {
            // None meets what Traefik still does about the one before.
            tokio::time::sleep(NAIVE_REST).await;
            taken.push(naive.provision(&format!("naive-{n}"), &self.verifier).await);
        }
        percentile(&mut taken, 0.5)
    }

    async fn fill(&self) {
        let there: i64 = sqlx::query_scalar(ACTIVE).bind("fleet-").fetch_one(&self.stack.control).await.unwrap();
        for n in usize::try_from(there).unwrap()..FLEET {
            self.insert(&format!("fleet-{n}")).await;
        }
        self.stack.until(ACTIVE, "fleet-", i64::try_from(FLEET).unwrap(), PATIENCE).await;
    }

    /// Rows as they are once a worker is done with them, up to so many; past the triggers, which have no part in what is
    /// measured.
    async fn pad(&self, fleet: usize) {
        let sql = format!(
            "SET session_replication_role = replica;
             INSERT INTO gateway.tenant (key, company_name, status, host, server_id, pool_id, password_sealed, verifier_sealed,
                                         migration_version, generation, observed_generation, due_at, route_revision)
             SELECT 'pad-' || n, 'Pad', 'active', 'pad-' || n || '.{suffix}', s.server_id, s.pool_id, s.password_sealed, s.verifier_sealed,
                    s.migration_version, 1, 1, NULL, lpad(to_hex(n), 16, '0')
               FROM generate_series(1, {more}) n, gateway.tenant s WHERE s.key = 'fleet-0'
                AND NOT EXISTS (SELECT FROM gateway.tenant t WHERE t.key = 'pad-' || n)",
            suffix = self.stack.text("HOST_SUFFIX"),
            more = fleet.saturating_sub(FLEET),
        );
        raw_sql(AssertSqlSafe(sql)).execute(&mut self.stack.administrator().await).await.unwrap();
    }

    async fn insert(&self, key: &str) {
        let insert = "INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Bench')";
        sqlx::query(insert).bind(key).execute(&self.stack.control).await.unwrap();
    }

    /// Waits until what the technique takes is ready, so that its making is not measured.
    async fn until_stocked(&self, technique: Technique) {
        let wanted = match technique {
            Technique::Migrations => return,
            Technique::Copy => "tmpl_",
            Technique::Spare | Technique::Standing => "spare_",
        };
        let mut server = self.stack.server("postgres").await;
        let ready = "SELECT EXISTS (SELECT FROM pg_database WHERE starts_with(datname, $1) AND NOT datallowconn
                                       AND shobj_description(oid, 'pg_database') IS NOT NULL)";
        let began = Instant::now();
        while !sqlx::query_scalar::<_, bool>(ready).bind(wanted).fetch_one(&mut server).await.unwrap() {
            assert!(began.elapsed() < PATIENCE, "nothing is in stock");
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn first_answer(&self, key: &str, path: &str) {
        let host = format!("{key}.{}", self.stack.text("HOST_SUFFIX"));
        let url = format!("{}{path}", self.stack.text("TRAEFIK_URL").trim_end_matches('/'));
        loop {
            let answer = self.http.get(&url).header("host", &host).send().await.unwrap();
            if answer.status().as_u16() == 200 {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Milliseconds to the first answer, and to the first page of the tenant's data.
    async fn ours(&self, key: &str) -> (f64, f64) {
        let started = Instant::now();
        let milliseconds = || started.elapsed().as_secs_f64() * 1000.0;
        self.insert(key).await;
        self.first_answer(key, HEALTH).await;
        let first = milliseconds();
        self.first_answer(key, "/").await;
        let page = milliseconds();
        self.stack.until(ACTIVE, key, 1, PATIENCE).await;
        (first, page)
    }

    /// The least that has to be done.
    async fn by_hand(&self, technique: Technique, key: &str) -> f64 {
        let name = format!("b_{:032x}", rand::random::<u128>());
        let mut admin = self.stack.server("postgres").await;
        if technique.is_spare() {
            self.make_spare(&mut admin, &format!("{name}_ready")).await;
        }
        admin.close().await.unwrap();
        let started = Instant::now();
        let mut admin = self.stack.server("postgres").await;
        match technique {
            Technique::Migrations => {
                self.make_roles(&mut admin, &name).await;
                run(&mut admin, format!("CREATE DATABASE {name} OWNER {name}_owner TEMPLATE template0")).await;
                let mut inside = self.stack.server(&name).await;
                run(&mut inside, format!("SET ROLE {name}_owner; {}; {}", self.migration, rights(&name))).await;
            }
            Technique::Copy => {
                self.make_roles(&mut admin, &name).await;
                run(&mut admin, format!("CREATE DATABASE {name} OWNER {name}_owner TEMPLATE {TEMPLATE}")).await;
                let mut inside = self.stack.server(&name).await;
                let take = format!("REASSIGN OWNED BY {TEMPLATE} TO {name}_owner; {}", rights(&name));
                run(&mut inside, take).await;
            }
            Technique::Spare | Technique::Standing => {
                let take = format!(
                    "ALTER DATABASE {name}_ready RENAME TO {name}; ALTER ROLE {name}_ready_owner RENAME TO {name}_owner;
                     ALTER ROLE {name}_ready_app RENAME TO {name}_app; ALTER ROLE {name}_app PASSWORD '{}'",
                    self.verifier
                );
                run(&mut admin, take).await;
            }
        }
        if !technique.is_spare() {
            let close =
                format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {name}_app");
            run(&mut admin, close).await;
        }
        if technique != Technique::Standing {
            self.publish(key).await;
        }
        self.first_answer(key, HEALTH).await;
        started.elapsed().as_secs_f64() * 1000.0
    }

    async fn make_roles(&self, admin: &mut PgConnection, name: &str) {
        let login = format!("CREATE ROLE {name}_app LOGIN CONNECTION LIMIT 20 PASSWORD '{}'", self.verifier);
        run(admin, format!("CREATE ROLE {name}_owner NOLOGIN; {login}")).await;
    }

    async fn make_template(&self) {
        let mut admin = self.stack.server("postgres").await;
        run(&mut admin, format!("CREATE ROLE {TEMPLATE} NOLOGIN")).await;
        run(&mut admin, format!("CREATE DATABASE {TEMPLATE} OWNER {TEMPLATE} TEMPLATE template0")).await;
        let mut inside = self.stack.server(TEMPLATE).await;
        run(&mut inside, format!("SET ROLE {TEMPLATE}; {}", self.migration)).await;
        inside.close().await.unwrap();
        let seal = format!(
            "ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false; ALTER DATABASE {TEMPLATE} OWNER TO CURRENT_USER"
        );
        run(&mut admin, seal).await;
    }

    async fn make_spare(&self, admin: &mut PgConnection, name: &str) {
        self.make_roles(admin, name).await;
        run(admin, format!("CREATE DATABASE {name} OWNER {name}_owner TEMPLATE {TEMPLATE}")).await;
        let mut inside = self.stack.server(name).await;
        run(&mut inside, format!("REASSIGN OWNED BY {TEMPLATE} TO {name}_owner; {}", rights(name))).await;
        inside.close().await.unwrap();
        run(
            admin,
            format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO {name}_app"),
        )
        .await;
    }

    async fn publish(&self, key: &str) {
        self.route(key, format!("Host(`{key}.{}`)", self.stack.text("HOST_SUFFIX"))).await;
    }

    /// The route of all that are made by hand without one of their own; waits until it is live.
    async fn publish_standing(&self) {
        let name = format!("hand-{}", Technique::Standing.as_str());
        let suffix = self.stack.text("HOST_SUFFIX").replace('.', "\\.");
        self.route(&name, format!("HostRegexp(`^{name}-[a-z0-9-]+\\.{suffix}$`)")).await;
        self.first_answer(&format!("{name}-first"), HEALTH).await;
    }

    async fn route(&self, key: &str, rule: String) {
        let root = "traefik/http";
        let router = format!("{root}/routers/tenant-{key}");
        let service = format!("{root}/services/tenant-{key}/loadbalancer/servers/0/url");
        let transaction = self.redis.multi();
        for (name, value) in [
            (service, self.backend.clone()),
            (format!("{router}/entrypoints/0"), "web".to_owned()),
            (format!("{router}/priority"), "1000".to_owned()),
            (format!("{router}/service"), format!("tenant-{key}")),
            (format!("{router}/rule"), rule),
        ] {
            let _: () = transaction.set(name, value, None, None, false).await.unwrap();
        }
        transaction.publish::<(), _, _>("__keyspace@0__:traefik/rev", "set").await.unwrap();
        let _: Vec<fred::types::Value> = transaction.exec(true).await.unwrap();
    }

    /// Where our time goes, from the record of the steps.
    async fn tell_steps(&self, technique: Technique) {
        let rows: Vec<(String, f64)> = sqlx::query_as(
            "SELECT step, (percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM ended_at - started_at) * 1000))::float8
               FROM gateway.step_attempt a JOIN gateway.tenant t ON t.id = a.tenant_id
              WHERE a.action = 'ensure' AND starts_with(t.key, $1) GROUP BY step ORDER BY min(a.id)",
        )
        .bind(format!("ours-{}", technique.as_str()))
        .fetch_all(&self.stack.control)
        .await
        .unwrap();
        let told: Vec<String> = rows.iter().map(|(step, ms)| format!("{step} {ms:.1}")).collect();
        println!("median of each step from {}, milliseconds: {}", technique.as_str(), told.join(", "));
    }

    async fn clean(&self) {
        let mut admin = self.stack.server("postgres").await;
        let made: Vec<String> =
            sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname ~ '^b_[0-9a-f]{32}$'")
                .fetch_all(&mut admin)
                .await
                .unwrap();
        for name in made {
            run(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
            run(&mut admin, format!("DROP ROLE {name}_app; DROP ROLE {name}_owner")).await;
        }
        run(&mut admin, format!("DROP DATABASE {TEMPLATE}")).await;
        run(&mut admin, format!("DROP ROLE {TEMPLATE}")).await;
    }
}

/// What the app may do in a database.
fn rights(name: &str) -> String {
    format!(
        "GRANT USAGE ON SCHEMA public TO {name}_app; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}_app"
    )
}

async fn run(connection: &mut PgConnection, sql: String) {
    raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}
