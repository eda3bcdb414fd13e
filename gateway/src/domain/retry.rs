//! When to try again: exponential, capped, jittered. Pure; the caller brings the randomness.

use std::time::Duration;

/// Longest wait between two attempts.
pub const MAX_DELAY: Duration = Duration::from_secs(300);

/// The wait after attempt number `attempt` (from 1): `base × 2^(attempt-1)`, at most [`MAX_DELAY`],
/// then taken between half and all of it by `jitter` in 0..=1, so that tenants that failed together do not return together.
#[must_use]
pub fn delay(base: Duration, attempt: u32, jitter: f64) -> Duration {
    let doublings = attempt.saturating_sub(1).min(20);
    let full = base.saturating_mul(1 << doublings).min(MAX_DELAY);
    full.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_cap_and_jitters_downwards() {
        let base = Duration::from_secs(2);
        let full: Vec<u64> = (1..=10).map(|n| delay(base, n, 1.0).as_secs()).collect();
        assert_eq!(full, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(delay(base, 1, 0.0), Duration::from_secs(1));
        assert_eq!(delay(base, 0, 1.0), base);
        assert_eq!(delay(base, u32::MAX, 1.0), MAX_DELAY);
    }
}
