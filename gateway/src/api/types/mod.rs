//! What goes over the wire. The command line reads these same types, so the two cannot drift apart.

mod access;
mod api_key;
mod audit;
mod event;
mod job;
mod operation;
mod orphan;
mod pool;
mod problem;
mod system;
mod tenant;
mod words;

pub use access::{Credentials, Login, Me, PrincipalKind, Role};
pub use api_key::{ApiKey, ApiKeyList, CreateApiKey, NewApiKey, RotateApiKey};
pub use audit::{AuditCheck, AuditEntry, AuditList};
pub use event::{Event, EventList, StreamEvent};
pub use job::{CreateJob, Job, JobList, JobParameters};
pub use operation::{Operation, OperationList, OperationRef, Step, StepError};
pub use orphan::{Orphan, OrphanList};
pub use pool::{CreatePool, EditPool, Pool, PoolList};
pub use problem::{FieldError, Problem};
pub use system::{Ready, ReadyPart, Version};
pub use tenant::{CreateTenant, EditTenant, MoveTenant, Tenant, TenantError, TenantList};
