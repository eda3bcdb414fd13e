//! Shared pools: whether they take tenants, and where requests go.

use url::Url;

use crate::domain::operation::words;

/// Members of one pool at most.
pub const MAX_MEMBERS: usize = 16;
/// Most tenants that can be asked for as a capacity.
pub const MAX_CAPACITY: i32 = 1_000_000;
/// Greatest weight.
pub const MAX_WEIGHT: i32 = 1000;

words!(
    /// Whether a pool takes tenants and serves them.
    PoolState {
        /// Both.
        Active => "active",
        /// It serves those it has.
        Draining => "draining",
        /// Neither: its tenants get the 503 page.
        Stopped => "stopped",
    }
);

impl PoolState {
    /// Where requests for its tenants go: to its members, or to the tenant port, which shows the page.
    #[must_use]
    pub fn upstreams(self, members: &[Url], tenant_port: &Url) -> Vec<Url> {
        match self {
            Self::Active | Self::Draining => members.to_vec(),
            Self::Stopped => vec![tenant_port.clone()],
        }
    }
}
