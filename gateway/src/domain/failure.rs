//! How work on a tenant fails: with a stable code, a text for people, a cause for the log, and a verdict.

use std::error::Error;
use std::fmt;

use crate::domain::ids::Fence;

/// Whether trying again may help. Decided where the failure arises, from codes and never from message text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The world may be better later; tried as often as the settings say.
    Retryable,
    /// A part that all tenants need is away, which says nothing about this one: tried for as long as it is.
    Unavailable,
    /// Something that tenants share is full. Looked at now and then until somebody makes room or another tenant goes.
    NoRoom,
    /// Nothing changes until a person or a setting does.
    Permanent,
}

/// A failed step. `Display` gives the public text; the cause goes to the log only.
#[derive(Debug)]
pub struct Failure {
    /// Stable word, such as `docker_unreachable`; listed in `gateway/docs/errors.md`.
    pub code: &'static str,
    /// One sentence for the operator. Holds no secret and nothing of another tenant.
    pub message: String,
    /// Whether to try again.
    pub verdict: Verdict,
    /// The higher number a receiver has seen, where it refused ours.
    pub fenced_by: Option<Fence>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure that another attempt may heal.
    #[must_use]
    pub fn retryable(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), verdict: Verdict::Retryable, fenced_by: None, cause: None }
    }

    /// A failure of a part that all tenants need.
    #[must_use]
    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unavailable, ..Self::retryable(code, message) }
    }

    /// A failure for want of room.
    #[must_use]
    pub fn no_room(code: &'static str, message: impl Into<String>) -> Self {
        Self { verdict: Verdict::NoRoom, ..Self::retryable(code, message) }
    }

    /// A failure that stays until somebody acts.
    #[must_use]
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), verdict: Verdict::Permanent, fenced_by: None, cause: None }
    }

    /// A receiver refused a change because it has seen a newer claim on the tenant.
    #[must_use]
    pub fn fenced(by: &'static str, seen: Fence) -> Self {
        let text = format!("{by} has seen a newer claim on the tenant ({seen}) and refused the change");
        Self { fenced_by: Some(seen), ..Self::unavailable("fenced", text) }
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Whether another attempt may help.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self.verdict, Verdict::Retryable | Verdict::Unavailable | Verdict::NoRoom)
    }

    /// The chain of causes in one line, for the log.
    #[must_use]
    pub fn cause_chain(&self) -> String {
        let mut text = String::new();
        let mut next: Option<&(dyn Error + 'static)> = self.cause.as_ref().map(|c| &**c as _);
        while let Some(error) = next {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|c| &**c as _)
    }
}
