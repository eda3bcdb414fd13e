//! What the results of jobs say, as far as the command line needs it. Fields that are not named here are printed as JSON
//! all the same.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::cli::error::CliError;

/// A source that could not be looked at, so that nothing is known of what it holds.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Unknown {
    pub(super) source: String,
    #[serde(default)]
    pub(super) message: String,
}

/// Result of a job of the kind verify.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Verified {
    pub(super) tenants: Value,
    #[serde(default)]
    pub(super) settling: Vec<Value>,
    pub(super) violations: Vec<Value>,
    pub(super) unknown: Vec<Unknown>,
}

/// Result of a job of the kind reseal.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Resealed {
    pub(super) dry_run: bool,
    pub(super) key: String,
    pub(super) resealed: u64,
    pub(super) unreadable: u64,
    pub(super) sealed_by: BTreeMap<String, u64>,
}

/// Something of a tenant that differs from what is wanted.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Drift {
    pub(super) tenant_key: String,
    pub(super) kind: String,
    pub(super) what: String,
    pub(super) repaired: bool,
}

/// Something of a managed pool that differs from what is wanted.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct PoolDrift {
    pub(super) pool: String,
    pub(super) what: String,
    pub(super) repaired: bool,
}

/// An object without an owner.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) name: String,
    /// Why it stays, where it does.
    #[serde(default)]
    pub(super) why: Option<String>,
}

/// Why a job did not do what it was asked to.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Refused {
    pub(super) code: String,
    pub(super) message: String,
}

/// What was published again.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Republished {
    pub(super) tenants: u64,
    pub(super) keys: u64,
    pub(super) unsettled: u64,
    pub(super) fenced: Vec<Value>,
}

/// Result of a job of the kind reconcile.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reconciled {
    pub(super) tenants: u64,
    pub(super) drift: Vec<Drift>,
    #[serde(default)]
    pub(super) pools: Vec<PoolDrift>,
    pub(super) orphans: Vec<Object>,
    pub(super) refused: Option<Refused>,
    pub(super) unknown: Vec<Unknown>,
    #[serde(default)]
    pub(super) republished: Option<Republished>,
}

/// Result of a job of the kind collect.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Collected {
    pub(super) dry_run: bool,
    pub(super) collected: Vec<Object>,
    pub(super) kept: Vec<Object>,
}

/// Reads a result.
///
/// # Errors
/// [`CliError::Failed`] when the server's reports are of another form.
pub(super) fn read<T: DeserializeOwned>(result: &Value) -> Result<T, CliError> {
    serde_json::from_value(result.clone()).map_err(|error| CliError::Failed {
        message: format!("the server's report cannot be read ({error})"),
        next: "use the gatewayctl that came with the server".into(),
    })
}

/// Names the sources that could not be looked at, in one sentence's end.
pub(super) fn sources(unknown: &[Unknown]) -> String {
    let one = |unknown: &Unknown| {
        if unknown.message.is_empty() {
            unknown.source.clone()
        } else {
            format!("{} ({})", unknown.source, unknown.message)
        }
    };
    unknown.iter().map(one).collect::<Vec<_>>().join(", ")
}
