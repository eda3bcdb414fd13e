//! The tenant's two PostgreSQL roles. Where a spare is ready they are that spare's, whose database becomes the tenant's in
//! the same moment.

use serde_json::{Value, json};

use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::domain::plan::RoleLimits;
use crate::domain::stock::TemplateName;
use crate::infra::roles::{self, Roles, WantedLogin};
use crate::infra::spares::{self, Taken};
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;

fn describe(id: TenantId) -> Value {
    json!({ "owner": names::owner_role(id), "login": names::login_role(id) })
}

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    if run.template().await.is_some() {
        // Who looks for a spare for the tenant sees whether it has roles already.
        return Ok(Observed::Wanting);
    }
    let limits = run.role_limits();
    look(run, &limits).await
}

async fn look(run: &mut Run, limits: &RoleLimits) -> Result<Observed, StepError> {
    let (verifier, password) = (run.verifier()?, run.password()?);
    let wanted = WantedLogin { verifier: &verifier, password: &password, limits };
    let held = run.server().await?;
    Ok(match roles::observe(&held.server, run.admin().await?, Some(wanted)).await? {
        Roles::AsDesired => Observed::AsDesired(describe(run.id())),
        Roles::Absent | Roles::Differ => Observed::Wanting,
    })
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let limits = run.role_limits();
    if let Some(template) = run.template().await {
        if let Some(taken) = take_spare(run, &template, &limits).await? {
            return Ok(taken);
        }
        if let Observed::AsDesired(value) = look(run, &limits).await? {
            return Ok(Effect::Unchanged(value));
        }
    }
    let verifier = run.verifier()?;
    let held = run.server().await?;
    roles::ensure(&held.server, run.admin().await?, &verifier, &limits).await?;
    Ok(Effect::Changed(describe(run.id())))
}

/// Takes a spare, which brings the whole database; `None` where there is none to have.
async fn take_spare(run: &mut Run, template: &TemplateName, limits: &RoleLimits) -> Result<Option<Effect>, StepError> {
    let verifier = run.verifier()?;
    let (world, held, fence) = (run.world.clone(), run.server().await?, run.lease.require()?);
    let secret = (&verifier, &world.key_ring);
    let taken = spares::take(&held.server, run.admin().await?, fence, template, secret, limits).await?;
    let Some(Taken { spare, credentials }) = taken else { return Ok(None) };
    world.restock.notify_one();
    if let Some(credentials) = credentials {
        run.learn_credentials(&credentials)?;
    }
    let version = run.migrations().await?.version();
    run.whole_copy_of = Some(template.clone());
    run.learn_version(version);
    let id = run.id();
    let (owner, login) = (names::owner_role(id), names::login_role(id));
    Ok(Some(Effect::Changed(json!({ "owner": owner, "login": login, "from": spare.database() }))))
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let held = run.server().await?;
    let removed = roles::remove(&held.server, run.admin().await?).await?;
    Ok(if removed { Effect::Changed(describe(run.id())) } else { Effect::nothing("there were none") })
}
