//! Slows down the guessing of passwords: attempts per account and address in a window.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Attempts in a window that may fail.
const MOST: u32 = 10;
/// How long a window lasts.
const WINDOW: Duration = Duration::from_secs(300);
/// Accounts and addresses remembered at most; old windows are dropped first.
const CAPACITY: usize = 10_000;

#[derive(Debug)]
struct Window {
    began: Instant,
    attempts: u32,
}

/// Counts attempts in this process.
#[derive(Debug, Default)]
pub struct LoginLimiter {
    windows: Mutex<HashMap<(String, IpAddr), Window>>,
}

impl LoginLimiter {
    /// Counts an attempt before it is made, so that attempts at the same time cannot slip through.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn begin(&self, email: &str, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= CAPACITY {
            windows.retain(|_, window| now.duration_since(window.began) < WINDOW);
            if windows.len() >= CAPACITY {
                windows.clear();
            }
        }
        let window = windows.entry((email.to_owned(), address)).or_insert(Window { began: now, attempts: 0 });
        if now.duration_since(window.began) >= WINDOW {
            *window = Window { began: now, attempts: 0 };
        }
        if window.attempts >= MOST {
            return Err(WINDOW.saturating_sub(now.duration_since(window.began)));
        }
        window.attempts += 1;
        Ok(())
    }

    /// Forgets the attempts after one that succeeded.
    pub fn succeed(&self, email: &str, address: IpAddr) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.remove(&(email.to_owned(), address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_attempts_wait_for_the_next_window() {
        let limiter = LoginLimiter::default();
        let (here, there) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        let start = Instant::now();
        for _ in 0..MOST {
            assert!(limiter.begin("a@b", here, start).is_ok());
        }
        assert_eq!(limiter.begin("a@b", here, start + Duration::from_secs(100)), Err(Duration::from_secs(200)));
        assert!(limiter.begin("a@b", there, start).is_ok());
        assert!(limiter.begin("c@d", here, start).is_ok());
        assert!(limiter.begin("a@b", here, start + WINDOW).is_ok());
    }

    #[test]
    fn success_forgets() {
        let limiter = LoginLimiter::default();
        let here = IpAddr::from([127, 0, 0, 1]);
        let start = Instant::now();
        for _ in 0..MOST {
            assert!(limiter.begin("a@b", here, start).is_ok());
        }
        limiter.succeed("a@b", here);
        assert!(limiter.begin("a@b", here, start).is_ok());
    }
}
