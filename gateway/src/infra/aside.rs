//! Keys over which Traefik refuses its whole tree, put where it does not read.

use std::time::Duration;

use fred::interfaces::{KeysInterface, LuaInterface};
use fred::types::{Expiration, Key, SetOptions, Value};

use crate::domain::failure::Failure;
use crate::infra::routes::{RouteTree, classify};
use crate::infra::traefik::model::{self, Flaw};

/// What the keys that were set aside begin with; the root and their name below it follow.
const ASIDE: &str = "gateway/aside/";
/// What the keys that say that somebody has just looked begin with; the root follows.
const LOOKED: &str = "gateway/looked/";
/// What the keys that say that a look has found something lately begin with; the root follows.
const ALERT: &str = "gateway/alert/";
/// How long keys that were set aside are kept.
const KEPT_SECONDS: i64 = 30 * 86_400;
/// Longest value that is kept whole, in bytes.
const LONGEST_KEPT: i64 = 64 * 1024;

/// Moves a key that still has the value seen. Keys: it, its place aside, the count's and the sentinel's. Values: the value seen,
/// how much of it is kept, for how long.
const MOVE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], string.sub(ARGV[1], 1, tonumber(ARGV[2])), 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
local count = 0
if tonumber(redis.call('GET', KEYS[3]) or '') then count = redis.call('INCR', KEYS[3]) end
redis.call('SET', KEYS[4], count)
return 1
";

/// A key that Traefik does not take. Anybody may have written it, so its bytes may be no text.
#[derive(Debug)]
pub struct Refused {
    below: Vec<u8>,
    value: Vec<u8>,
    /// Why.
    pub flaw: Flaw,
}

impl Refused {
    fn of(below: Vec<u8>, value: Vec<u8>) -> Option<Self> {
        let checked = match (str::from_utf8(&below), str::from_utf8(&value)) {
            (Ok(key), Ok(value)) => model::check(key, value),
            _ => Err(Flaw::NoText),
        };
        checked.err().map(|flaw| Self { below, value, flaw })
    }

    /// Its name without the root, as far as it is text.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.below).into_owned()
    }
}

impl RouteTree {
    /// Whether it is time for somebody to look at every key: nobody has for so long. Who asks is the one who does.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn may_look(&self, pause: Duration) -> Result<bool, Failure> {
        let first = self.look_again(pause, Some(SetOptions::NX)).await;
        first.map_err(|e| classify("take the turn to look at the tree", e))
    }

    /// Has the next look at every key be made after so long, whoever makes it.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn look_again_after(&self, pause: Duration) -> Result<(), Failure> {
        let said = self.look_again(pause, None).await;
        said.map(drop).map_err(|e| classify("say when to look at the tree again", e))
    }

    /// Whether a look at every key found something within this time, whoever made it; `found` is what the last one did.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn found_lately(&self, found: bool, lately: Duration) -> Result<bool, Failure> {
        let (key, lasts) = (format!("{ALERT}{}", self.root), i64::try_from(lately.as_millis()).unwrap_or(i64::MAX));
        let known = async {
            if found {
                self.client.set::<(), _, _>(key, "1", Some(Expiration::PX(lasts)), None, false).await?;
                return Ok(true);
            }
            let there: Option<String> = self.client.get(key).await?;
            Ok(there.is_some())
        };
        known.await.map_err(|e| classify("read whether a look at the tree found something", e))
    }

    /// Says that nobody is to look for so long. Says whether it was written.
    async fn look_again(&self, pause: Duration, only: Option<SetOptions>) -> Result<bool, fred::error::Error> {
        let (key, pause) = (format!("{LOOKED}{}", self.root), i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        let written: Option<String> = self.client.set(key, "1", Some(Expiration::PX(pause)), only, false).await?;
        Ok(written.is_some())
    }

    /// Every key below the root over which Traefik refuses the tree.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn refused(&self) -> Result<Vec<Refused>, Failure> {
        Ok(self.read_bytes().await?.into_iter().filter_map(|(below, value)| Refused::of(below, value)).collect())
    }

    /// Puts a key aside if it still has the value seen; tell Traefik afterwards. Gives the name under which it is kept, or
    /// `None` when it is another one by now.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn set_aside(&self, refused: &Refused) -> Result<Option<String>, Failure> {
        let named = |prefix: &str| Key::from([prefix.as_bytes(), b"/", &refused.below].concat().as_slice());
        let aside = format!("{ASIDE}{}", self.root);
        let values = vec![Value::from(refused.value.as_slice()), LONGEST_KEPT.into(), KEPT_SECONDS.into()];
        let keys = vec![named(&self.root), named(&aside), self.count.as_str().into(), self.sentinel().into()];
        let moved: i64 = self.client.eval(MOVE, keys, values).await.map_err(|e| classify("set a key aside", e))?;
        Ok((moved == 1).then(|| format!("{aside}/{}", refused.name())))
    }
}
