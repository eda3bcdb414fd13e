//! A request through Traefik. Every answer that went through a tenant's router, or by the wildcard router and the tenant
//! port, carries the revision of that way, so a wait for the newest revision proves that it is live, and the status that the
//! app behind it answers.

use std::time::{Duration, Instant};

use serde_json::json;
use url::Url;

use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::domain::tenant::Tier;
use crate::infra::probe::{EdgeAnswer, Pauses};
use crate::provision::outcome::{Effect, Observed, StepError};
use crate::provision::run::Run;
use crate::provision::steps::route;

/// A host that no tenant can have: the domain is reserved (RFC 2606).
const NOBODY: &str = "gateway-probe.invalid";
/// Status of the page for a suspended tenant.
const SUSPENDED_STATUS: u16 = 503;
/// Looks after which a route that is live but answers wrongly counts as failed for this attempt.
const PATIENCE: u32 = 20;
/// First pause where a tenant port has to hear of it, which takes it about as long.
const PORT_PAUSE: Duration = Duration::from_millis(1);
const NO_ENTRY: &str = "traefik_url (GATEWAY_TRAEFIK_URL) is not set, so nothing can be proved";

pub(super) fn not_needed(run: &Run) -> Option<&'static str> {
    run.world.entry_url.is_none().then_some(NO_ENTRY)
}

/// Only asking shows it.
pub(super) fn observe() -> Observed {
    Observed::Wanting
}

pub(super) async fn ensure(run: &mut Run) -> Result<Effect, StepError> {
    let Some(entry) = run.world.entry_url.clone() else { return Ok(Effect::nothing(NO_ENTRY)) };
    let (revision, mut pauses) = match &run.route_revision {
        Some(revision) => (revision.clone(), Pauses::from(PORT_PAUSE)),
        None => (route::render(run).await?.revision, Pauses::default()),
    };
    let host = run.allocation()?.host.clone();
    let mut is_served = run.serves() && is_led_to_app(run).await?;
    let mut wrong = 0;
    let began = Instant::now();
    loop {
        let path = if is_served { run.world.health_path.clone() } else { "/".to_owned() };
        let answer = ask(run, &entry, &host, &path).await?;
        let live = answer.revision.as_deref() == Some(&revision);
        if live {
            note_shown(run);
        }
        if live && is_right(is_served, &answer) {
            return Ok(Effect::Changed(
                json!({ "host": host.as_str(), "status": answer.status, "revision": revision }),
            ));
        }
        if live {
            wrong += 1;
            if wrong >= PATIENCE {
                let text = format!("the route is live, but {host} answers {}", answer.status);
                return Err(Failure::retryable("wrong_answer", text).into());
            }
            // The members of a pool come and go, and somebody may stop it meanwhile.
            is_served = run.serves() && is_led_to_app(run).await?;
        } else if run.route_revision.is_none() || answer.revision.is_some() {
            tell_again(run, began).await?;
        }
        pauses.next().await;
    }
}

/// Traefik leads nobody to the tenant any more.
pub(super) async fn remove(run: &mut Run) -> Result<Effect, StepError> {
    let Some(entry) = run.world.entry_url.clone() else { return Ok(Effect::nothing(NO_ENTRY)) };
    let host = run.allocation()?.host.clone();
    let mut pauses = Pauses::default();
    let began = Instant::now();
    loop {
        let answer = ask(run, &entry, &host, "/").await?;
        if answer.revision.is_none() {
            note_shown(run);
            return Ok(Effect::Unchanged(json!({ "host": host.as_str(), "status": answer.status })));
        }
        tell_again(run, began).await?;
        pauses.next().await;
    }
}

/// What Traefik was told of is there: so long it takes.
fn note_shown(run: &mut Run) {
    if let Some(told) = run.told_traefik.take() {
        run.world.routes.note_shown(told.elapsed());
    }
}

/// Nobody makes up for a notification that was never sent but who waits for its effect.
async fn tell_again(run: &mut Run, began: Instant) -> Result<(), Failure> {
    if run.world.routes.tell_again(began).await? {
        // What it takes from here on says nothing of the change.
        run.told_traefik = None;
        tracing::info!("Traefik was told once more of its tree, as it did not show a change");
    }
    Ok(())
}

/// Asks Traefik. Silence is the tenant's own trouble only when a host that nobody has is answered.
async fn ask(run: &Run, entry: &Url, host: &Host, path: &str) -> Result<EdgeAnswer, Failure> {
    let probe = &run.world.probe;
    match probe.ask_edge(entry, host, path).await {
        Err(failure) if failure.code == "edge_silent" => {
            let nobody = Host::parse(NOBODY).map_err(|e| Failure::permanent("host_refused", e.to_string()))?;
            match probe.ask_edge(entry, &nobody, "/").await {
                Ok(_) => Err(failure),
                Err(_) => {
                    let text = "Traefik's entry point takes requests and answers none";
                    Err(Failure::unavailable("edge_unreachable", text).because(failure))
                }
            }
        }
        answer => answer,
    }
}

/// Whether the tenant's host leads to an app. It does not while its pool is stopped or none of the members answers: then it
/// answers as that of a suspended one.
async fn is_led_to_app(run: &Run) -> Result<bool, StepError> {
    Ok(run.tenant.tier == Tier::Dedicated || route::pool_of(run).await?.is_serving())
}

fn is_right(is_served: bool, answer: &EdgeAnswer) -> bool {
    if is_served { answer.status < 500 } else { answer.status == SUSPENDED_STATUS }
}
