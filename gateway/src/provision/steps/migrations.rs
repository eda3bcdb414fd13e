//! The schema of the tenant's database.

use serde_json::json;

use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    let wanted = run.migrations().await?;
    let as_desired = || Observed::AsDesired(json!({ "version": wanted.version() }));
    if run.is_whole_copy(&wanted) {
        return Ok(as_desired());
    }
    let recorded = run.tenant.migration_version == Some(wanted.version());
    let id = run.id();
    let applied = wanted.is_applied(run.owner().await?, id).await?;
    if recorded && applied {
        run.leave_database().await;
        return Ok(as_desired());
    }
    Ok(Observed::Wanting)
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let wanted = run.migrations().await?;
    let id = run.id();
    wanted.apply(run.owner().await?, id).await?;
    run.learn_version(wanted.version());
    run.leave_database().await;
    Ok(Effect::Changed(json!({ "version": wanted.version() })))
}
