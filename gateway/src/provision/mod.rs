//! Making a tenant true: an ordered list of steps, and a runner that walks it. Making a managed pool true: see [`pools`].
//!
//! # Expected flow
//! Record *started* → unless `not_needed`: `observe` → where something is missing or differs, `ensure` → record the result.
//! Removal walks the list from the outside in: `retire` puts a database out of use so that it can be taken back, `remove`
//! is for good.
//! [`pipeline`] is the only list of steps; [`runner`] walks it; each step is a file in [`steps`].
//!
//! # Guarantees
//! - `observe` tells the truth or fails; it never changes anything. A failure to look is never read as "nothing there".
//! - `ensure` brings one object to the desired state. It may be called when that is already so, when an earlier call died
//!   half-way, and after another worker's call; it adopts an object that carries our mark for our tenant and refuses one
//!   that does not.
//! - `remove` succeeds when the object never existed, and refuses one that is not ours.
//! - Nothing outside is touched before the attempt is recorded under the lease, and nothing after the lease is lost.
//!
//! # Assumptions
//! Names, secrets and subnet are fixed in the row by the first step; no step needs another step's output from anywhere
//! but the row. What a run remembers besides, a session or that its database is a whole copy, saves a look and no more.
//!
//! # Caveats
//! The database server, the tenant's database and Redis refuse a claim older than the newest they have seen. Docker Engine
//! cannot: there a worker stops by its own clock when its lease ends, and an object that was made all the same carries its
//! claim as a label. It is harmless because names and subnets are fixed, and the next look adopts or removes it.

pub mod breaker;
pub mod credentials;
pub mod failpoint;
pub mod outcome;
pub mod pipeline;
pub mod pools;
pub mod run;
pub mod runner;
pub mod servers;
pub mod steps;
