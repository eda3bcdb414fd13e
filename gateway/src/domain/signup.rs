//! Signups: how far each is, and what follows from what.

use serde_json::{Map, Value};

use crate::domain::operation::words;
use crate::domain::status::Status;

words!(
    /// How far a signup is.
    SignupState {
        /// Until the link in the letter is used.
        WaitingProof => "waiting_proof",
        /// Until an operator decides.
        WaitingApproval => "waiting_approval",
        /// It has a tenant.
        Accepted => "accepted",
        /// An operator said no, or its key was given to somebody else meanwhile.
        Refused => "refused",
        /// It waited for too long.
        Expired => "expired",
    }
);

impl SignupState {
    /// Whether it still waits for somebody.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::WaitingProof | Self::WaitingApproval)
    }

    /// Whether a signup may move from `self` to `to`. The SQL function `gateway.is_legal_signup_move` holds the same table.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        use SignupState::{Accepted, Expired, Refused, WaitingApproval, WaitingProof};
        match (self, to) {
            (WaitingProof, WaitingApproval | Accepted | Refused | Expired)
            | (WaitingApproval, Accepted | Refused | Expired) => true,
            (WaitingProof | WaitingApproval | Accepted | Refused | Expired, _) => false,
        }
    }
}

words!(
    /// Who decides about signups.
    Approval {
        /// Nobody: each is accepted.
        Automatic => "automatic",
        /// An operator.
        Manual => "manual",
    }
);

/// What a signup has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignupRules {
    /// Whether the address must be proved by a link in a letter.
    pub mail_proof: bool,
    /// Who decides.
    pub approval: Approval,
}

impl SignupRules {
    /// Where a new signup stands.
    #[must_use]
    pub const fn at_first(self) -> SignupState {
        if self.mail_proof { SignupState::WaitingProof } else { self.once_proved() }
    }

    /// Where a signup stands once its address is proved, or needs no proof.
    #[must_use]
    pub const fn once_proved(self) -> SignupState {
        match self.approval {
            Approval::Automatic => SignupState::Accepted,
            Approval::Manual => SignupState::WaitingApproval,
        }
    }
}

words!(
    /// How far the tenant of an accepted signup is, as a stranger may know it.
    TenantStage {
        /// A worker makes it.
        Preparing => "preparing",
        /// Making it did not succeed yet.
        Delayed => "delayed",
        /// It answers.
        Ready => "ready",
        /// It was made and is out of service.
        Closed => "closed",
    }
);

impl TenantStage {
    /// The stage of a tenant; `was_active` when it was ever made true.
    #[must_use]
    pub const fn of(status: Status, was_active: bool) -> Self {
        match status {
            Status::Active => Self::Ready,
            // A repair, or work that failed: its users are served meanwhile.
            Status::Pending | Status::Provisioning | Status::Error if was_active => Self::Ready,
            Status::Pending | Status::Provisioning => Self::Preparing,
            Status::Error => Self::Delayed,
            Status::Suspended | Status::Deleting | Status::Purging | Status::Deleted => Self::Closed,
        }
    }
}

/// A line about whom to ask: 1 to 100 characters, no control characters, no blanks at the ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactLine(String);

/// Longest [`ContactLine`], in characters.
pub const MAX_CONTACT: usize = 100;

impl ContactLine {
    /// Parses a line; blanks at both ends are dropped. `None` when it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=MAX_CONTACT).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The line as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Longest payload for the tenant's app, in bytes of JSON.
pub const MAX_FIRST_USER: usize = 8 * 1024;

/// What a stranger leaves for the tenant's app: a JSON object the gateway does not look into. May hold a password, so it
/// is not shown by `Debug`.
#[derive(Clone)]
pub struct FirstUser(Map<String, Value>);

impl std::fmt::Debug for FirstUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FirstUser").field("fields", &self.0.len()).finish()
    }
}

impl FirstUser {
    /// Takes an object; `None` when it is longer than [`MAX_FIRST_USER`].
    #[must_use]
    pub fn new(fields: Map<String, Value>) -> Option<Self> {
        let found = Self(fields);
        (found.text().len() <= MAX_FIRST_USER).then_some(found)
    }

    /// As JSON text.
    #[must_use]
    pub fn text(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ended_signup_never_moves() {
        for from in SignupState::ALL {
            for to in SignupState::ALL {
                assert!(from.is_waiting() || !from.may_become(*to), "{from} to {to}");
            }
        }
    }

    #[test]
    fn proof_comes_before_approval_and_approval_before_a_tenant() {
        let rules = |mail_proof, approval| SignupRules { mail_proof, approval };
        for (rules, first, proved) in [
            (rules(true, Approval::Manual), SignupState::WaitingProof, SignupState::WaitingApproval),
            (rules(true, Approval::Automatic), SignupState::WaitingProof, SignupState::Accepted),
            (rules(false, Approval::Manual), SignupState::WaitingApproval, SignupState::WaitingApproval),
            (rules(false, Approval::Automatic), SignupState::Accepted, SignupState::Accepted),
        ] {
            assert_eq!((rules.at_first(), rules.once_proved()), (first, proved), "{rules:?}");
        }
    }

    #[test]
    fn a_repair_does_not_look_like_trouble() {
        assert_eq!(TenantStage::of(Status::Provisioning, false), TenantStage::Preparing);
        assert_eq!(TenantStage::of(Status::Provisioning, true), TenantStage::Ready);
        assert_eq!(TenantStage::of(Status::Error, false), TenantStage::Delayed);
        assert_eq!(TenantStage::of(Status::Error, true), TenantStage::Ready);
        assert_eq!(TenantStage::of(Status::Suspended, true), TenantStage::Closed);
    }

    #[test]
    fn a_payload_has_a_longest_length_and_is_not_shown() {
        let of = |len: usize| FirstUser::new(Map::from_iter([("p".to_owned(), Value::from("x".repeat(len)))]));
        assert!(of(MAX_FIRST_USER - 8).is_some() && of(MAX_FIRST_USER - 7).is_none());
        assert!(!format!("{:?}", of(3)).contains("xxx"));
        assert!(ContactLine::parse(" ").is_none() && ContactLine::parse("a\nb").is_none());
        assert_eq!(ContactLine::parse(" Ann ").unwrap().as_str(), "Ann");
    }
}
