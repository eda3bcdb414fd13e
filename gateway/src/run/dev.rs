//! `gateway dev`: the gateway inside the development stack's process.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::api::first_run::{self, DEFAULT_OWNER};
use crate::config::{Settings, load};
use crate::dev::{Environment, FirstRun, Hosted, HostedError, Tell};
use crate::domain::key::TenantKey;
use crate::domain::operation::StepState;
use crate::domain::status::Status;
use crate::domain::tenant::{CompanyName, NewTenant, Tier};
use crate::run::lifecycle::{Ending, Lifecycle};
use crate::run::serve::start_ports;
use crate::run::worker::start_worker;
use crate::run::{RunError, open_store};
use crate::store::migrate::migrate;
use crate::store::tenants::{TenantRecord, TenantRef};
use crate::store::{Store, StoreError};

/// Connections to the control database of the two ports.
const CONNECTIONS: u32 = 16;
/// Between two looks at the demo tenants; people watch.
const LOOK: Duration = Duration::from_millis(50);
/// The demo's tenants.
const DEMO: [(&str, &str, Tier); 2] =
    [("acme", "Acme Logistics", Tier::Shared), ("globex", "Globex Corporation", Tier::Dedicated)];

/// The gateway as the development stack hosts it.
#[derive(Clone, Copy, Debug)]
pub struct InProcess;

fn hosted<E: std::error::Error + Send + Sync + 'static>(what: &str) -> impl FnOnce(E) -> HostedError + '_ {
    move |source| HostedError { what: what.to_owned(), source: Some(Box::new(source)) }
}

fn settings(environment: &Environment) -> Result<Settings, HostedError> {
    load(environment).map_err(hosted("the settings are wrong"))
}

impl Hosted for InProcess {
    fn migrate(&self, environment: Environment) -> BoxFuture<'static, Result<FirstRun, HostedError>> {
        Box::pin(async move {
            let settings = settings(&environment)?;
            migrate(&settings.database_url).await.map_err(hosted("the control database cannot be migrated"))?;
            first_access(&settings).await.map_err(hosted("the first owner cannot be made"))
        })
    }

    fn run(
        &self,
        environment: Environment,
        with_worker: bool,
        stop: CancellationToken,
    ) -> BoxFuture<'static, Result<(), HostedError>> {
        Box::pin(async move {
            let settings = settings(&environment)?;
            serve(settings, with_worker, stop).await.map_err(hosted("the gateway does not start"))?;
            Ok(())
        })
    }

    fn seed_demo(&self, environment: Environment, tell: Tell) -> BoxFuture<'static, Result<(), HostedError>> {
        Box::pin(async move {
            let settings = settings(&environment)?;
            seed(&settings, &tell).await.map_err(hosted("the demo tenants cannot be made"))
        })
    }
}

async fn first_access(settings: &Settings) -> Result<FirstRun, RunError> {
    let store = open_store(settings, "dev", 2).await?;
    let owner = first_run::ensure_owner(&store, DEFAULT_OWNER).await?;
    let instance = store.installation().await?.as_uuid();
    store.close().await;
    let (owner_email, owner_password) = match owner {
        Some((email, password)) => (email, Some(password)),
        None => (DEFAULT_OWNER.to_owned(), None),
    };
    Ok(FirstRun { instance, owner_email, owner_password })
}

async fn serve(settings: Settings, with_worker: bool, stop: CancellationToken) -> Result<(), RunError> {
    let settings = Arc::new(settings);
    let store = open_store(&settings, "api", CONNECTIONS).await?;
    let lifecycle = Lifecycle::without_signals();
    start_ports(&lifecycle, &store, &settings).await?;
    if with_worker {
        start_worker(&lifecycle, &settings).await?;
    }
    let soft = lifecycle.soft();
    let asked = async {
        stop.cancelled().await;
        soft.cancel();
        std::future::pending::<()>().await;
    };
    let ending = tokio::select! {
        ending = lifecycle.finish() => ending,
        () = asked => Ending::Asked,
    };
    store.close().await;
    match ending {
        Ending::Asked => Ok(()),
        Ending::Died(part) => Err(RunError::Refused(part)),
    }
}

async fn seed(settings: &Settings, tell: &Tell) -> Result<(), RunError> {
    let store = open_store(settings, "demo", 2).await?;
    let mut waiting = Vec::new();
    for (key, company, tier) in DEMO {
        let which = TenantRef::Key(key.to_owned());
        let tier = if settings.docker.host.is_some() { tier } else { Tier::Shared };
        if store.tenant(&which).await?.is_none() {
            create(&store, key, company, tier).await?;
            tell(&format!("{key}: pending ({tier})"));
        }
        waiting.push(watch(&store, which, tell));
    }
    for result in futures::future::join_all(waiting).await {
        result?;
    }
    store.close().await;
    Ok(())
}

async fn create(store: &Store, key: &str, company: &str, tier: Tier) -> Result<(), RunError> {
    let refused = |error: &dyn std::fmt::Display| RunError::Refused(format!("demo tenant {key}: {error}"));
    let new = NewTenant {
        key: TenantKey::parse(key).map_err(|e| refused(&e))?,
        company_name: CompanyName::parse(company).map_err(|e| refused(&e))?,
        tier,
        host: None,
        pool_id: None,
        plan: None,
    };
    match store.create_tenant(&new, "demo").await {
        Ok(_) | Err(StoreError::KeyTaken) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Tells each step as it ends, until the tenant is active or waits for somebody.
async fn watch(store: &Store, which: TenantRef, tell: &Tell) -> Result<(), RunError> {
    let mut told = 0;
    loop {
        let Some(tenant) = store.tenant(&which).await? else { return Ok(()) };
        if tenant.status == Status::Active && told == 0 {
            return Ok(());
        }
        told = tell_steps(store, &tenant, told, tell).await?;
        match tenant.status {
            Status::Active => {
                tell(&format!("{}: active at {}", tenant.key, tenant.host.unwrap_or_default()));
                return Ok(());
            }
            Status::Error => {
                let why = tenant.error.map(|e| format!("{}: {}", e.step, e.message)).unwrap_or_default();
                tell(&format!("{}: error in {why}", tenant.key));
                return Ok(());
            }
            Status::Suspended | Status::Deleting | Status::Purging | Status::Deleted => return Ok(()),
            Status::Pending | Status::Provisioning => tokio::time::sleep(LOOK).await,
        }
    }
}

async fn tell_steps(store: &Store, tenant: &TenantRecord, told: usize, tell: &Tell) -> Result<usize, StoreError> {
    let Some((operation, ..)) = tenant.operation else { return Ok(told) };
    let steps = store.steps(crate::domain::ids::OperationId::from_uuid(operation)).await?;
    let ended: Vec<_> = steps.iter().filter(|step| step.state != StepState::Started).collect();
    for step in ended.iter().skip(told) {
        let milliseconds = step.ended_at.map_or(0, |end| end.duration_since(step.started_at).as_millis());
        if step.state != StepState::Skipped {
            tell(&format!("{}: {} {} {milliseconds} ms", tenant.key, step.step, step.state));
        }
    }
    Ok(ended.len())
}
