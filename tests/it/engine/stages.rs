//! Tenants in the state from which an operation of a kind starts, and the wish for one.

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::Failpoint;
use uuid::Uuid;

use crate::support::instance::Instance;
use crate::support::stack::Stack;
use crate::support::unique_key;

/// Deletions wait this long, so that they can be taken back and a purge is a wish of its own.
pub(super) const GRACE: (&str, &str) = ("GATEWAY_DELETE_GRACE_SECONDS", "3600");

/// A tenant of a case.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub(super) id: Uuid,
    pub(super) key: String,
}

/// The statuses in which an operation of a kind has done its work.
pub(super) fn goal(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Suspend => "suspended",
        OperationKind::Deprovision => "deleting",
        OperationKind::Purge => "deleted",
        OperationKind::Provision
        | OperationKind::Reconverge
        | OperationKind::Reactivate
        | OperationKind::Rotate
        | OperationKind::Move
        | OperationKind::Undelete => "active",
    }
}

/// The statuses a tenant passes, from active on, until an operation of a kind can be wished.
fn way_to(kind: OperationKind) -> &'static [&'static str] {
    match kind {
        OperationKind::Reactivate => &["suspended"],
        OperationKind::Undelete | OperationKind::Purge => &["deleting"],
        _ => &[],
    }
}

/// Makes tenants from which operations of a kind start, with a worker of the settings given. A provision starts from
/// nothing: those are not made yet.
pub(super) async fn prepare(
    instance: &Instance,
    settings: &[(&str, &str)],
    kind: OperationKind,
    tier: Tier,
    count: usize,
) -> Vec<Subject> {
    let stack = &instance.stack;
    if kind == OperationKind::Move {
        second_pool(stack).await;
    }
    let mut subjects = Vec::with_capacity(count);
    for _ in 0..count {
        let key = unique_key(kind.as_str());
        let id = if kind == OperationKind::Provision { Uuid::nil() } else { insert(stack, &key, tier).await };
        subjects.push(Subject { id, key });
    }
    if kind == OperationKind::Provision {
        return subjects;
    }
    let worker = instance.worker(settings);
    for subject in &subjects {
        stack.settled(&subject.key, &["active"]).await;
    }
    for status in way_to(kind) {
        for subject in &subjects {
            stack.wish(&subject.key, status).await;
        }
        for subject in &subjects {
            stack.settled(&subject.key, &[status]).await;
        }
    }
    assert_eq!(worker.stop(), Some(0));
    subjects
}

pub(super) async fn insert(stack: &Stack, key: &str, tier: Tier) -> Uuid {
    sqlx::query_scalar(
        "INSERT INTO gateway.tenant (key, company_name, tier) VALUES ($1, 'Engine Test', $2) RETURNING id",
    )
    .bind(key)
    .bind(tier.as_str())
    .fetch_one(&stack.control)
    .await
    .unwrap()
}

/// A pool beside the default one; the same app answers in both.
pub(super) async fn second_pool(stack: &Stack) {
    sqlx::query(
        "INSERT INTO gateway.shared_pool (name, backend_url) SELECT 'second', backend_url FROM gateway.shared_pool
          WHERE name = 'default' ON CONFLICT (name) DO NOTHING",
    )
    .execute(&stack.control)
    .await
    .unwrap();
}

/// Writes the wish that opens an operation of a kind.
pub(super) async fn wish(stack: &Stack, kind: OperationKind, tier: Tier, subject: &mut Subject) {
    let sql = match kind {
        OperationKind::Provision => {
            subject.id = insert(stack, &subject.key, tier).await;
            return;
        }
        OperationKind::Reconverge => "UPDATE gateway.tenant SET due_at = now() WHERE id = $1",
        OperationKind::Suspend => "UPDATE gateway.tenant SET status = 'suspended' WHERE id = $1",
        OperationKind::Reactivate | OperationKind::Undelete => {
            "UPDATE gateway.tenant SET status = 'pending' WHERE id = $1"
        }
        OperationKind::Rotate => "UPDATE gateway.tenant SET credentials = credentials + 1 WHERE id = $1",
        OperationKind::Move => {
            "UPDATE gateway.tenant SET pool_id = (SELECT id FROM gateway.shared_pool WHERE name = 'second') WHERE id = $1"
        }
        OperationKind::Deprovision => "UPDATE gateway.tenant SET status = 'deleting' WHERE id = $1",
        OperationKind::Purge => "UPDATE gateway.tenant SET status = 'purging' WHERE id = $1",
    };
    let done = sqlx::query(sql).bind(subject.id).execute(&stack.control).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{kind} of {}", subject.key);
}

/// Asserts that the newest operation of a tenant was of a kind and came true.
pub(super) async fn assert_done(stack: &Stack, kind: OperationKind, subject: &Subject) {
    let newest: (String, String) = sqlx::query_as(
        "SELECT kind, state FROM gateway.operation WHERE tenant_id = $1 ORDER BY generation DESC LIMIT 1",
    )
    .bind(subject.id)
    .fetch_one(&stack.control)
    .await
    .unwrap();
    assert_eq!(newest, (kind.as_str().to_owned(), "succeeded".to_owned()), "{}", subject.key);
}

/// The places of a kind that are wanted.
pub(super) fn places(kind: OperationKind, wanted: impl Fn(&Failpoint) -> bool) -> Vec<Failpoint> {
    let all = gateway::provision::failpoint::all();
    all.into_iter().filter(|place| place.kind == kind && wanted(place)).collect()
}
