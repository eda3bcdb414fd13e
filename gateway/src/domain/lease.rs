//! The right to change something outside on a tenant's or a pool's behalf, as this process knows it.
//!
//! The control database decides who holds it. This is what a worker may rely on between two looks at it: a number
//! that the receivers of its changes compare, and a moment after which it changes nothing any more, measured on this
//! machine's monotonic clock from before the claim was asked for.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::domain::failure::Failure;
use crate::domain::ids::{Fence, PoolId, TenantId};

/// A lease on one tenant, or on one managed pool. Shared by the run that works under it and the heartbeat that renews it.
#[derive(Debug)]
pub struct Lease<Of = TenantId> {
    of: Of,
    fence: AtomicI64,
    until: Mutex<Instant>,
}

impl Lease<TenantId> {
    /// The tenant it is on.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.of
    }
}

impl Lease<PoolId> {
    /// The pool it is on.
    #[must_use]
    pub const fn pool(&self) -> PoolId {
        self.of
    }
}

impl<Of> Lease<Of> {
    /// What it is on.
    #[must_use]
    pub const fn of(&self) -> &Of {
        &self.of
    }

    /// A lease that was asked for at `asked` and lasts `length` from then.
    #[must_use]
    pub fn new(of: Of, fence: Fence, asked: Instant, length: Duration) -> Self {
        Self { of, fence: AtomicI64::new(fence.as_i64()), until: Mutex::new(asked + length) }
    }

    /// The number receivers compare.
    #[must_use]
    pub fn fence(&self) -> Fence {
        Fence::from_i64(self.fence.load(Ordering::Relaxed))
    }

    /// A higher number, after a receiver had seen one above ours although the control database says that we hold the
    /// tenant: it does after the control database lost its last commits.
    pub fn raise(&self, fence: Fence) {
        self.fence.fetch_max(fence.as_i64(), Ordering::Relaxed);
    }

    /// Lasts until `asked + length` from now on.
    pub fn renew(&self, asked: Instant, length: Duration) {
        let mut until = self.until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *until = (*until).max(asked + length);
    }

    /// The number to send with a change that is about to be sent.
    ///
    /// # Errors
    /// `lease_over`, retryable: somebody else may have it by now, so nothing may be sent.
    pub fn require(&self) -> Result<Fence, Failure> {
        let until = *self.until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if Instant::now() < until {
            Ok(self.fence())
        } else {
            Err(Failure::unavailable("lease_over", "the worker stalled for longer than its lease"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_by_itself_and_lasts_when_renewed() {
        let tenant = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        let asked = Instant::now();
        let lease = Lease::new(tenant, Fence::from_i64(7), asked, Duration::ZERO);
        assert_eq!(lease.require().unwrap_err().code, "lease_over");
        lease.renew(asked, Duration::from_secs(60));
        assert_eq!(lease.require().unwrap(), Fence::from_i64(7));
        lease.renew(asked, Duration::from_secs(1));
        assert_eq!(
            lease.require().unwrap(),
            Fence::from_i64(7),
            "a late answer to an early heartbeat shortens nothing"
        );
        lease.raise(Fence::from_i64(9));
        lease.raise(Fence::from_i64(8));
        assert_eq!(lease.fence(), Fence::from_i64(9));
    }
}
