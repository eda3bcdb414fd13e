//! The domain's words in JSON and in the document: one list of each, in the domain.

use std::borrow::Cow;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::batch::{BatchState, BatchTenantState, BatchVerb};
use crate::domain::drift::{DriftKind, DriftRepair};
use crate::domain::event::EventKind;
use crate::domain::inspection::LogStream;
use crate::domain::job::{JobKind, JobState};
use crate::domain::operation::{Action, OperationKind, OperationState, StepKind, StepState};
use crate::domain::orphan::OrphanKind;
use crate::domain::person::{Role, UserState};
use crate::domain::plan::PlanNetwork;
use crate::domain::pool::{MemberState, PoolState};
use crate::domain::route::{Cause, RouteState, RouteTestMethod};
use crate::domain::series::{Metric, TrafficMetric, Unit};
use crate::domain::server::ServerState;
use crate::domain::signup::{SignupState, TenantStage};
use crate::domain::status::Status;
use crate::domain::tenant::Tier;

fn enumeration(what: &str, words: Vec<&'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .enum_values(Some(words))
        .description(Some(what))
        .build()
}

macro_rules! word {
    ($type:ty, $name:literal, $what:literal) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                Self::parse(&word).ok_or_else(|| D::Error::custom(format!("{word} is not a {}", $name)))
            }
        }

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                enumeration($what, Self::ALL.iter().map(|word| word.as_str()).collect()).into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    };
}

word!(Status, "TenantStatus", "Where a tenant is in its life");
word!(Tier, "Tier", "How a tenant is served: by a shared pool, or by a container of its own");
word!(
    PlanNetwork,
    "PlanNetwork",
    "What Docker network tenants of the tier shared have: per-tenant, each its own; per-pool, none of their own, as they are on \
     that of the managed pool that serves them; none, none. A dedicated tenant has its own whatever its plan says, as its \
     container is on it"
);
word!(OperationKind, "OperationKind", "What an operation is for");
word!(OperationState, "OperationState", "How far an operation is");
word!(StepKind, "StepKind", "A step, in the order in which a tenant is made");
word!(Action, "StepAction", "What is asked of a step");
word!(StepState, "StepState", "How an attempt at a step ended; abandoned: its worker died or lost the tenant");
word!(BatchVerb, "BatchVerb", "What is wished of each tenant of a batch");
word!(BatchState, "BatchState", "How far a batch is; failed: it ended, and some tenants are not as wished");
word!(
    BatchTenantState,
    "BatchTenantState",
    "How far a batch is with one tenant; left: the batch ended before its turn"
);
word!(MemberState, "MemberState", "How a member of a pool is");
word!(
    PoolState,
    "PoolState",
    "Whether a pool takes new tenants and serves those it has; stopped: they get the 503 page"
);
word!(ServerState, "DatabaseServerState", "Whether a database server takes new tenants");
word!(JobKind, "JobKind", "What a job is for");
word!(JobState, "JobState", "How far a job is");
word!(SignupState, "SignupState", "How far a signup is");
word!(TenantStage, "TenantStage", "How far the tenant of a signup is");
word!(OrphanKind, "OrphanKind", "What an object outside is");
word!(DriftKind, "DriftKind", "What kind of thing is not as a tenant's row says");
word!(
    DriftRepair,
    "DriftRepair",
    "What was done about drift; left: other work was open, or only a look was asked for; impossible: somebody has to"
);
word!(
    Role,
    "Role",
    "What a person may do: owners everything, operators run tenants and the fleet, viewers and support read"
);
word!(UserState, "UserState", "How far an account is: nobody accepted the invite, may log in, or is shut out");
word!(RouteState, "RouteState", "How what Traefik holds of a tenant agrees with what its row wants");
word!(Cause, "RouteCause", "Why a URL is answered as it is, or why nobody can tell");
word!(EventKind, "EventKind", "What happened");
word!(RouteTestMethod, "RouteTestMethod", "Method of a request to test a route with");
word!(LogStream, "LogStream", "Where an app wrote a line to");
word!(Metric, "Metric", "What numbers over time are about");
word!(TrafficMetric, "TrafficMetric", "What a tenant's numbers over time are about");
word!(Unit, "Unit", "What a number counts");
