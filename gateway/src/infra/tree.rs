//! Everything in Traefik's Redis at once: its tree, and the fences beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use fred::interfaces::{KeysInterface, LuaInterface};
use fred::types::scan::ScanType;
use fred::types::{Key, Value};

use crate::domain::failure::Failure;
use crate::infra::render::Keys;
use crate::infra::routes::{RouteTree, classify};

/// Keys asked for at once.
const PAGE: u32 = 1_000;

/// Sets the last keys and begins the count where the writing that the first value names was not lost meanwhile, and tells Traefik.
/// Keys: the count's, the sentinel's, those to set. Values: the writing, the count, the channel, what to set.
const BEGIN_COUNT: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 3, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1]) end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[3], 'set')
return 1
";

/// That the whole tree is being written.
#[derive(Debug)]
pub struct Writing(String);

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
    /// Compares the count of changes in Redis with what this process has seen of it.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn wholeness(&self) -> Result<Wholeness, Failure> {
        let least = self.counted.highest();
        let Some(count) = self.written().await? else { return Ok(Wholeness::Lost) };
        self.counted.note(count, least);
        Ok(if self.counted.went_back() { Wholeness::Older } else { Wholeness::Whole })
    }

    /// How many changes were made; `None` where nothing counts them, as after a loss.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn written(&self) -> Result<Option<i64>, Failure> {
        let [count] = self.numbers([self.count.clone()]).await?;
        Ok(count)
    }

    /// Whether the sentinel says how many changes were made. Where nothing counts them there is nothing to say.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn is_marked(&self) -> Result<bool, Failure> {
        let [count, sentinel] = self.numbers([self.count.clone(), self.sentinel()]).await?;
        Ok(count.is_none() || count == sentinel)
    }

    /// What stands there at one instant, as far as it is numbers.
    async fn numbers<const N: usize>(&self, keys: [String; N]) -> Result<[Option<i64>; N], Failure> {
        // Not GET, which fails where anybody has put something else than a string there.
        let values: Result<Vec<Value>, _> = self.client.mget(keys.to_vec()).await;
        let values = values.map_err(|e| classify("read the count of changes", e))?;
        Ok(std::array::from_fn(|place| values.get(place).and_then(|value| value.as_str()?.parse().ok())))
    }

    /// Says that the whole tree is about to be written: until [`RouteTree::begin_count`] it counts as lost.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn stop_count(&self) -> Result<Writing, Failure> {
        let writing = Writing(format!("writing {:032x}", rand::random::<u128>()));
        let set = self.client.set::<(), _, _>(self.count.as_str(), writing.0.as_str(), None, None, false).await;
        set.map_err(|e| classify("stop the count of changes", e))?;
        Ok(writing)
    }

    /// Sets the last keys, begins to count, above everything that any process has seen, and tells Traefik: the whole tree has been
    /// written. Does nothing where the tree was lost once more meanwhile, which stays to be seen.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn begin_count(&self, writing: Writing, set: &Keys) -> Result<(), Failure> {
        // Changes are made less often than once a microsecond, so the time is above every count that began with one.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(now.as_micros()).unwrap_or(i64::MAX);
        let count = now.max(self.counted.highest() + 1);
        let (mut keys, mut values) =
            (vec![self.count.clone(), self.sentinel()], vec![writing.0, count.to_string(), self.channel.clone()]);
        self.queue(&mut keys, &mut values, set, &[]);
        let begun: Result<i64, _> = self.client.eval(BEGIN_COUNT, keys, values).await;
        if begun.map_err(|e| classify("begin to count changes", e))? == 1 {
            self.counted.begin(count);
        }
        Ok(())
    }

    /// Every key below the root whose name is a text and that holds a string, without the root. A value that is no text is read
    /// as if it were. Keys that come or go meanwhile may be there or not; all others are exact.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn read_all(&self) -> Result<Keys, Failure> {
        let named = self.read_bytes().await?.into_iter().filter_map(|(name, value)| {
            let value = String::from_utf8_lossy(&value).into_owned();
            String::from_utf8(name).ok().map(|name| (name, value))
        });
        Ok(named.collect())
    }

    /// Every key below the root that holds a string, as it stands there: names without the root, and values.
    pub(super) async fn read_bytes(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Failure> {
        let prefix = format!("{}/", self.root);
        let doing = "read Traefik's keys";
        let mut all = Vec::new();
        for names in self.scan(&prefix).await?.chunks(PAGE as usize) {
            let values: Vec<Value> = self.client.mget(names.to_vec()).await.map_err(|e| classify(doing, e))?;
            for (name, value) in names.iter().zip(values) {
                let (Some(below), Some(value)) = (name.as_bytes().strip_prefix(prefix.as_bytes()), value.as_bytes())
                else {
                    continue;
                };
                all.push((below.to_vec(), value.to_vec()));
            }
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
            let values: Vec<Value> = self.client.mget(names.to_vec()).await.map_err(|e| classify(doing, e))?;
            let pipeline = self.client.pipeline();
            for name in names {
                let _: () = pipeline.pttl(name).await.map_err(|e| classify(doing, e))?;
            }
            let left: Vec<i64> = pipeline.all().await.map_err(|e| classify(doing, e))?;
            for ((name, value), left) in names.iter().zip(values).zip(left) {
                let name = name.as_str().and_then(|name| name.strip_prefix(self.fences.as_str()));
                let (Some(name), false) = (name, value.is_null()) else { continue };
                let fence = value.as_str().and_then(|value| value.parse().ok());
                // Redis says -1 of a key that stays and -2 of one that has just gone.
                all.insert(name.to_owned(), StoredFence { fence, expires: left != -1 });
            }
        }
        Ok(all)
    }

    /// The names of all keys that begin so, each once.
    async fn scan(&self, prefix: &str) -> Result<Vec<Key>, Failure> {
        let mut pattern = String::with_capacity(prefix.len() + 1);
        for c in prefix.chars() {
            if matches!(c, '*' | '?' | '[' | ']' | '^' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('*');
        let mut found = BTreeSet::new();
        self.each_key(&pattern, Some(ScanType::String), |key| {
            found.insert(key);
        })
        .await?;
        Ok(found.into_iter().collect())
    }

    /// Hands over every key that matches a pattern and is of a kind. Redis may name a key twice.
    pub(super) async fn each_key(
        &self,
        pattern: &str,
        kind: Option<ScanType>,
        mut take: impl FnMut(Key),
    ) -> Result<(), Failure> {
        let mut cursor = "0".to_owned();
        loop {
            let page = self.client.scan_page(cursor, pattern, Some(PAGE), kind.clone()).await;
            let (next, names): (String, Vec<Value>) = page.map_err(|e| classify("list keys", e))?;
            for name in names {
                take(Key::try_from(name).map_err(|e| classify("list keys", e))?);
            }
            if next == "0" {
                return Ok(());
            }
            cursor = next;
        }
    }
}
