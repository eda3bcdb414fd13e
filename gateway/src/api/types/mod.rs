//! What goes over the wire. The command line reads these same types, so the two cannot drift apart.

mod access;
mod api_key;
mod audit;
mod batch;
mod capacity;
mod drift;
mod event;
mod inspection;
mod job;
mod link;
mod mail;
mod operation;
mod orphan;
mod plan;
mod pool;
mod problem;
mod route;
mod series;
mod server;
mod session;
mod signup;
mod system;
mod tenant;
mod totp;
mod traefik;
mod user;
mod view;
mod words;

pub use access::{Credentials, Login, Me, PrincipalKind};
pub use api_key::{ApiKey, ApiKeyList, CreateApiKey, NewApiKey, RotateApiKey};
pub use audit::{AuditCheck, AuditEntry, AuditList};
pub use batch::{Batch, BatchCounts, BatchList, BatchTenant, BatchTenantError, BatchTenantFilter, CreateBatch};
pub use capacity::{Amount, Capacity, PoolCapacity, QueueCapacity, ServerCapacity, SubnetCapacity, WorkerCapacity};
pub use drift::{Drift, DriftList, DriftLook, DriftTrouble, RepairDrift};
pub use event::{Event, EventList, StreamEvent};
pub use inspection::{InspectionError, ReadLogs, TenantLogLine, TenantLogs, TenantStats};
pub use job::{CreateJob, Job, JobList, JobParameters};
pub use link::{AcceptInvite, ConfirmReset, InviteShown, InviteToken, Link, RequestReset};
pub use mail::{QueuedMail, TestMail};
pub use operation::{Operation, OperationList, OperationRef, Step, StepError, StepTime, StepTimeList};
pub use orphan::{Orphan, OrphanList};
pub use plan::{CreatePlan, EditPlan, Plan, PlanList};
pub use pool::{CreatePool, EditPool, Pool, PoolList, PoolMember, PoolMemberList, PoolProblem};
pub use problem::{FieldError, Problem};
pub use route::{
    Route, RouteDifference, RouteExplanation, RouteList, RouteReason, RouteServer, RouteTest, RouteTestHeader,
    RouteTestReply, RouteView, TestRoute, TraefikSight,
};
pub use series::{Series, SeriesLine};
pub use server::{CreateDatabaseServer, DatabaseServer, DatabaseServerList, EditDatabaseServer};
pub use session::{EndedSessions, Session, SessionList};
pub use signup::{
    CreateSignup, FirstUser, KeyAnswer, RefuseSignup, Signup, SignupList, SignupStatus, SignupTenant, SignupToken,
};
pub use system::{EnvironmentName, Ready, ReadyPart, Version};
pub use tenant::{CreateTenant, EditTenant, MoveTenant, Tenant, TenantError, TenantList};
pub use totp::{ChangePassword, DisableTotp, EnrolTotp, NewTotp, RecoveryCodes, TotpCode};
pub use traefik::{TraefikChanges, TraefikCount, TraefikEntryPoint, TraefikHealth, TraefikTrouble};
pub use user::{EditUser, InviteUser, InvitedUser, RoleList, RoleScopes, User, UserList};
pub use view::{CreateView, EditView, SavedView, SavedViewList};

pub use crate::domain::person::{Role, UserState};
pub use crate::domain::route::RouteTestMethod;
