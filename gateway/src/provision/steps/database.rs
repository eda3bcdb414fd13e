//! The tenant's database.

use serde_json::json;

use crate::domain::failure::Failure;
use crate::domain::names;
use crate::infra::databases::{self, Database};
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;

pub(super) async fn observe(run: &mut Run) -> Result<Observed, StepError> {
    if run.whole_copy_of.is_some() {
        // The step before made it the tenant's, closed to all others and open to its app, in the session that this one would
        // look with.
        return Ok(Observed::AsDesired(json!({ "database": names::database(run.id()) })));
    }
    Ok(match databases::observe(run.admin().await?).await? {
        Database::AsDesired => Observed::AsDesired(json!({ "database": names::database(run.id()) })),
        Database::Absent | Database::Retired | Database::Invalid { .. } | Database::Differs => Observed::Wanting,
    })
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let held = run.server().await?;
    let (template, lease) = (run.template().await, run.lease.clone());
    // An empty database in its place would hide the loss.
    let had_data = run.tenant.migration_version.is_some();
    let session = run.admin().await?;
    let seen = databases::observe(session).await?;
    if had_data && matches!(seen, Database::Absent | Database::Invalid { .. }) {
        let text = "the tenant's database is gone with its data: restore it, or delete the tenant";
        return Err(Failure::permanent("database_lost", text).into());
    }
    let template = template.as_ref();
    let (origin, inside) = databases::ensure(&held.server, session, &lease, seen, template).await?;
    if let Some(inside) = inside {
        run.keep_owner(inside).await;
    }
    let database = names::database(run.id());
    let Some(origin) = origin else { return Ok(Effect::Changed(json!({ "database": database }))) };
    // It is none that the step before may have taken.
    run.whole_copy_of = None;
    if template.is_some() {
        run.world.restock.notify_one();
    }
    Ok(Effect::Changed(json!({ "database": database, "from": origin.as_str() })))
}

pub(super) async fn retire(run: &mut Run) -> Result<Effect, StepError> {
    run.leave_database().await;
    let retired = databases::retire(run.admin().await?).await?;
    let name = names::TombstoneName::of(run.id());
    Ok(if retired {
        Effect::Changed(json!({ "database": name.as_str() }))
    } else {
        Effect::nothing("there is none in use")
    })
}

pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    run.leave_database().await;
    let removed = databases::remove(run.admin().await?).await?;
    let name = names::database(run.id());
    Ok(if removed { Effect::Changed(json!({ "database": name })) } else { Effect::nothing("there was none") })
}
