//! What is in Traefik's Redis: the tree of routes, and the fences beside it.

use std::collections::BTreeMap;

use crate::domain::failure::Failure;
use crate::infra::render::Keys;
use crate::infra::tree::StoredFence;
use crate::provision::run::World;

/// Everything this control plane has in Redis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Every key below Traefik's root, without the root, and its value.
    pub keys: Keys,
    /// Every fence, by the tenant's id as the key spells it.
    pub fences: BTreeMap<String, StoredFence>,
}

/// Two scans and reads in batches.
///
/// # Errors
/// A classified failure; then nothing is known.
pub async fn load(world: &World) -> Result<Tree, Failure> {
    let (keys, fences) = tokio::try_join!(world.routes.read_all(), world.routes.read_fences())?;
    Ok(Tree { keys, fences })
}
