//! Mail.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where to send a mail that shows that mail arrives
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestMail {
    /// An address
    #[schema(max_length = 254, example = "jane@example.com")]
    pub to: String,
}

/// A mail that is in line
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct QueuedMail {
    /// To whom it goes
    pub to: String,
    /// Who it comes from
    pub from: String,
}
