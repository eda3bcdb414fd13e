//! What can go wrong with the control database, told apart by SQLSTATE and constraint name.

use crate::domain::batch::BatchState;
use crate::domain::labels::LabelError;
use crate::domain::operation::{OperationKind, OperationState};
use crate::domain::pool::{MAX_VARIABLES, PoolState};
use crate::domain::signup::SignupState;
use crate::domain::status::Status;
use crate::store::room::Lack;

/// An error of the control database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The server cannot be reached, refuses, or did not answer in time.
    #[error("the control database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// The lease is gone or a newer wish came: another worker owns the row, so this one must stop and touch nothing.
    #[error("the lease is lost")]
    LeaseLost,
    /// A live tenant has this key.
    #[error("the key is taken")]
    KeyTaken,
    /// A live tenant or a waiting signup has this key, or one that looks like it.
    #[error("the key cannot be had")]
    KeyUnavailable,
    /// As many signups wait as may.
    #[error("as many signups wait as may")]
    TooManyWaiting,
    /// There is no room for another tenant.
    #[error("there is no room for another tenant: {0}")]
    NoRoom(Lack),
    /// The signup does not wait for this.
    #[error("the signup is {0} and waits for no decision")]
    SignupNotWaiting(SignupState),
    /// A live tenant has this host.
    #[error("the host is taken")]
    HostTaken,
    /// The pool does not exist.
    #[error("there is no such pool")]
    NoSuchPool,
    /// Another pool has this name.
    #[error("the name of the pool is taken")]
    PoolNameTaken,
    /// Tenants are in the pool, or were when they were deleted.
    #[error("tenants are in the pool, or were when they were deleted")]
    PoolInUse,
    /// The plan does not exist.
    #[error("there is no such plan")]
    NoSuchPlan,
    /// The plan is for tenants of the other tier.
    #[error("the plan is for tenants of the other tier")]
    PlanUnfit,
    /// The plan is for dedicated tenants, each of whom has a network of its own.
    #[error("a plan for dedicated tenants gives each a network of its own")]
    PlanNetworkUnfit,
    /// Another plan has this name.
    #[error("the name of the plan is taken")]
    PlanNameTaken,
    /// Tenants have the plan, or had it when they were deleted, or it is the default.
    #[error("tenants have the plan, or had it when they were deleted, or every control plane has it")]
    PlanInUse,
    /// No database server takes new tenants.
    #[error("no database server is active and has room")]
    NoServerLeft,
    /// None of those that the worker can reach does; another worker reaches more.
    #[error("no database server within reach is active and has room")]
    NoServerHeld,
    /// Another database server has this name.
    #[error("the name of the database server is taken")]
    ServerNameTaken,
    /// Tenants are on the database server, or the data of deleted ones is.
    #[error("tenants are on the database server, or the kept data of deleted ones is")]
    ServerInUse,
    /// Its place is a setting.
    #[error("the settings say where the default database server is")]
    ServerOfSettings,
    /// No pool is active and has room.
    #[error("no shared pool is active and has room")]
    NoPoolLeft,
    /// The pool takes no new tenants.
    #[error("the shared pool is {0} and takes no new tenants")]
    PoolClosed(PoolState),
    /// The pool has as many tenants as it may.
    #[error("the shared pool has as many tenants as its capacity allows")]
    PoolFull,
    /// Its place is a setting.
    #[error("the settings say where the default pool is")]
    PoolOfSettings,
    /// The gateway runs its members.
    #[error("the gateway runs the members of this pool")]
    PoolManaged,
    /// The gateway does not run its members.
    #[error("the gateway does not run the members of this pool")]
    PoolNotManaged,
    /// Its containers are being taken away.
    #[error("the shared pool is being deleted")]
    PoolDeleting,
    /// The containers of a pool get so many variables at most.
    #[error("the environment of a pool's containers holds {} variables at most", MAX_VARIABLES)]
    TooManyVariables,
    /// Another account has this address.
    #[error("the address is taken")]
    EmailTaken,
    /// Another view of the person has this name.
    #[error("the name of the view is taken")]
    ViewNameTaken,
    /// The person keeps as many views as may be.
    #[error("one person keeps 100 views at most; remove one first")]
    TooManyViews,
    /// It is the last owner who can log in.
    #[error("an owner who can log in has to be left")]
    LastOwner,
    /// The tenant does not exist.
    #[error("there is no such tenant")]
    NoSuchTenant,
    /// What is to be changed has changed since the caller saw it.
    #[error("it has changed meanwhile")]
    Outdated,
    /// The Idempotency-Key was given with another call.
    #[error("the idempotency key was used for another call")]
    KeyReused,
    /// A label too many, or one that cannot be.
    #[error("the labels cannot be: {0}")]
    Labels(#[from] LabelError),
    /// The move is not in the transition table.
    #[error("a tenant that is {from} cannot become {to}")]
    IllegalTransition {
        /// The state it is in.
        from: Status,
        /// The state asked for.
        to: Status,
    },
    /// This cannot be wished of a tenant in this state.
    #[error("a tenant that is {from} cannot be {wish}")]
    Unfit {
        /// The state it is in.
        from: Status,
        /// What was wished, as a participle.
        wish: &'static str,
    },
    /// Nothing to try again: the tenant has no failed or waiting work.
    #[error("a tenant that is {0} has nothing to retry")]
    NothingToRetry(Status),
    /// Only tenants of the shared tier have a pool.
    #[error("only a tenant of the shared tier can move to another pool")]
    NotShared,
    /// The operation has ended, or its tenant is past the point at which work can be called off.
    #[error("this {kind} is {state} and cannot be cancelled")]
    NotCancellable {
        /// What it is for.
        kind: OperationKind,
        /// How far it is.
        state: OperationState,
    },
    /// The batch has ended.
    #[error("the batch is {0}; only a running one can be cancelled")]
    BatchEnded(BatchState),
    /// A newer operation of the tenant stands in its place.
    #[error("a newer operation of the tenant came after this one")]
    Superseded,
    /// The block of subnets is used up.
    #[error("the block of tenant subnets is used up")]
    NoSubnetLeft,
    /// A stored value that this program never writes.
    #[error("gateway.{table}.{column} of {row} holds an unknown value")]
    Inconsistent {
        /// Table without schema.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// The row's id.
        row: String,
    },
    /// The schema is older than the one this program was built for (code GW010).
    #[error("GW010: the control database is not migrated to version {wanted} (it is at {found}); run: gateway migrate")]
    NotMigrated {
        /// The version this program needs.
        wanted: i64,
        /// The version found; 0 for none.
        found: i64,
    },
    /// The schema is newer, and has taken away what this program uses (code GW010).
    #[error(
        "GW010: the control database is at version {found} and serves programs for version {floor} or newer, and this one is for {wanted}; start a newer release"
    )]
    Outgrown {
        /// The version this program was built for.
        wanted: i64,
        /// The version found.
        found: i64,
        /// The oldest version whose programs may run.
        floor: i64,
    },
    /// A migration of the control schema failed.
    #[error("the control database could not be migrated")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A statement failed for another reason; a bug.
    #[error("a statement on the control database failed")]
    Statement(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error.as_database_error().and_then(|e| e.constraint()).map(str::to_owned);
        match constraint.as_deref() {
            Some("tenant_key_live") => return Self::KeyTaken,
            Some("signup_key_held") => return Self::KeyUnavailable,
            Some("tenant_host_live") => return Self::HostTaken,
            Some("tenant_pool_id_fkey") => return Self::NoSuchPool,
            Some("tenant_plan_fkey") => return Self::NoSuchPlan,
            Some("tenant_plan_fits") => return Self::PlanUnfit,
            Some("plan_network_fits") => return Self::PlanNetworkUnfit,
            Some("plan_pkey") => return Self::PlanNameTaken,
            Some("shared_pool_name_key") => return Self::PoolNameTaken,
            Some("database_server_name") => return Self::ServerNameTaken,
            Some("saved_view_name") => return Self::ViewNameTaken,
            Some("user_account_email") => return Self::EmailTaken,
            Some("user_account_owner_left") => return Self::LastOwner,
            _ => {}
        }
        let Some(database) = error.as_database_error() else { return Self::Unavailable(error) };
        // Connection, deadlock, resources, operator intervention, login, missing database, lock; idle transaction ended.
        let code = database.code().unwrap_or_default().into_owned();
        match code.get(..2) {
            Some("08" | "40" | "53" | "57" | "28" | "3D" | "55") => Self::Unavailable(error),
            _ if code == "25P03" => Self::Unavailable(error),
            _ => Self::Statement(error),
        }
    }
}
