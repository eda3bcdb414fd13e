//! Everything in Traefik's Redis at once: its tree, and the fences beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use fred::interfaces::KeysInterface;
use fred::types::scan::ScanType;

use crate::domain::failure::Failure;
use crate::infra::render::Keys;
use crate::infra::routes::{RouteTree, classify};

/// Keys asked for at once.
const PAGE: u32 = 1_000;

/// A tenant's fence in Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredFence {
    /// Its value; `None` when it is not a number.
    pub fence: Option<i64>,
    /// Whether it goes away by itself, as those of removed tenants do.
    pub expires: bool,
}

/// Whether the tree in Redis is the one that was last written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wholeness {
    /// It is.
    Whole,
    /// It was lost, or is of before a time at which nothing counted.
    Lost,
    /// It is an older one, as after a restart with an old copy of the data.
    Older,
}

impl RouteTree {
    /// Compares the count of changes in Redis with the highest that this process has seen.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn wholeness(&self) -> Result<Wholeness, Failure> {
        let Some(count) = self.read_count().await? else { return Ok(Wholeness::Lost) };
        let highest = self.counted.fetch_max(count, Ordering::Relaxed);
        Ok(if count < highest { Wholeness::Older } else { Wholeness::Whole })
    }

    /// Begins to count, above everything seen before: the whole tree has been written.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn begin_count(&self) -> Result<(), Failure> {
        let doing = "begin to count changes";
        let present = self.read_count().await?;
        if present.is_none() {
            self.client.del::<(), _>(self.count.as_str()).await.map_err(|e| classify(doing, e))?;
        }
        let present = present.unwrap_or_default();
        let above = self.counted.load(Ordering::Relaxed).max(present) - present + 1;
        let count: i64 = self.client.incr_by(self.count.as_str(), above).await.map_err(|e| classify(doing, e))?;
        self.counted.fetch_max(count, Ordering::Relaxed);
        Ok(())
    }

    /// The count; `None` where there is none, or something else in its place.
    async fn read_count(&self) -> Result<Option<i64>, Failure> {
        let text: Option<String> =
            self.client.get(self.count.as_str()).await.map_err(|e| classify("read the count of changes", e))?;
        Ok(text.and_then(|text| text.parse().ok()))
    }

    /// Every key below the root that holds a text, without the root. Keys that come or go meanwhile may be there or not;
    /// all others are exact.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn read_all(&self) -> Result<Keys, Failure> {
        let prefix = format!("{}/", self.root);
        let mut all = Keys::new();
        for names in self.scan(&prefix).await?.chunks(PAGE as usize) {
            let values: Vec<Option<String>> =
                self.client.mget(names.to_vec()).await.map_err(|e| classify("read Traefik's keys", e))?;
            let named = names.iter().filter_map(|name| name.strip_prefix(&prefix));
            all.extend(named.zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        Ok(all)
    }

    /// Every fence by the name below [`RouteTree::fence_prefix`], which is a tenant's id.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn read_fences(&self) -> Result<BTreeMap<String, StoredFence>, Failure> {
        let doing = "read the tenants' fences";
        let mut all = BTreeMap::new();
        for names in self.scan(&self.fences).await?.chunks(PAGE as usize) {
            let values: Vec<Option<String>> = self.client.mget(names.to_vec()).await.map_err(|e| classify(doing, e))?;
            let pipeline = self.client.pipeline();
            for name in names {
                let _: () = pipeline.pttl(name.as_str()).await.map_err(|e| classify(doing, e))?;
            }
            let left: Vec<i64> = pipeline.all().await.map_err(|e| classify(doing, e))?;
            for ((name, value), left) in names.iter().zip(values).zip(left) {
                let (Some(name), Some(value)) = (name.strip_prefix(self.fences.as_str()), value) else { continue };
                // Redis says -1 of a key that stays and -2 of one that has just gone.
                all.insert(name.to_owned(), StoredFence { fence: value.parse().ok(), expires: left != -1 });
            }
        }
        Ok(all)
    }

    /// The names of all keys that begin so, each once.
    async fn scan(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut pattern = String::with_capacity(prefix.len() + 1);
        for c in prefix.chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '^' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('*');
        let mut found = BTreeSet::new();
        let mut cursor = "0".to_owned();
        loop {
            let page = self.client.scan_page(cursor, pattern.as_str(), Some(PAGE), Some(ScanType::String)).await;
            let (next, names): (String, Vec<String>) = page.map_err(|e| classify("list keys", e))?;
            found.extend(names);
            if next == "0" {
                return Ok(found.into_iter().collect());
            }
            cursor = next;
        }
    }
}
