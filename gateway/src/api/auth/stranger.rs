//! Somebody nobody knows, who may change something all the same: a person who signs up.

use crate::api::auth::Acts;
use crate::domain::reach::Reach;
use crate::store::change::Via;

/// Somebody nobody knows.
#[derive(Clone, Debug)]
pub struct Stranger {
    actor: String,
    principal: String,
}

impl Stranger {
    /// `actor` is the word in records; `digest` that of all that tells this stranger and call from others.
    #[must_use]
    pub fn new(actor: String, digest: &[u8]) -> Self {
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { actor, principal: format!("anonymous/{digest}") }
    }
}

impl Acts for Stranger {
    fn actor(&self) -> String {
        self.actor.clone()
    }

    fn via(&self) -> Via {
        Via::Anonymous
    }

    fn principal(&self) -> String {
        self.principal.clone()
    }

    fn reach(&self) -> Reach {
        Reach::new(Some(Vec::new()), None)
    }
}
