//! Sealing every secret again with the first of the keys, so that the others can go.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::seal::KeyRing;
use crate::store::sealed::{COLUMNS, Found, START, SealedColumn};
use crate::store::{Store, StoreError};

/// Values read and replaced by one statement.
const BATCH: i64 = 200;

/// What was done. A key may go from the settings once it has sealed nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resealed {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Id of the key that seals.
    pub key: String,
    /// Values that were sealed again.
    pub resealed: u64,
    /// Values that no key of the settings opens; they stay as they are.
    pub unreadable: u64,
    /// How many values each key has sealed, afterwards.
    pub sealed_by: BTreeMap<String, u64>,
}

/// Seals what other keys sealed, while everything goes on. A value that changes meanwhile is left to who changes it: that
/// seals with the first key of its own settings.
///
/// # Errors
/// [`StoreError`]; what was sealed again until then stays so, and the next job goes on.
pub async fn reseal(store: &Store, ring: &KeyRing, dry_run: bool) -> Result<Resealed, StoreError> {
    let (mut resealed, mut unreadable) = (0, 0);
    if !dry_run {
        for column in COLUMNS {
            let (done, closed) = reseal_column(store, ring, column).await?;
            resealed += done;
            unreadable += closed;
        }
    }
    let sealed_by = store.sealed_by().await?;
    Ok(Resealed { dry_run, key: ring.sealing_key().to_owned(), resealed, unreadable, sealed_by })
}

async fn reseal_column(store: &Store, ring: &KeyRing, column: SealedColumn) -> Result<(u64, u64), StoreError> {
    let (mut resealed, mut unreadable) = (0, 0);
    let mut after = START.to_owned();
    loop {
        let found = store.find_sealed(column, ring.sealing_key(), &after, BATCH).await?;
        let Some(last) = found.last() else { return Ok((resealed, unreadable)) };
        after.clone_from(&last.row);
        let mut again = Vec::with_capacity(found.len());
        for value in found {
            match again_of(ring, value) {
                Some(value) => again.push(value),
                None => unreadable += 1,
            }
        }
        resealed += store.replace_sealed(column, &again).await?;
    }
}

fn again_of(ring: &KeyRing, found: Found) -> Option<(Found, crate::domain::seal::Sealed)> {
    let opened = ring.open(&found.place, &found.sealed).and_then(|plain| ring.seal(&found.place, &plain));
    match opened {
        Ok(sealed) => Some((found, sealed)),
        Err(error) => {
            let place = found.place;
            tracing::warn!(place, error = &error as &dyn std::error::Error, "a sealed secret cannot be opened");
            None
        }
    }
}
