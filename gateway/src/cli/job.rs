//! Asks for a job and waits for its result.

use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use crate::api::types::{CreateJob, Job};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::terminal::{Mark, Terminal};
use crate::domain::job::JobState;

/// Time between two looks.
const EVERY: Duration = Duration::from_millis(200);

/// Asks for a job, follows it to its end and gives its result.
///
/// # Errors
/// [`CliError::Failed`] when it ended without one, [`CliError::TimedOut`] after `longest`; the job goes on then.
pub(super) async fn run(
    client: &Client,
    terminal: Terminal,
    new: &CreateJob,
    longest: Duration,
) -> Result<Value, CliError> {
    let job = client.create_job(new).await?;
    follow(client, terminal, job, longest).await
}

/// Follows a job to its end and gives its result.
///
/// # Errors
/// As [`run`].
pub(super) async fn follow(
    client: &Client,
    terminal: Terminal,
    mut job: Job,
    longest: Duration,
) -> Result<Value, CliError> {
    let deadline = Instant::now() + longest;
    let is_open = |job: &Job| matches!(job.state, JobState::Pending | JobState::Running);
    while is_open(&job) {
        if Instant::now() >= deadline {
            let message = format!(
                "the job {} ({}) is still {} after {} s; it goes on without this command",
                job.id,
                job.kind,
                job.state,
                longest.as_secs()
            );
            return Err(CliError::TimedOut { message, next: "see that a worker runs, then ask again".into() });
        }
        let what = if job.state == JobState::Pending { "waiting for a worker" } else { "at work" };
        terminal.tell_for_now(&format!("{} {}: {what}", terminal.mark(Mark::Running), job.kind));
        tokio::time::sleep(EVERY).await;
        job = client.job(job.id).await?;
    }
    terminal.tell_for_now("");
    match (job.state, job.result) {
        (JobState::Succeeded, Some(result)) => Ok(Value::Object(result.into_iter().collect::<Map<_, _>>())),
        (_, _) => {
            let why = job.error_message.map_or_else(String::new, |text| format!(": {text}"));
            let message = format!("the job {} ({}) {}{why}", job.id, job.kind, job.state);
            Err(CliError::Failed { message, next: "read the worker's log, then ask again".into() })
        }
    }
}
