//! The tenant's two PostgreSQL roles. Where a spare is ready they are that spare's, whose database becomes the tenant's in
//! the same moment.

use serde_json::{Value, json};

use crate::domain::ids::TenantId;
use crate::domain::names;
use crate::infra::roles::{self, Roles};
use crate::infra::spares;
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;

fn describe(id: TenantId) -> Value {
    json!({ "owner": names::owner_role(id), "login": names::login_role(id) })
}

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    let verifier = run.verifier()?;
    let limits = run.role_limits().await?;
    let held = run.server().await?;
    Ok(match roles::observe(&held.server, run.admin().await?, Some((&verifier, &limits))).await? {
        Roles::AsDesired => Observed::AsDesired(describe(run.id())),
        Roles::Absent | Roles::Differ => Observed::Wanting,
    })
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let verifier = run.verifier()?;
    let limits = run.role_limits().await?;
    let held = run.server().await?;
    if let Some(template) = run.template().await
        && let Some(spare) = spares::take(&held.server, run.admin().await?, &template, &verifier, &limits).await?
    {
        run.world.restock.notify_one();
        let id = run.id();
        let (owner, login) = (names::owner_role(id), names::login_role(id));
        return Ok(Effect::Changed(json!({ "owner": owner, "login": login, "from": spare.database() })));
    }
    roles::ensure(&held.server, run.admin().await?, &verifier, &limits).await?;
    Ok(Effect::Changed(describe(run.id())))
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let held = run.server().await?;
    let removed = roles::remove(&held.server, run.admin().await?).await?;
    Ok(if removed { Effect::Changed(describe(run.id())) } else { Effect::nothing("there were none") })
}
