//! I8: nobody who is asked to change something has seen a younger claim than the row, and no recorded effect of a claim
//! came after a younger one began.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::ids::TenantId;
use crate::inventory::engine::EngineObjects;
use crate::inventory::rows::Rows;
use crate::inventory::tree::Tree;
use crate::store::evidence::LateEffect;
use crate::verify::violation::{Invariant, Violation};

/// Fences found in tenants' own databases.
pub type InsideFences = BTreeMap<TenantId, i64>;

/// Compares Redis with rows that were read after it.
#[must_use]
pub fn of_tree(rows: &Rows, tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for (name, stored) in &tree.fences {
        let Some(id) = name.parse().ok().map(TenantId::from_uuid) else { continue };
        match stored.fence {
            Some(fence) => found.extend(compare(rows, id, "Redis", fence)),
            None => {
                let what = "the tenant's fence in Redis is no number";
                found.push(Violation::about(
                    Invariant::I8,
                    rows,
                    Some(id),
                    what,
                    json!(row_fence(rows, id)),
                    json!(null),
                ));
            }
        }
    }
    found
}

/// Compares the labels on networks and containers with rows that were read after them.
#[must_use]
pub fn of_engine(rows: &Rows, engine: &EngineObjects) -> Vec<Violation> {
    let networks = engine.networks.iter().map(|one| (&one.labels, "the label of its network"));
    let containers = engine.containers.iter().map(|one| (&one.labels, "the label of its container"));
    networks
        .chain(containers)
        .filter_map(|(labels, place)| compare(rows, labels.tenant?, place, labels.fence?))
        .collect()
}

/// Compares tenants' databases with rows that were read after them.
#[must_use]
pub fn of_databases(rows: &Rows, inside: &InsideFences) -> Vec<Violation> {
    inside.iter().filter_map(|(id, fence)| compare(rows, *id, "its database", *fence)).collect()
}

fn row_fence(rows: &Rows, id: TenantId) -> Option<i64> {
    let live = rows.tenants.get(&id).map(|row| row.fence);
    live.or_else(|| rows.tombstones.get(&id).map(|row| row.fence))
}

fn compare(rows: &Rows, id: TenantId, place: &str, seen: i64) -> Option<Violation> {
    let own = row_fence(rows, id)?;
    let what = format!("{place} has seen a younger claim than the row");
    (seen > own).then(|| Violation::about(Invariant::I8, rows, Some(id), &what, json!({ "at_most": own }), seen))
}

/// Reports what the records show.
#[must_use]
pub fn of_records(rows: &Rows, late: &[LateEffect]) -> Vec<Violation> {
    late.iter()
        .map(|effect| {
            let what = format!("the step {} had its effect after a younger claim had begun", effect.step);
            let expected = json!({ "ended_before": effect.younger_started_at.to_string() });
            let is =
                json!({ "attempt": effect.attempt_id, "fence": effect.fence, "ended_at": effect.ended_at.to_string() });
            let about = Some(effect.tenant_id);
            let mut violation = Violation::about(Invariant::I8, rows, about, &what, expected, is);
            violation.tenant_key = Some(effect.key.clone());
            violation
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::tree::StoredFence;
    use crate::verify::sample::{Sample, only};

    #[test]
    fn a_receiver_that_is_ahead_of_the_row_is_found() {
        let mut sample = Sample::new();
        let id = sample.shared;
        let own = sample.rows.tenants[&id].fence;
        assert_eq!(of_tree(&sample.rows, &sample.tree), []);
        assert_eq!(of_engine(&sample.rows, &sample.engine), []);
        assert_eq!(of_databases(&sample.rows, &InsideFences::from([(id, own)])), []);
        for fence in [Some(own + 1), None] {
            sample.tree.fences.insert(id.to_string(), StoredFence { fence, expires: false });
            assert_eq!(only(&of_tree(&sample.rows, &sample.tree)), (Invariant::I8, Some(id)));
        }
        for network in &mut sample.engine.networks {
            network.labels.fence = network.labels.fence.filter(|_| network.labels.tenant != Some(id)).or(Some(own + 1));
        }
        assert_eq!(only(&of_engine(&sample.rows, &sample.engine)), (Invariant::I8, Some(id)));
        assert_eq!(only(&of_databases(&sample.rows, &InsideFences::from([(id, own + 1)]))), (Invariant::I8, Some(id)));
    }

    #[test]
    fn a_tombstone_has_a_fence_too() {
        let mut sample = Sample::new();
        let id = sample.dedicated;
        sample.forget(id, true);
        sample.tree.fences.insert(id.to_string(), StoredFence { fence: Some(1_000), expires: true });
        assert_eq!(only(&of_tree(&sample.rows, &sample.tree)), (Invariant::I8, Some(id)));
    }

    #[test]
    fn a_late_effect_is_reported() {
        let sample = Sample::new();
        let late = LateEffect {
            tenant_id: sample.shared,
            key: "acme".into(),
            attempt_id: 1,
            step: "route".into(),
            fence: 1,
            ended_at: jiff::Timestamp::from_second(2).unwrap(),
            younger_started_at: jiff::Timestamp::from_second(1).unwrap(),
        };
        assert_eq!(only(&of_records(&sample.rows, &[late])), (Invariant::I8, Some(sample.shared)));
    }
}
