//! What of the events a caller sees: those of kinds it may read about, on tenants it sees.

use axum::http::StatusCode;

use crate::api::AppState;
use crate::api::auth::{Caller, Scope};
use crate::api::extract::Fields;
use crate::api::operations::list::tenant_id;
use crate::api::problem::Refusal;
use crate::domain::event::EventKind;
use crate::domain::ids::TenantId;
use crate::domain::reach::Reach;
use crate::store::events::{EventFilter, EventHead, EventRecord};

/// The scope that reading of such events needs: that of what they are about.
pub(super) const fn scope_of(kind: EventKind) -> Scope {
    match kind {
        EventKind::TenantCreated
        | EventKind::TenantEdited
        | EventKind::TenantPaused
        | EventKind::TenantResumed
        | EventKind::TenantMoved
        | EventKind::TenantPending
        | EventKind::TenantProvisioning
        | EventKind::TenantActivated
        | EventKind::TenantSuspended
        | EventKind::TenantFailed
        | EventKind::TenantDeleting
        | EventKind::TenantPurging
        | EventKind::TenantDeleted
        | EventKind::TenantDrifted
        | EventKind::TenantRepaired => Scope::TenantsRead,
        EventKind::OperationOpened
        | EventKind::OperationSucceeded
        | EventKind::OperationFailed
        | EventKind::OperationCancelled => Scope::OperationsRead,
        EventKind::JobOpened
        | EventKind::JobSucceeded
        | EventKind::JobFailed
        | EventKind::PoolCreated
        | EventKind::PoolEdited
        | EventKind::PoolDeleted => Scope::FleetRead,
        EventKind::ApiKeyCreated | EventKind::ApiKeyRotated | EventKind::ApiKeyRevoked => Scope::KeysRead,
    }
}

/// Which events are asked for and may be seen.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    kinds: Vec<EventKind>,
    tenant: Option<TenantId>,
    reach: Reach,
}

/// What is asked for, read from a query.
#[derive(Debug)]
pub(super) struct Asked {
    kinds: Option<Vec<EventKind>>,
    tenant: Option<String>,
    /// The number after which to begin.
    pub(super) after: Option<i64>,
}

/// A number as `after` and the last event id give it.
pub(super) fn read_number(text: &str) -> Option<i64> {
    let is_number = (1..=18).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn read_kinds(fields: &mut Fields) -> Option<Vec<EventKind>> {
    let text = fields.text("kind").filter(|text| !text.is_empty())?;
    let mut kinds = Vec::new();
    for word in text.split(',').filter(|word| !word.is_empty()) {
        // tenant.* is every kind of that family.
        let found: Vec<EventKind> = match word.strip_suffix(".*") {
            Some(family) => {
                let of_family =
                    |kind: &&EventKind| kind.as_str().split_once('.').is_some_and(|(first, _)| first == family);
                EventKind::ALL.iter().filter(of_family).copied().collect()
            }
            None => EventKind::parse(word).into_iter().collect(),
        };
        if found.is_empty() {
            fields.refuse(
                "kind",
                "unknown_value",
                "must name kinds of events, such as tenant.activated or operation.*",
            );
            return None;
        }
        kinds.extend(found);
    }
    Some(kinds)
}

impl Asked {
    /// Takes `kind`, `tenant` and `after`; wrong ones are noted.
    pub(super) fn read(fields: &mut Fields) -> Self {
        let kinds = read_kinds(fields);
        let tenant = fields.text("tenant").filter(|text| !text.is_empty());
        let after = fields.text("after").filter(|text| !text.is_empty()).and_then(|text| {
            let number = read_number(&text);
            if number.is_none() {
                fields.refuse("after", "cursor", "must be the id of an event, or a next_cursor");
            }
            number
        });
        Self { kinds, tenant, after }
    }
}

impl Sight {
    /// What of it the caller sees.
    ///
    /// # Errors
    /// 404 where the tenant is not there for the caller.
    pub(super) async fn of(state: &AppState, caller: &Caller, asked: Asked) -> Result<Self, Refusal> {
        let reach = caller.reach().clone();
        let tenant = match &asked.tenant {
            Some(text) => Some(tenant_id(state, text, &reach).await?),
            None => None,
        };
        let kinds = asked.kinds.unwrap_or_else(|| EventKind::ALL.to_vec());
        let kinds = kinds.into_iter().filter(|kind| caller.may(scope_of(*kind))).collect();
        Ok(Self { kinds, tenant, reach })
    }

    /// Whether an event is among them.
    pub(super) fn holds(&self, event: &EventRecord) -> bool {
        let is_seen = match &event.tenant {
            Some(tenant) => self.reach.holds(tenant.id, tenant.pool),
            None => self.reach.is_everything(),
        };
        let is_asked = self.tenant.is_none_or(|id| event.tenant.as_ref().is_some_and(|tenant| tenant.id == id));
        is_seen && is_asked && self.kinds.contains(&event.kind)
    }

    /// The query for them.
    pub(super) fn filter(&self, after: i64, limit: u32) -> EventFilter {
        EventFilter { after, kinds: Some(self.kinds.clone()), tenant: self.tenant, reach: self.reach.clone(), limit }
    }
}

/// Refuses to go on from a number whose successors are not all there: some are removed, or it is none of this order.
///
/// # Errors
/// 410.
pub(super) fn check_kept(after: i64, head: EventHead) -> Result<(), Refusal> {
    if (head.removed..=head.last).contains(&after) {
        return Ok(());
    }
    let detail = format!(
        "events after {after} are not there any more, or never were; read the lists again and go on from {}",
        head.last
    );
    Err(Refusal::new(StatusCode::GONE, "events_gone", "Gone", detail))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::store::events::EventTenant;

    fn event(kind: EventKind, tenant: Option<u128>, pool: Option<u128>) -> EventRecord {
        let tenant = tenant.map(|id| EventTenant {
            id: TenantId::from_uuid(Uuid::from_u128(id)),
            key: "acme".into(),
            pool: pool.map(Uuid::from_u128),
        });
        let at = jiff::Timestamp::UNIX_EPOCH;
        EventRecord { number: 1, at, kind, tenant, operation: None, actor: "sql:x".into(), data: Value::Null }
    }

    #[test]
    fn a_sight_holds_what_the_caller_may_see_and_asked_for() {
        let all = Sight { kinds: EventKind::ALL.to_vec(), tenant: None, reach: Reach::EVERYTHING };
        assert!(EventKind::ALL.iter().all(|kind| all.holds(&event(*kind, None, None))));
        let one = Reach::new(Some(vec![Uuid::from_u128(1)]), None);
        let some = Sight { reach: one, ..all.clone() };
        assert!(some.holds(&event(EventKind::TenantEdited, Some(1), None)));
        assert!(!some.holds(&event(EventKind::TenantEdited, Some(2), None)));
        assert!(!some.holds(&event(EventKind::PoolEdited, None, None)), "what is about all is for who sees all");
        let pooled = Sight { reach: Reach::new(None, Some(vec![Uuid::from_u128(9)])), ..all.clone() };
        assert!(pooled.holds(&event(EventKind::TenantEdited, Some(1), Some(9))));
        assert!(!pooled.holds(&event(EventKind::TenantEdited, Some(1), None)));
        let asked = Sight {
            kinds: vec![EventKind::TenantFailed],
            tenant: Some(TenantId::from_uuid(Uuid::from_u128(1))),
            ..all
        };
        assert!(asked.holds(&event(EventKind::TenantFailed, Some(1), None)));
        assert!(!asked.holds(&event(EventKind::TenantEdited, Some(1), None)));
        assert!(!asked.holds(&event(EventKind::TenantFailed, Some(2), None)));
    }

    #[test]
    fn kinds_are_named_singly_or_by_family() {
        let read = |text: &str| {
            let mut fields = Fields::of_json(json!({ "kind": text }));
            let kinds = Asked::read(&mut fields).kinds;
            fields.finish().ok().map(|()| kinds)
        };
        let jobs = vec![EventKind::JobOpened, EventKind::JobSucceeded, EventKind::JobFailed];
        assert_eq!(read("job.*"), Some(Some(jobs)));
        assert_eq!(read("tenant.failed,pool.edited"), Some(Some(vec![EventKind::TenantFailed, EventKind::PoolEdited])));
        assert_eq!(read(""), Some(None));
        for wrong in ["tenant", "tenant.gone", ".*", "*", "tenant.failed,x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_cursor_is_good_while_everything_after_it_is_kept() {
        let head = EventHead { last: 9, removed: 4 };
        for (after, is_good) in [(3, false), (4, true), (9, true), (10, false), (0, false)] {
            assert_eq!(check_kept(after, head).is_ok(), is_good, "{after}");
        }
        assert!(check_kept(0, EventHead { last: 0, removed: 0 }).is_ok());
        assert_eq!(read_number("12"), Some(12));
        for wrong in ["", "-1", "+1", "1.0", "x", "9999999999999999999"] {
            assert_eq!(read_number(wrong), None, "{wrong}");
        }
    }
}
