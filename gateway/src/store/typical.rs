//! How long steps usually take.

use crate::domain::operation::{Action, StepKind};
use crate::store::{Store, StoreError};

/// Attempts that are looked back over, of all steps together.
const WINDOW: i64 = 5_000;
/// Of one step.
const OF_ONE: i64 = 100;

/// How long the last successful attempts at a step took.
#[derive(Clone, Debug, PartialEq)]
pub struct TypicalStep {
    /// Which step.
    pub step: StepKind,
    /// What was asked of it.
    pub action: Action,
    /// Half of them took so long at most, in milliseconds.
    pub half: f64,
    /// Of 100 of them 95 took so long at most, in milliseconds.
    pub most: f64,
    /// How many there were.
    pub attempts: i64,
}

impl Store {
    /// How long each step took lately, where it succeeded lately. Reads the end of the record, which is the same work however
    /// long that is.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn typical_steps(&self) -> Result<Vec<TypicalStep>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT step AS "step!", action AS "action!", count(*) AS "attempts!",
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS "half!", percentile_cont(0.95) WITHIN GROUP (ORDER BY ms) AS "most!"
              FROM (SELECT step, action, extract(epoch FROM ended_at - started_at)::float8 * 1000 AS ms,
                           row_number() OVER (PARTITION BY step, action ORDER BY id DESC) AS place
                      FROM (SELECT id, step, action, state, started_at, ended_at FROM gateway.step_attempt
                             ORDER BY id DESC LIMIT $1) lately
                     WHERE state = 'succeeded' AND ended_at IS NOT NULL) succeeded
             WHERE place <= $2 GROUP BY step, action
            "#,
            WINDOW,
            OF_ONE
        )
        .fetch_all(&self.pool)
        .await?;
        let known = rows.into_iter().filter_map(|row| {
            let (step, action) = (StepKind::parse(&row.step)?, Action::parse(&row.action)?);
            Some(TypicalStep { step, action, half: row.half, most: row.most, attempts: row.attempts })
        });
        let mut steps: Vec<TypicalStep> = known.collect();
        steps.sort_by_key(|one| (one.step, one.action));
        Ok(steps)
    }
}
