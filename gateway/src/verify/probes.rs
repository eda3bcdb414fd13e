//! The parts of an audit that ask the living: logins into tenants' databases, containers, and hosts through Traefik. A few
//! at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::domain::ids::TenantId;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::infra::probe::Pauses;
use crate::infra::schema::TenantMigrations;
use crate::inventory::rows::Rows;
use crate::inventory::wanted::Wanted;
use crate::provision::run::{SecretPlace, World};
use crate::store::fleet::TenantRow;
use crate::verify::PATIENCE;
use crate::verify::fences::InsideFences;
use crate::verify::serving::{self, Answering};
use crate::verify::violation::{Findings, Invariant, Violation};

/// Tenants asked at once.
const AT_ONCE: usize = 8;
/// Databases of one server that may give no answer before no more of it are asked for now. One may be closed by its own
/// deletion at that moment.
const SILENT_DATABASES: usize = 3;
/// Longest wait for a database.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(10);

/// What one question brought.
#[derive(Debug, Default)]
struct Probed {
    violations: Vec<Violation>,
    fence: Option<(TenantId, i64)>,
}

/// What all questions brought besides violations.
#[derive(Debug, Default)]
pub struct Answers {
    /// Fences found inside databases.
    pub inside: InsideFences,
    /// Tenants whose database gave no answer.
    pub silent: Vec<(TenantId, Failure)>,
}

/// Everything the questions share. A place that does not answer is asked no further.
struct Asking<'a> {
    world: &'a World,
    rows: &'a Rows,
    wanted: &'a Wanted,
    migrations: Option<&'a TenantMigrations>,
    edge: OnceLock<Failure>,
    silent: Mutex<Vec<(&'a TenantRow, Failure)>>,
}

/// One question.
enum Question<'a> {
    /// Enter the tenant's database.
    Database(&'a TenantRow),
    /// Ask its container.
    Container(&'a TenantRow),
    /// Ask for a host.
    Host(TenantId, Host, Answering),
}

/// Asks about all settled tenants in scope, and for the hosts of deleted ones that nobody has now. Databases are entered
/// only where `migrations` are given. One that gave no answer is asked once more at the end, when nothing else is: a server
/// that is busy with all the rest is not one that is away.
pub async fn run(
    world: &World,
    rows: &Rows,
    wanted: &Wanted,
    migrations: Option<&TenantMigrations>,
    in_scope: impl Fn(TenantId) -> bool,
    findings: &mut Findings,
) -> Answers {
    let asking = Asking { world, rows, wanted, migrations, edge: OnceLock::new(), silent: Mutex::default() };
    let questions = questions(&asking, in_scope);
    let answers: Vec<_> = questions.into_iter().map(|question| asking.ask(question).boxed()).collect();
    let mut answers = futures::stream::iter(answers).buffer_unordered(AT_ONCE);
    let mut inside = InsideFences::new();
    while let Some(probed) = answers.next().await {
        findings.violations.extend(probed.violations);
        inside.extend(probed.fence);
    }
    drop(answers);
    for (row, _) in asking.take_silent() {
        let probed = asking.enter(row).await;
        findings.violations.extend(probed.violations);
        inside.extend(probed.fence);
    }
    if let Some(failure) = asking.edge.get() {
        findings.unknown("edge", failure);
    }
    let silent = asking.take_silent().into_iter().map(|(row, failure)| (row.id, failure)).collect();
    Answers { inside, silent }
}

fn questions<'a>(asking: &Asking<'a>, in_scope: impl Fn(TenantId) -> bool) -> Vec<Question<'a>> {
    let (world, rows, wanted) = (asking.world, asking.rows, asking.wanted);
    let mut all = Vec::new();
    for row in rows.tenants.values().filter(|row| in_scope(row.id) && rows.is_settled(row)) {
        if row.is_allocated() && asking.migrations.is_some() && matches!(row.status, Status::Active | Status::Suspended)
        {
            all.push(Question::Database(row));
        }
        if row.status == Status::Active && row.tier == Tier::Dedicated && world.engine.is_some() {
            all.push(Question::Container(row));
        }
        if let Some(answering) = serving::answering(row, wanted) {
            all.push(Question::Host(row.id, wanted.host(row), answering));
        }
    }
    let taken: BTreeSet<Host> = rows.tenants.values().map(|row| wanted.host(row)).collect();
    let free: BTreeMap<Host, TenantId> = rows
        .tombstones
        .values()
        .filter(|row| in_scope(row.id) && !rows.moved.contains(&row.id))
        .filter_map(|row| Some((row.host.clone()?, row.id)))
        .filter(|(host, _)| !taken.contains(host))
        .collect();
    let page = |(host, id)| Question::Host(id, host, Answering::Page { revision: None });
    all.extend(free.into_iter().map(page));
    all
}

impl<'a> Asking<'a> {
    async fn ask(&self, question: Question<'a>) -> Probed {
        match question {
            Question::Database(row) => self.enter(row).await,
            Question::Container(row) => {
                let violations = self.ask_container(row).await.into_iter().collect();
                Probed { violations, fence: None }
            }
            Question::Host(id, host, answering) => {
                let violations = self.ask_host(id, &host, &answering).await.into_iter().collect();
                Probed { violations, fence: None }
            }
        }
    }

    async fn enter(&self, row: &'a TenantRow) -> Probed {
        let mut probed = Probed::default();
        if self.silences_beside(row) >= SILENT_DATABASES {
            let text = "a tenant's database was not asked, as others of its server gave no answer";
            self.silent().push((row, Failure::unavailable("database_server_unreachable", text)));
            return probed;
        }
        let entered = tokio::time::timeout(DATABASE_TIMEOUT, self.try_enter(row, &mut probed)).await;
        let late = || {
            let text = format!("a tenant's database gave no answer in {} s", DATABASE_TIMEOUT.as_secs());
            Failure::retryable("database_server_unreachable", text)
        };
        match entered.unwrap_or_else(|_elapsed| Err(late())) {
            Ok(()) => {}
            Err(failure) if failure.is_retryable() => self.silent().push((row, failure)),
            // The server answered, and it is this database that is not right. One that is not served need not be open.
            Err(failure) if row.status == Status::Active => {
                let what = "the tenant's database cannot be looked into";
                let is = json!({ "code": failure.code, "message": failure.message });
                probed.violations.push(Violation::of(Invariant::I1, row, what, "a session", is));
            }
            Err(_) => {}
        }
        probed
    }

    fn silent(&self) -> MutexGuard<'_, Vec<(&'a TenantRow, Failure)>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those whose database gave no answer; none of them counts as silent any more.
    fn take_silent(&self) -> Vec<(&'a TenantRow, Failure)> {
        std::mem::take(&mut *self.silent())
    }

    /// How many databases of the same server gave no answer.
    fn silences_beside(&self, row: &TenantRow) -> usize {
        self.silent().iter().filter(|(silent, _)| silent.server_id == row.server_id).count()
    }

    async fn try_enter(&self, row: &TenantRow, probed: &mut Probed) -> Result<(), Failure> {
        let (world, Some(migrations)) = (self.world, self.migrations) else { return Ok(()) };
        let Some(server) = row.server_id else { return Ok(()) };
        let held = world.servers.of(&world.store, server).await?;
        let is_active = row.status == Status::Active;
        if let Some(sealed) = row.password.as_ref().filter(|_| is_active)
            && let Ok(password) = world.key_ring.open(&SecretPlace::Password.of(row.id), sealed)
        {
            let refused = serving::of_login(row, &held.server.dial(row.id, &password).await?);
            let is_refused = refused.is_some();
            probed.violations.extend(refused);
            if is_refused {
                return Ok(());
            }
        }
        let inside = held.server.look_inside(row.id, migrations).await?;
        probed.fence = inside.fence.map(|fence| (row.id, fence));
        if is_active {
            probed.violations.extend(serving::of_migrations(row, inside.migrations));
        }
        Ok(())
    }

    async fn ask_container(&self, row: &TenantRow) -> Option<Violation> {
        let address = serving::address(row)?;
        let world = self.world;
        let mut pauses = Pauses::default();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while !world.probe.is_healthy(address, world.docker.app_port, &world.health_path).await {
            if tokio::time::Instant::now() >= deadline {
                let what = "the tenant's container is not healthy";
                let at = json!({ "address": address.to_string(), "path": world.health_path, "status": "below 500" });
                return Some(Violation::of(Invariant::I1, row, what, at, "no such answer"));
            }
            pauses.next().await;
        }
        None
    }

    async fn ask_host(&self, id: TenantId, host: &Host, answering: &Answering) -> Option<Violation> {
        let entry = self.world.entry_url.as_ref()?;
        let path = match answering {
            Answering::App { .. } => self.world.health_path.as_str(),
            Answering::Page { .. } => "/",
        };
        let mut pauses = Pauses::default();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            if self.edge.get().is_some() {
                return None;
            }
            let answer = match self.world.probe.ask_edge(entry, host, path).await {
                Ok(answer) => Some(answer),
                Err(failure) if failure.code == "edge_silent" => None,
                Err(failure) => {
                    let _ = self.edge.set(failure);
                    return None;
                }
            };
            let wrong = serving::of_answer(self.rows, id, host.as_str(), answering, answer.as_ref())?;
            if tokio::time::Instant::now() >= deadline {
                return Some(wrong);
            }
            pauses.next().await;
        }
    }
}
