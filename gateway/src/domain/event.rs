//! What the gateway tells of as it happens. The list in the documents is this one.

use crate::domain::operation::words;

words!(
    /// What happened. The CHECK constraint of `gateway.event.kind` lists the same words.
    EventKind {
        /// A tenant is there and wants to be made.
        TenantCreated => "tenant.created",
        /// Its name, labels or notes were changed; `fields` names which.
        TenantEdited => "tenant.edited",
        /// Workers leave it alone from here on.
        TenantPaused => "tenant.paused",
        /// Workers take it up again.
        TenantResumed => "tenant.resumed",
        /// It is to be served by another shared pool: `from`, `to`. The operation tells when it is.
        TenantMoved => "tenant.moved",
        /// Work is due on it; after a failure `step` and `code` name it.
        TenantPending => "tenant.pending",
        /// A worker makes it.
        TenantProvisioning => "tenant.provisioning",
        /// Everything promised is true and was proved by a request.
        TenantActivated => "tenant.activated",
        /// It is to answer 503.
        TenantSuspended => "tenant.suspended",
        /// Its work failed for good; `step` and `code` say how.
        TenantFailed => "tenant.failed",
        /// It is to go out of service, and can be taken back.
        TenantDeleting => "tenant.deleting",
        /// Its data is being removed.
        TenantPurging => "tenant.purging",
        /// Nothing is left of it but its row.
        TenantDeleted => "tenant.deleted",
        /// It was found to differ from what it should be; `reason` says how. Its repair is due.
        TenantDrifted => "tenant.drifted",
        /// A repair is done.
        TenantRepaired => "tenant.repaired",
        /// Work on a tenant was asked for; `kind` says what for.
        OperationOpened => "operation.opened",
        /// It is done.
        OperationSucceeded => "operation.succeeded",
        /// It failed for good; `step` and `code` say how.
        OperationFailed => "operation.failed",
        /// A newer wish replaced it, or somebody cancelled it; `code` says which.
        OperationCancelled => "operation.cancelled",
        /// Work on the whole fleet was asked for; `id`, `kind`.
        JobOpened => "job.opened",
        /// Its result is there.
        JobSucceeded => "job.succeeded",
        /// It ended without a result.
        JobFailed => "job.failed",
        /// A shared pool was made; `id`, `name`.
        PoolCreated => "pool.created",
        /// A shared pool was changed.
        PoolEdited => "pool.edited",
        /// A shared pool was removed.
        PoolDeleted => "pool.deleted",
        /// An API key was made; `id`, `name`.
        ApiKeyCreated => "api_key.created",
        /// Its secret was exchanged.
        ApiKeyRotated => "api_key.rotated",
        /// It works no longer.
        ApiKeyRevoked => "api_key.revoked",
    }
);
