//! What can be wrong, as plain values.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::drift::DriftKind;
use crate::domain::ids::{Generation, TenantId};
use crate::domain::orphan::OrphanKind;

/// One thing about one tenant that is not as its row says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub tenant_key: String,
    /// The wish the world was compared with.
    #[serde(skip, default = "no_generation")]
    pub generation: Generation,
    /// What kind of thing.
    pub kind: DriftKind,
    /// One sentence that names the object.
    pub what: String,
    /// How the row wants it, where that can be said in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// How it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// Whether the tenant was made due for a repair.
    pub repaired: bool,
}

const fn no_generation() -> Generation {
    Generation::from_i64(0)
}

/// An object with the mark of this control plane that no tenant owns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orphan {
    /// What it is.
    pub kind: OrphanKind,
    /// Where it is: `database-server/` and the server's name, `docker` or `redis`.
    pub place: String,
    /// Its name there; for networks and containers the engine's id.
    pub name: String,
    /// The tenant it was made for, where it says so.
    pub tenant_id: Option<TenantId>,
    /// What else is known of it.
    pub detail: Value,
}
