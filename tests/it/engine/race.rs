//! Wishes that meet each other, and workers that die at random: the state stays one that somebody wished.

mod pairs;
mod seeded;

use gateway::domain::status::Status;

use crate::support::history::{self, History};
use crate::support::stack::Stack;
use crate::support::{PATIENCE, wait_for};

/// Anything that can be wanted of a tenant, as the SQL that wants it. What the row refuses was not wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Create,
    Retry,
    Suspend,
    Reactivate,
    Rotate,
    Move,
    Delete,
    Undelete,
}

impl Wish {
    const ALL: [Self; 8] = [
        Self::Create,
        Self::Retry,
        Self::Suspend,
        Self::Reactivate,
        Self::Rotate,
        Self::Move,
        Self::Delete,
        Self::Undelete,
    ];

    /// The status in which it makes sense.
    const fn from(self) -> Status {
        match self {
            Self::Reactivate => Status::Suspended,
            Self::Undelete => Status::Deleting,
            _ => Status::Active,
        }
    }

    const fn sql(self) -> &'static str {
        match self {
            Self::Create => "INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Race') ON CONFLICT DO NOTHING",
            Self::Retry => "UPDATE gateway.tenant SET due_at = now(), attempt = 0 WHERE key = $1 AND status <> 'deleted'",
            Self::Suspend => "UPDATE gateway.tenant SET status = 'suspended' WHERE key = $1 AND status = 'active'",
            Self::Reactivate => "UPDATE gateway.tenant SET status = 'pending' WHERE key = $1 AND status IN ('suspended', 'error')",
            Self::Rotate => {
                "UPDATE gateway.tenant SET credentials = credentials + 1 WHERE key = $1 AND status IN ('active', 'suspended')"
            }
            Self::Move => {
                "UPDATE gateway.tenant SET pool_id = (SELECT id FROM gateway.shared_pool p WHERE p.id <> coalesce(pool_id, '00000000-0000-0000-0000-000000000000') ORDER BY name LIMIT 1)
                  WHERE key = $1 AND status IN ('active', 'suspended')"
            }
            Self::Delete => {
                "UPDATE gateway.tenant SET status = 'deleting' WHERE key = $1 AND status NOT IN ('deleting', 'purging', 'deleted')"
            }
            Self::Undelete => "UPDATE gateway.tenant SET status = 'pending' WHERE key = $1 AND status = 'deleting'",
        }
    }

    /// Wishes, on a connection of one's own; whether the row took it.
    async fn make(self, connection: &mut sqlx::PgConnection, key: &str) -> bool {
        match sqlx::query(self.sql()).bind(key).execute(connection).await {
            Ok(done) => done.rows_affected() > 0,
            // A move that the table of transitions refuses.
            Err(error) if error.as_database_error().is_some_and(|e| e.code().as_deref() == Some("23514")) => false,
            Err(error) => panic!("{self:?} of {key}: {error}"),
        }
    }
}

/// Waits until nothing is due or being done for the tenants whose keys are like a pattern.
async fn at_rest(stack: &Stack, keys: &str) {
    wait_for(&format!("the tenants like {keys} to be at rest"), PATIENCE * 3, || async {
        let busy: Vec<String> = sqlx::query_scalar(
            "SELECT concat_ws(' ', key, status, error_step, error_code, error_message) FROM gateway.tenant
              WHERE key LIKE $1 AND (due_at IS NOT NULL OR lease_token IS NOT NULL)",
        )
        .bind(keys)
        .fetch_all(&stack.control)
        .await
        .unwrap();
        if busy.is_empty() { Ok(()) } else { Err(busy.join(", ")) }
    })
    .await;
}

/// What a tenant must be at rest, from its own history: the result of the last wish that changed its status.
fn expected(history: &History) -> &'static str {
    let last = history.transitions.iter().rev().map(|transition| transition.to.as_str());
    let mut wishes = last.filter(|to| ["pending", "suspended", "deleting", "purging"].contains(to));
    match wishes.next() {
        Some("suspended") => "suspended",
        Some("deleting") => "deleting",
        Some("purging") => "deleted",
        _ => "active",
    }
}

/// Asserts that tenants at rest are what was wished last, with a history that breaks no rule.
async fn assert_consistent(stack: &Stack, keys: &str) {
    history::assert_clean(&stack.control, keys).await;
    for history in history::load(&stack.control, keys).await {
        assert_eq!(history.now.status, expected(&history), "{history:#?}");
    }
}
