//! A tenant as the worker sees it, and the values a creator may choose.

use std::fmt;
use std::ops::RangeInclusive;

use ipnet::Ipv4Net;
use jiff::Timestamp;

use crate::domain::host::Host;
use crate::domain::ids::{Generation, OperationId, PoolId, ServerId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::operation::OperationKind;
use crate::domain::plan::{PlanLimits, PlanName, PlanNetwork};
use crate::domain::seal::Sealed;
use crate::domain::status::Status;

/// How a tenant is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// By the members of a shared pool, told apart by an identity header.
    Shared,
    /// By a container of its own.
    Dedicated,
}

impl Tier {
    /// Every tier.
    pub const ALL: [Self; 2] = [Self::Shared, Self::Dedicated];

    /// The word in SQL, API and CLI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Dedicated => "dedicated",
        }
    }

    /// The tier a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == word)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Characters that nobody sees, whatever stands around them.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2060}'..='\u{2064}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Characters that change how the text after them reads: embeddings, overrides and isolates of direction (Unicode Standard
/// Annex 9), line and paragraph separators, byte order marks and what is no character. Joiners and marks of direction are
/// none of these: Persian, Hindi and Hebrew are written with them.
const DECEIVING: &[RangeInclusive<char>] = &[
    '\u{2028}'..='\u{202e}',
    '\u{2066}'..='\u{206f}',
    '\u{fdd0}'..='\u{fdef}',
    '\u{feff}'..='\u{feff}',
    '\u{fff9}'..='\u{fffb}',
    '\u{fffe}'..='\u{ffff}',
];

fn is_one_of(list: &[RangeInclusive<char>], c: char) -> bool {
    list.iter().any(|range| range.contains(&c))
}

/// A customer's name as people write it: 1 to 200 characters, something to see among them, no control characters, none that
/// turn the text around, no blanks at the ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyName(String);

/// Why a text is not a company name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompanyNameError {
    /// Empty, or over 200 characters.
    #[error("must have 1 to 200 characters")]
    Length,
    /// A control character, or one that changes how the text around it reads.
    #[error("must not hold control characters, nor those that turn text around")]
    Control,
    /// Nothing in it can be seen.
    #[error("must hold something that can be seen")]
    Invisible,
}

impl CompanyNameError {
    /// Stable code for API answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Control => "character",
            Self::Invisible => "invisible",
        }
    }
}

impl CompanyName {
    /// Parses a name; blanks at both ends are dropped.
    ///
    /// # Errors
    /// The first rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, CompanyNameError> {
        let text = text.trim();
        if text.chars().any(|c| c.is_control() || is_one_of(DECEIVING, c)) {
            return Err(CompanyNameError::Control);
        }
        if text.is_empty() || text.chars().count() > 200 {
            return Err(CompanyNameError::Length);
        }
        if text.chars().all(|c| c.is_whitespace() || is_one_of(INVISIBLE, c)) {
            return Err(CompanyNameError::Invisible);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody asks for when creating a tenant.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// What people call it.
    pub key: TenantKey,
    /// The customer's name.
    pub company_name: CompanyName,
    /// How it will be served.
    pub tier: Tier,
    /// A host of its own instead of `<key>.<suffix>`.
    pub host: Option<Host>,
    /// The shared pool to serve it, instead of the default one.
    pub pool_id: Option<PoolId>,
    /// Its limits, instead of the default plan.
    pub plan: Option<PlanName>,
}

/// The names and secrets that are fixed before a step touches the outside.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// The host its route answers on.
    pub host: Host,
    /// The database server it lives on.
    pub server_id: ServerId,
    /// The shared pool that serves it; `None` on the dedicated tier.
    pub pool_id: Option<PoolId>,
    /// Password of the app's login role.
    pub password: Sealed,
    /// SCRAM verifier of that password.
    pub verifier: Sealed,
    /// Its own subnet; `None` where it is to have no network of its own.
    pub subnet: Option<Ipv4Net>,
}

/// A claimed tenant: what the steps work from.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its identity.
    pub id: TenantId,
    /// What people call it.
    pub key: TenantKey,
    /// The customer's name.
    pub company_name: String,
    /// How it is served.
    pub tier: Tier,
    /// State as claimed.
    pub status: Status,
    /// The host asked for or allocated.
    pub host: Option<Host>,
    /// The pool asked for or allocated.
    pub pool_id: Option<PoolId>,
    /// Fixed by the allocate step.
    pub allocation: Option<Allocation>,
    /// What its plan allows: read with the claim, as a plan that changes ends the run by a newer wish.
    pub limits: PlanLimits,
    /// What network its plan gives it, by its tier.
    pub network: PlanNetwork,
    /// Highest migration applied.
    pub migration_version: Option<i64>,
    /// Engine id of its network.
    pub network_id: Option<String>,
    /// Engine id of its container.
    pub container_id: Option<String>,
    /// The wish this claim serves.
    pub generation: Generation,
    /// Claims spent on this generation, this one included; from 1.
    pub attempt: u32,
    /// The open operation.
    pub operation_id: OperationId,
    /// What that operation is.
    pub kind: OperationKind,
    /// Whether nobody waits for the present work.
    pub repair: bool,
    /// Whether the password in the row is the one that is wanted.
    pub credentials_current: bool,
    /// When the row was written.
    pub created_at: Timestamp,
}

impl Tenant {
    /// Whether its work goes behind that of others: a repair, or another attempt at what failed before.
    #[must_use]
    pub const fn goes_behind(&self) -> bool {
        self.repair || self.attempt > 1
    }
}
