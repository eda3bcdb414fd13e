//! The body of every refusal (RFC 9457).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a call was refused or failed; sent as application/problem+json
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Reference of the kind of problem: /problems/ and the code
    #[schema(rename = "type", example = "/problems/tenant_not_found")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words
    pub title: String,
    /// HTTP status
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What happened, and what to do about it
    pub detail: String,
    /// Stable word to decide by
    #[schema(example = "tenant_not_found")]
    pub code: String,
    /// Id of the request, as in the x-request-id header and in the log
    pub instance: String,
    /// Every field that is wrong
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
}

/// One wrong field
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body, or /name for a query parameter
    #[schema(example = "/key")]
    pub pointer: String,
    /// Stable word to decide by
    #[schema(example = "reserved")]
    pub code: String,
    /// What is wrong, as the end of a sentence that begins with the field's name
    pub message: String,
}
