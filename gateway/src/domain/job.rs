//! Work on the whole fleet, done by one worker: its kinds, and what may be asked of each.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::domain::operation::words;
use crate::domain::orphan::OrphanKind;

words!(
    /// What a job is for.
    JobKind {
        /// Looks whether everything is as promised, and changes nothing.
        Verify => "verify",
        /// Looks for drift and asks for repairs.
        Reconcile => "reconcile",
        /// Removes objects that no tenant owns.
        Collect => "collect",
        /// Seals secrets at rest again with the first of the keys.
        Reseal => "reseal",
    }
);

words!(
    /// How far a job is.
    JobState {
        /// Waiting for a worker.
        Pending => "pending",
        /// A worker has it.
        Running => "running",
        /// Its result is there.
        Succeeded => "succeeded",
        /// It ended without a result.
        Failed => "failed",
    }
);

impl JobState {
    /// Whether a worker has it or will take it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// A kind of job with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobRequest {
    /// See [`JobKind::Verify`].
    Verify {
        /// Ids or keys; `None` for the whole fleet.
        tenants: Option<Vec<String>>,
        /// Without what takes long.
        quick: bool,
    },
    /// See [`JobKind::Reconcile`].
    Reconcile {
        /// Find, and ask for nothing.
        dry_run: bool,
    },
    /// See [`JobKind::Collect`].
    Collect {
        /// Say what would go, and remove nothing.
        dry_run: bool,
        /// How long an orphan must have been seen; `None` for the setting.
        quarantine: Option<Duration>,
        /// Only these; `None` for all.
        kinds: Option<Vec<OrphanKind>>,
    },
    /// See [`JobKind::Reseal`].
    Reseal {
        /// Count, and change nothing.
        dry_run: bool,
    },
}

/// Parameters that this kind of job does not have, or not so. Names the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {0} is not one of this kind of job, or has a wrong value")]
pub struct WrongParameter(pub String);

impl JobRequest {
    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> JobKind {
        match self {
            Self::Verify { .. } => JobKind::Verify,
            Self::Reconcile { .. } => JobKind::Reconcile,
            Self::Collect { .. } => JobKind::Collect,
            Self::Reseal { .. } => JobKind::Reseal,
        }
    }

    /// The value of `gateway.job.parameters`; [`JobRequest::read`] gives it back.
    #[must_use]
    pub fn parameters(&self) -> Value {
        let mut given = match self {
            Self::Verify { tenants, quick } => json!({ "tenants": tenants, "quick": quick }),
            Self::Reconcile { dry_run } | Self::Reseal { dry_run } => json!({ "dry_run": dry_run }),
            Self::Collect { dry_run, quarantine, kinds } => json!({
                "dry_run": dry_run,
                "quarantine_seconds": quarantine.map(|time| time.as_secs_f64()),
                "kinds": kinds.as_ref().map(|kinds| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()),
            }),
        };
        if let Some(given) = given.as_object_mut() {
            given.retain(|_, value| !value.is_null());
        }
        given
    }

    /// Reads a row of `gateway.job`, whoever wrote it. What is left out has its default: the whole fleet, a repair for what
    /// is found, a dry run of a collection.
    ///
    /// # Errors
    /// [`WrongParameter`].
    pub fn read(kind: JobKind, parameters: &Value) -> Result<Self, WrongParameter> {
        let Value::Object(given) = parameters else { return Err(WrongParameter("(all)".into())) };
        let mut given = given.clone();
        given.retain(|_, value| !value.is_null());
        let request = match kind {
            JobKind::Verify => Self::Verify {
                tenants: take(&mut given, "tenants", texts)?,
                quick: take(&mut given, "quick", Value::as_bool)?.unwrap_or(false),
            },
            JobKind::Reconcile => {
                Self::Reconcile { dry_run: take(&mut given, "dry_run", Value::as_bool)?.unwrap_or(false) }
            }
            JobKind::Collect => Self::Collect {
                dry_run: take(&mut given, "dry_run", Value::as_bool)?.unwrap_or(true),
                quarantine: take(&mut given, "quarantine_seconds", |value| {
                    Duration::try_from_secs_f64(value.as_f64()?).ok()
                })?,
                kinds: take(&mut given, "kinds", |value| {
                    texts(value)?.iter().map(|word| OrphanKind::parse(word)).collect()
                })?,
            },
            JobKind::Reseal => Self::Reseal { dry_run: take(&mut given, "dry_run", Value::as_bool)?.unwrap_or(false) },
        };
        match given.keys().next() {
            Some(name) => Err(WrongParameter(name.clone())),
            None => Ok(request),
        }
    }
}

fn take<T>(
    given: &mut Map<String, Value>,
    name: &str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<Option<T>, WrongParameter> {
    match given.remove(name) {
        None => Ok(None),
        Some(value) => read(&value).map(Some).ok_or_else(|| WrongParameter(name.to_owned())),
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for request in [
            JobRequest::Verify { tenants: None, quick: false },
            JobRequest::Verify { tenants: Some(vec!["acme".into()]), quick: true },
            JobRequest::Reconcile { dry_run: true },
            JobRequest::Reseal { dry_run: true },
            JobRequest::Collect { dry_run: false, quarantine: None, kinds: None },
            JobRequest::Collect {
                dry_run: true,
                quarantine: Some(Duration::from_millis(1500)),
                kinds: Some(vec![OrphanKind::Role, OrphanKind::Database]),
            },
        ] {
            assert_eq!(JobRequest::read(request.kind(), &request.parameters()), Ok(request));
        }
    }

    #[test]
    fn an_empty_row_means_no_harm_and_a_wrong_one_is_named() {
        let collect = JobRequest::read(JobKind::Collect, &json!({}));
        assert_eq!(collect, Ok(JobRequest::Collect { dry_run: true, quarantine: None, kinds: None }));
        for (kind, parameters, name) in [
            (JobKind::Verify, json!({ "dry_run": true }), "dry_run"),
            (JobKind::Verify, json!({ "tenants": "acme" }), "tenants"),
            (JobKind::Collect, json!({ "quarantine_seconds": -1 }), "quarantine_seconds"),
            (JobKind::Collect, json!({ "kinds": ["volume"] }), "kinds"),
            (JobKind::Reconcile, json!(7), "(all)"),
        ] {
            assert_eq!(JobRequest::read(kind, &parameters), Err(WrongParameter(name.into())));
        }
    }
}
