//! What happened to a tenant, read back after a run and held against the rules of the engine.
//!
//! The rules are pure functions over rows; each has a test that a history which breaks it is found.

use gateway::domain::status::Status;
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// The records of a wish and of a claim are made in two sessions: a step that looked just before the wish was committed
/// may carry a slightly later time. In seconds.
const SLACK: f64 = 0.25;

/// An attempt at a step; times in seconds of the database's clock.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) kind: String,
    pub(crate) step: String,
    pub(crate) action: String,
    pub(crate) state: String,
    pub(crate) token: Uuid,
    pub(crate) fence: i64,
    pub(crate) started: f64,
    pub(crate) ended: Option<f64>,
}

/// A change of status.
#[derive(Clone, Debug)]
pub(crate) struct Transition {
    pub(crate) from: Option<String>,
    pub(crate) to: String,
    pub(crate) generation: i64,
    pub(crate) at: f64,
}

/// An operation.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    #[expect(dead_code, reason = "shown where a rule is broken")]
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) generation: i64,
}

/// The row as it stands.
#[derive(Clone, Debug)]
pub(crate) struct Now {
    pub(crate) status: String,
    pub(crate) generation: i64,
    pub(crate) observed: i64,
    pub(crate) fence: i64,
    pub(crate) due: bool,
    pub(crate) leased: bool,
    pub(crate) failed: bool,
}

/// Everything that was recorded about a tenant, each list in the order of its making.
#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) key: String,
    pub(crate) now: Now,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) attempts: Vec<Attempt>,
}

impl History {
    /// Every rule that this history breaks.
    pub(crate) fn violations(&self) -> Vec<String> {
        let rules = [contiguous, ordered_by_fence, one_open, nothing_made_after_the_end, at_rest];
        rules.iter().flat_map(|rule| rule(self)).map(|broken| format!("{}: {broken}", self.key)).collect()
    }
}

/// Transitions are legal, each begins where the last one ended, and generations never go back.
fn contiguous(history: &History) -> Vec<String> {
    let mut broken = Vec::new();
    let mut last: Option<&Transition> = None;
    for next in &history.transitions {
        let (from, generation) = (last.map(|last| last.to.clone()), last.map_or(0, |last| last.generation));
        if next.from != from || next.generation < generation {
            broken.push(format!("after {last:?} came {next:?}"));
        }
        let legal = match &next.from {
            None => next.to == "pending",
            Some(from) => match (Status::parse(from), Status::parse(&next.to)) {
                (Some(from), Some(to)) => from.may_become(to),
                _ => false,
            },
        };
        if !legal {
            broken.push(format!("illegal: {next:?}"));
        }
        last = Some(next);
    }
    if last.is_none_or(|last| last.to != history.now.status) {
        broken.push(format!("the row is {} after {last:?}", history.now.status));
    }
    broken
}

/// A fence belongs to one claim, and no attempt succeeds once a claim with a higher fence has begun to act.
fn ordered_by_fence(history: &History) -> Vec<String> {
    let mut broken = Vec::new();
    for (place, older) in history.attempts.iter().enumerate() {
        for newer in history.attempts.iter().skip(place + 1) {
            if (older.fence == newer.fence) != (older.token == newer.token) {
                broken.push(format!("one fence, two claims: {older:?} and {newer:?}"));
            }
            if newer.fence < older.fence {
                broken.push(format!("an older claim acted later: {newer:?} after {older:?}"));
            }
            let late = older.ended.is_some_and(|ended| ended > newer.started);
            if older.fence < newer.fence && late && ["succeeded", "skipped"].contains(&older.state.as_str()) {
                broken.push(format!("succeeded under a lost claim: {older:?} while {newer:?}"));
            }
        }
        if older.fence > history.now.fence {
            broken.push(format!("a fence above the row's {}: {older:?}", history.now.fence));
        }
    }
    broken
}

/// At most one operation is open, it is the newest, and each wish opened exactly one.
fn one_open(history: &History) -> Vec<String> {
    let open = |operation: &&Operation| ["pending", "running"].contains(&operation.state.as_str());
    let mut broken = Vec::new();
    if history.operations.iter().filter(open).count() > 1 {
        broken.push("several open operations".to_owned());
    }
    let newest = history.operations.iter().map(|operation| operation.generation).max();
    if let Some(stale) = history.operations.iter().filter(open).find(|open| Some(open.generation) != newest) {
        broken.push(format!("open and not the newest: {stale:?}"));
    }
    let mut generations: Vec<i64> = history.operations.iter().map(|operation| operation.generation).collect();
    generations.sort_unstable();
    if generations.windows(2).any(|pair| pair[0] == pair[1]) {
        broken.push(format!("a generation with two operations: {generations:?}"));
    }
    broken
}

/// From the move to `deleting` until it is taken back, only removing and retiring has effects.
fn nothing_made_after_the_end(history: &History) -> Vec<String> {
    let mut broken = Vec::new();
    for (place, end) in history.transitions.iter().enumerate().filter(|(_, to)| to.to == "deleting") {
        let back = history.transitions.iter().skip(place + 1).find(|next| next.to == "pending");
        let until = back.map_or(f64::INFINITY, |back| back.at);
        let made = history.attempts.iter().filter(|attempt| {
            let taking_away = ["deprovision", "purge"].contains(&attempt.kind.as_str());
            attempt.action == "ensure" && !taking_away && attempt.started > end.at + SLACK && attempt.started < until
        });
        broken.extend(made.map(|attempt| format!("made after the end: {attempt:?}")));
    }
    let gone = history.transitions.iter().find(|transition| transition.to == "deleted");
    if let Some(gone) = gone {
        let late = history.attempts.iter().filter(|attempt| attempt.started > gone.at);
        broken.extend(late.map(|attempt| format!("acted on a tombstone: {attempt:?}")));
    }
    broken
}

/// A row that nothing is due for says what was last made true; one that is not at rest has an open operation.
fn at_rest(history: &History) -> Vec<String> {
    let now = &history.now;
    let open = history.operations.iter().any(|operation| ["pending", "running"].contains(&operation.state.as_str()));
    let mut broken = Vec::new();
    if open != (now.due || now.leased) {
        broken.push(format!("open operation: {open}, but {now:?}"));
    }
    if !open {
        let unended: Vec<_> = history.attempts.iter().filter(|attempt| attempt.state == "started").collect();
        if !unended.is_empty() {
            broken.push(format!("nobody works on it, yet these never ended: {unended:?}"));
        }
        let true_now = now.observed == now.generation && now.status != "pending" && now.status != "provisioning";
        if !true_now && now.status != "error" && !now.failed {
            broken.push(format!("at rest without being true: {now:?}"));
        }
    }
    if now.observed > now.generation {
        broken.push(format!("made true before it was wished: {now:?}"));
    }
    broken
}

/// Reads what was recorded about tenants whose keys are like a pattern.
pub(crate) async fn load(control: &PgPool, keys: &str) -> Vec<History> {
    let rows = sqlx::query(
        "SELECT id, key, status, generation, observed_generation, fence, due_at IS NOT NULL AS due,
                lease_token IS NOT NULL AS leased, error_code IS NOT NULL AS failed
           FROM gateway.tenant WHERE key LIKE $1 ORDER BY created_at",
    );
    let rows = rows.bind(keys).fetch_all(control).await.unwrap();
    let mut histories = Vec::with_capacity(rows.len());
    for row in rows {
        let id: Uuid = row.get("id");
        let transitions = sqlx::query(
            "SELECT from_status, to_status, generation, extract(epoch FROM at)::float8 AS at
               FROM gateway.tenant_transition WHERE tenant_id = $1 ORDER BY id",
        );
        let operations = sqlx::query(
            "SELECT kind, state, generation FROM gateway.operation WHERE tenant_id = $1 ORDER BY generation",
        );
        let attempts = sqlx::query(
            "SELECT o.kind, a.step, a.action, a.state, a.lease_token, a.fence,
                    extract(epoch FROM a.started_at)::float8 AS started, extract(epoch FROM a.ended_at)::float8 AS ended
               FROM gateway.step_attempt a JOIN gateway.operation o ON o.id = a.operation_id
              WHERE a.tenant_id = $1 ORDER BY a.id",
        );
        histories.push(History {
            key: row.get("key"),
            now: Now {
                status: row.get("status"),
                generation: row.get("generation"),
                observed: row.get("observed_generation"),
                fence: row.get("fence"),
                due: row.get("due"),
                leased: row.get("leased"),
                failed: row.get("failed"),
            },
            transitions: transitions
                .bind(id)
                .map(|row: sqlx::postgres::PgRow| Transition {
                    from: row.get("from_status"),
                    to: row.get("to_status"),
                    generation: row.get("generation"),
                    at: row.get("at"),
                })
                .fetch_all(control)
                .await
                .unwrap(),
            operations: operations
                .bind(id)
                .map(|row: sqlx::postgres::PgRow| Operation {
                    kind: row.get("kind"),
                    state: row.get("state"),
                    generation: row.get("generation"),
                })
                .fetch_all(control)
                .await
                .unwrap(),
            attempts: attempts
                .bind(id)
                .map(|row: sqlx::postgres::PgRow| Attempt {
                    kind: row.get("kind"),
                    step: row.get("step"),
                    action: row.get("action"),
                    state: row.get("state"),
                    token: row.get("lease_token"),
                    fence: row.get("fence"),
                    started: row.get("started"),
                    ended: row.get("ended"),
                })
                .fetch_all(control)
                .await
                .unwrap(),
        });
    }
    histories
}

/// The steps of a tenant as they were tried, for people who look at a failed case.
pub(crate) async fn tell(control: &PgPool, key: &str) -> String {
    let histories = load(control, key).await;
    let attempts = histories.iter().flat_map(|history| &history.attempts);
    let first = attempts.clone().next().map_or(0.0, |attempt| attempt.started);
    let lines = attempts.map(|attempt| {
        let Attempt { kind, step, action, state, fence, started, ended, .. } = attempt;
        let ended = ended.map_or(f64::NAN, |ended| ended - first);
        format!("{:8.3} to {ended:8.3}  {kind} {step} {action} {state}, fence {fence}\n", started - first)
    });
    lines.collect()
}

/// Asserts that no tenant whose key is like a pattern has a history that breaks a rule.
pub(crate) async fn assert_clean(control: &PgPool, keys: &str) {
    let histories = load(control, keys).await;
    assert!(!histories.is_empty(), "no tenant is like {keys}");
    let broken: Vec<String> = histories.iter().flat_map(History::violations).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transition(from: Option<&str>, to: &str, generation: i64, at: f64) -> Transition {
        Transition { from: from.map(str::to_owned), to: to.to_owned(), generation, at }
    }

    fn attempt(action: &str, fence: i64, started: f64, ended: f64) -> Attempt {
        Attempt {
            kind: "provision".into(),
            step: "role".into(),
            action: action.into(),
            state: "succeeded".into(),
            token: Uuid::from_u128(fence.unsigned_abs().into()),
            fence,
            started,
            ended: Some(ended),
        }
    }

    /// Made at 0, true at 10, by two claims.
    fn good() -> History {
        History {
            key: "good".into(),
            now: Now {
                status: "active".into(),
                generation: 1,
                observed: 1,
                fence: 2,
                due: false,
                leased: false,
                failed: false,
            },
            transitions: vec![
                transition(None, "pending", 1, 0.0),
                transition(Some("pending"), "provisioning", 1, 1.0),
                transition(Some("provisioning"), "active", 1, 10.0),
            ],
            operations: vec![Operation { kind: "provision".into(), state: "succeeded".into(), generation: 1 }],
            attempts: vec![attempt("ensure", 1, 1.0, 2.0), attempt("ensure", 2, 3.0, 4.0)],
        }
    }

    fn found(change: impl FnOnce(&mut History)) -> String {
        let mut history = good();
        change(&mut history);
        history.violations().join("\n")
    }

    #[test]
    fn a_good_history_breaks_no_rule() {
        assert_eq!(good().violations(), Vec::<String>::new());
    }

    #[test]
    fn gaps_and_illegal_moves_are_found() {
        assert!(found(|history| drop(history.transitions.remove(1))).contains("after"));
        assert!(found(|history| history.transitions[2].to = "deleted".into()).contains("illegal"));
        assert!(found(|history| history.transitions[2].generation = 0).contains("after"));
        assert!(found(|history| history.now.status = "error".into()).contains("the row is error"));
    }

    #[test]
    fn a_claim_that_acts_after_a_newer_one_is_found() {
        assert!(found(|history| history.attempts[0].ended = Some(3.5)).contains("lost claim"));
        assert!(found(|history| history.attempts.swap(0, 1)).contains("acted later"));
        assert!(found(|history| history.attempts[1].fence = 1).contains("two claims"));
        assert!(found(|history| history.now.fence = 1).contains("above the row's"));
        let mut harmless = good();
        harmless.attempts[0].ended = Some(3.5);
        harmless.attempts[0].state = "abandoned".into();
        assert_eq!(harmless.violations(), Vec::<String>::new());
    }

    #[test]
    fn operations_that_overlap_are_found() {
        let operation = |state: &str, generation| Operation { kind: "suspend".into(), state: state.into(), generation };
        let both = vec![operation("running", 1), operation("pending", 2)];
        let text = found(|history| history.operations = both);
        assert!(text.contains("several open") && text.contains("not the newest"), "{text}");
        assert!(found(|history| history.operations.push(operation("failed", 1))).contains("two operations"));
    }

    #[test]
    fn making_after_the_end_is_found_and_taking_back_is_not() {
        let mut history = good();
        history.now = Now { status: "deleting".into(), generation: 2, observed: 2, fence: 3, ..history.now };
        history.operations.push(Operation { kind: "deprovision".into(), state: "succeeded".into(), generation: 2 });
        history.transitions.push(transition(Some("active"), "deleting", 2, 20.0));
        history.attempts.push(attempt("retire", 3, 21.0, 22.0));
        assert_eq!(history.violations(), Vec::<String>::new());
        history.attempts.push(attempt("ensure", 3, 23.0, 24.0));
        assert!(history.violations().join("\n").contains("made after the end"));
        history.transitions.push(transition(Some("deleting"), "pending", 3, 22.5));
        assert!(!history.violations().join("\n").contains("made after the end"));
    }

    #[test]
    fn rest_without_truth_and_work_without_operation_are_found() {
        assert!(found(|history| history.now.observed = 0).contains("without being true"));
        assert!(found(|history| history.now.observed = 2).contains("before it was wished"));
        assert!(found(|history| history.now.due = true).contains("open operation"));
        assert!(found(|history| history.attempts[1].state = "started".into()).contains("never ended"));
    }
}
