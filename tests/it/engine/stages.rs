//! What a kind of operation starts with, and what its end looks like.

use gateway::domain::operation::OperationKind;
use gateway::domain::tenant::Tier;
use gateway::provision::failpoint::Failpoint;
use serde_json::Value;
use uuid::Uuid;

use crate::support::snapshot::general;
use crate::support::stack::Stack;
use crate::support::{PATIENCE, unique_key, wait_for};

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

/// Names for tenants, which a provision then makes.
pub(super) fn subjects(prefix: &str, count: usize) -> Vec<Subject> {
    (0..count).map(|_| Subject { id: Uuid::nil(), key: unique_key(prefix) }).collect()
}

/// Has operations of a kind come true for tenants.
pub(super) async fn pass(stack: &Stack, kind: OperationKind, tier: Tier, subjects: &mut [Subject]) {
    for subject in subjects.iter_mut() {
        wish(stack, kind, tier, subject).await;
    }
    for subject in subjects {
        stack.settled(&subject.key, &[goal(kind)]).await;
        assert_done(stack, kind, subject).await;
    }
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

/// A pool beside the default one; the same app answers in both. It is draining, so that nobody comes there but by a move.
pub(super) async fn second_pool(stack: &Stack) {
    sqlx::query(
        "INSERT INTO gateway.shared_pool (name, backend_url, state) SELECT 'second', backend_url, 'draining' FROM gateway.shared_pool
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
        OperationKind::Move => {
            second_pool(stack).await;
            "UPDATE gateway.tenant SET pool_id = (SELECT id FROM gateway.shared_pool WHERE name = 'second') WHERE id = $1"
        }
        OperationKind::Reconverge => "UPDATE gateway.tenant SET due_at = now() WHERE id = $1",
        OperationKind::Suspend => "UPDATE gateway.tenant SET status = 'suspended' WHERE id = $1",
        OperationKind::Reactivate | OperationKind::Undelete => {
            "UPDATE gateway.tenant SET status = 'pending' WHERE id = $1"
        }
        OperationKind::Rotate => "UPDATE gateway.tenant SET credentials = credentials + 1 WHERE id = $1",
        OperationKind::Deprovision => "UPDATE gateway.tenant SET status = 'deleting' WHERE id = $1",
        OperationKind::Purge => "UPDATE gateway.tenant SET status = 'purging', purge_at = now() WHERE id = $1",
    };
    let done = sqlx::query(sql).bind(subject.id).execute(&stack.control).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{kind} of {}", subject.key);
}

/// Asks for one look at the whole fleet, and gives its report.
pub(super) async fn reconcile(stack: &Stack) -> Value {
    let id: Uuid = sqlx::query_scalar("INSERT INTO gateway.job (kind) VALUES ('reconcile') RETURNING id")
        .fetch_one(&stack.control)
        .await
        .unwrap();
    wait_for("the look at the fleet", PATIENCE, || async {
        let (state, result): (String, Option<Value>) =
            sqlx::query_as("SELECT state, result FROM gateway.job WHERE id = $1")
                .bind(id)
                .fetch_one(&stack.control)
                .await
                .unwrap();
        if state == "succeeded" { Ok(result.unwrap_or_default()) } else { Err(state) }
    })
    .await
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

/// A tenant's world without what is its own.
pub(super) async fn world(stack: &Stack, subject: &Subject) -> String {
    let snapshot = stack.snapshot(&stack.server_options(), &subject.key, subject.id).await;
    general(&snapshot, &subject.key, subject.id)
}

/// The places of a kind that are wanted.
pub(super) fn places(kind: OperationKind, wanted: impl Fn(&Failpoint) -> bool) -> Vec<Failpoint> {
    let all = gateway::provision::failpoint::all();
    all.into_iter().filter(|place| place.kind == kind && wanted(place)).collect()
}
