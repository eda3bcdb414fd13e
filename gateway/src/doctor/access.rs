//! Who may do what: sealed secrets, owners, API keys.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::doctor::Look;
use crate::doctor::report::{Check, Finding};
use crate::domain::person::{Role, UserState};
use crate::provision::run::store_failure;
use crate::store::StoreError;
use crate::store::api_keys::{ApiKeyFilter, ApiKeyRecord};
use crate::store::users::{UserFilter, UserRecord};

/// Accounts and keys that are looked at.
const MOST: u32 = 10_000;
/// An end that is nearer than this stops a program soon.
const NEAR: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Names of keys that are told.
const NAMED: usize = 5;

/// Looks at sealed secrets, accounts and keys.
pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    let Some(store) = &look.store else { return Vec::new() };
    let read = async {
        let sealed = store.sealed_by().await?;
        let owners = UserFilter { role: Some(Role::Owner), limit: MOST, ..UserFilter::default() };
        let keys = ApiKeyFilter { limit: MOST, ..ApiKeyFilter::default() };
        Ok::<_, StoreError>((sealed, store.list_users(&owners).await?, store.list_api_keys(&keys).await?))
    };
    match read.await {
        Ok((sealed, owners, keys)) => {
            let settings = look.settings;
            let has_static = !settings.http.api_keys.is_empty();
            let [owner, first] = owners_judged(&owners);
            vec![
                keys_judged(&sealed, settings.key_ring.sealing_key(), |id| settings.key_ring.holds(id)),
                owner,
                first,
                api_keys_judged(&keys, has_static, Timestamp::now()),
            ]
        }
        Err(error) => vec![Finding::failed(Check::Owner, &store_failure(error), "look at the control database")],
    }
}

/// `sealed` counts secrets by the key that sealed them.
fn keys_judged(sealed: &BTreeMap<String, u64>, seals: &str, is_held: impl Fn(&str) -> bool) -> Finding {
    let told = |ids: Vec<(&String, &u64)>| {
        ids.iter().map(|(id, count)| format!("{count} by {id}")).collect::<Vec<_>>().join(", ")
    };
    let (held, lost): (Vec<_>, Vec<_>) = sealed.iter().partition(|(id, _)| is_held(id));
    if !lost.is_empty() {
        return Finding::problem(
            Check::SecretKeys,
            format!("secrets are sealed with keys that the settings do not hold: {}", told(lost)),
            "add those keys at the end of secret_keys; without them these secrets are lost",
        );
    }
    let former: Vec<_> = held.into_iter().filter(|(id, _)| *id != seals).collect();
    if former.is_empty() {
        return Finding::ok(Check::SecretKeys, format!("everything is sealed with {seals}"));
    }
    Finding::warning(
        Check::SecretKeys,
        format!("secrets are sealed with former keys: {}", told(former)),
        "end the change of keys with `gatewayctl keys rotate`, as docs/runbooks/key-rotation.md says",
    )
}

/// The owners, and those of them whose password waits for its first use.
fn owners_judged(owners: &[UserRecord]) -> [Finding; 2] {
    let active: Vec<&UserRecord> = owners.iter().filter(|owner| owner.state == UserState::Active).collect();
    if active.is_empty() {
        let found = "no account may do everything, or none of those has a password";
        let advice = "run `gateway migrate --owner you@example.com`, or set a password by `gateway user set-password`";
        let first = Finding::skipped(Check::FirstPassword, "there is no owner with a password");
        return [Finding::problem(Check::Owner, found, advice), first];
    }
    let plain = active.iter().filter(|owner| !owner.totp_enabled).count();
    let owner = if plain > 0 {
        let found = format!("{} owners, {plain} of them without a second factor", active.len());
        Finding::warning(Check::Owner, found, "have each owner switch it on in the console, under their own account")
    } else {
        Finding::ok(Check::Owner, format!("{} owners, all with a second factor", active.len()))
    };
    let unused: Vec<&str> =
        active.iter().filter(|owner| owner.last_login_at.is_none()).map(|owner| owner.email.as_str()).collect();
    let first = if unused.is_empty() {
        Finding::ok(Check::FirstPassword, "every owner has logged in")
    } else {
        let found =
            format!("never logged in, so the password that was printed may still be in a log: {}", unused.join(", "));
        let advice = "log in and change the password, or set another by `gateway user set-password`";
        Finding::warning(Check::FirstPassword, found, advice)
    };
    [owner, first]
}

fn api_keys_judged(keys: &[ApiKeyRecord], has_static: bool, now: Timestamp) -> Finding {
    let named = |keys: &[&ApiKeyRecord]| {
        let names: Vec<&str> = keys.iter().take(NAMED).map(|key| key.name.as_str()).collect();
        let more = keys.len().saturating_sub(NAMED);
        if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
    };
    let endless: Vec<&ApiKeyRecord> = keys.iter().filter(|key| key.expires_at.is_none()).collect();
    let ending: Vec<&ApiKeyRecord> =
        keys.iter().filter(|key| key.expires_at.is_some_and(|at| at.duration_since(now) < NEAR)).collect();
    let mut found = Vec::new();
    if !ending.is_empty() {
        found.push(format!("these end within two weeks: {}", named(&ending)));
    }
    if !endless.is_empty() {
        found.push(format!("these have no end: {}", named(&endless)));
    }
    if has_static {
        found.push("those of api_keys have none either".to_owned());
    }
    if found.is_empty() {
        return Finding::ok(Check::ApiKeys, format!("{} keys, each with an end", keys.len()));
    }
    let advice = "give programs keys that end (`gatewayctl key create --expires`), and revoke the first one";
    Finding::warning(Check::ApiKeys, found.join("; "), advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::State;

    #[test]
    fn a_key_that_sealed_and_is_not_held_is_a_loss() {
        let sealed = |ids: &[&str]| ids.iter().map(|id| ((*id).to_owned(), 3)).collect::<BTreeMap<_, _>>();
        let judged = |ids: &[&str]| keys_judged(&sealed(ids), "new", |id| id == "new" || id == "former");
        assert_eq!(judged(&["new"]).state, State::Ok);
        assert_eq!(judged(&[]).state, State::Ok);
        assert_eq!(judged(&["new", "former"]).state, State::Warning);
        let lost = judged(&["gone", "former"]);
        assert!(
            lost.state == State::Problem && lost.found.contains("3 by gone") && !lost.found.contains("former"),
            "{lost:?}"
        );
    }
}
