//! Takes a tenant's own keys out of Traefik's tree where others lead to it: costs nothing where there are none.

use fred::interfaces::LuaInterface;

use crate::domain::failure::Failure;
use crate::domain::ids::Fence;
use crate::domain::lease::Lease;
use crate::infra::render::Keys;
use crate::infra::routes::{RouteTree, classify};

/// Compares the fence, deletes, and where anything was there sets the shared keys, counts the change and tells Traefik. The
/// first key is the fence's, the second the count's; the others are first those to delete, then those to set. Values: fence,
/// channel or nothing where Traefik is told later, how many to delete, what to set. Answers the higher fence it has seen or 0,
/// the count or 0, and how many went.
const WITHDRAW: &str = r"
local seen = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if seen > tonumber(ARGV[1]) then return {seen, 0, 0} end
redis.call('SET', KEYS[1], ARGV[1])
local gone = tonumber(ARGV[3])
local removed = 0
for i = 3, gone + 2 do removed = removed + redis.call('DEL', KEYS[i]) end
if removed == 0 then return {0, 0, 0} end
for i = gone + 3, #KEYS do redis.call('SET', KEYS[i], ARGV[i - gone + 1]) end
local count = 0
if tonumber(redis.call('GET', KEYS[2]) or '') then count = redis.call('INCR', KEYS[2]) end
if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[2], 'set') end
return {0, count, removed}
";

impl RouteTree {
    /// Removes those of the keys that are there and tells Redis the newest claim, in one. Where any was there, `shared` is
    /// written too, so that Traefik never has the one change without the other. Gives how many there were.
    ///
    /// # Errors
    /// `fenced`, `lease_over`, or a classified failure. All or nothing was changed; after a lost answer it is not known
    /// which, nor whether Traefik was told.
    pub async fn withdraw(&self, lease: &Lease, possible: &[&str], shared: &Keys) -> Result<u64, Failure> {
        let mut keys = vec![self.fence_key(lease.tenant()), self.count.clone()];
        let turn = self.notices.turn();
        let mut values = vec![String::new(), self.channel_of(&turn), possible.len().to_string()];
        self.queue(&mut keys, &mut values, shared, possible);
        values[0] = lease.require()?.to_string();
        let least = self.counted.highest() + 1;
        let answer = self.client.eval(WITHDRAW, keys, values).await;
        let (seen, count, removed): (i64, i64, u64) =
            answer.map_err(|error| classify("remove a tenant's keys from Traefik's tree", error))?;
        if count > 0 {
            self.counted.note(count, least);
        }
        if seen != 0 {
            return Err(Failure::fenced("Redis", Fence::from_i64(seen)));
        }
        if removed > 0 {
            self.tell_of_change(turn).await?;
        }
        Ok(removed)
    }
}
