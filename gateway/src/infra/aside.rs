//! Keys over which Traefik refuses its whole tree, put where it does not read.

use fred::interfaces::LuaInterface;
use fred::types::Value;

use crate::domain::failure::Failure;
use crate::infra::routes::{RouteTree, classify};
use crate::infra::traefik::model::{self, Flaw};

/// What the keys that were set aside begin with; the root and their name below it follow.
const ASIDE: &str = "gateway/aside/";
/// How long they are kept there.
const KEPT_SECONDS: u32 = 30 * 86_400;
/// Longest value that is kept whole.
const LONGEST_KEPT: usize = 64 * 1024;

/// Moves a key that still has the value seen, and tells Traefik. Keys: it, its place aside. Values: the value seen, how much
/// of it is kept, for how long, the channel.
const SET_ASIDE: &str = r"
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], string.sub(ARGV[1], 1, tonumber(ARGV[2])), 'EX', ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[4], 'set')
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
    /// Its name without the root, as far as it is text.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.below).into_owned()
    }
}

impl RouteTree {
    /// Every key below the root over which Traefik refuses the tree.
    ///
    /// # Errors
    /// A classified failure; then nothing is known.
    pub async fn refused(&self) -> Result<Vec<Refused>, Failure> {
        let mut all = Vec::new();
        for (below, value) in self.read_bytes().await? {
            let checked = model::check(&String::from_utf8_lossy(&below), &String::from_utf8_lossy(&value));
            all.extend(checked.err().map(|flaw| Refused { below, value, flaw }));
        }
        Ok(all)
    }

    /// Puts a key aside if it still has the value seen, and tells Traefik. Gives the name under which it is kept, or `None`
    /// when it is another one by now.
    ///
    /// # Errors
    /// A classified failure.
    pub async fn set_aside(&self, refused: &Refused) -> Result<Option<String>, Failure> {
        let named = |prefix: &str| [prefix.as_bytes(), b"/", &refused.below].concat();
        let aside = format!("{ASIDE}{}", self.root);
        let keys = vec![Value::from(named(&self.root).as_slice()), Value::from(named(&aside).as_slice())];
        let keys: Result<Vec<fred::types::Key>, _> = keys.into_iter().map(TryInto::try_into).collect();
        let doing = "set a key aside";
        let values = vec![
            Value::from(refused.value.as_slice()),
            i64::try_from(LONGEST_KEPT).unwrap_or(i64::MAX).into(),
            i64::from(KEPT_SECONDS).into(),
            self.channel.as_str().into(),
        ];
        let keys = keys.map_err(|e| classify(doing, e))?;
        let moved: i64 = self.client.eval(SET_ASIDE, keys, values).await.map_err(|e| classify(doing, e))?;
        Ok((moved == 1).then(|| format!("{aside}/{}", refused.name())))
    }
}
