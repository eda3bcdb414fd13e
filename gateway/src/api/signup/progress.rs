//! How far a signup is, in words for the one who signed up. Nothing here tells how the engine works or what failed in it.

use crate::api::tenants::url_of;
use crate::api::types::{SignupStatus, SignupTenant};
use crate::config::Settings;
use crate::domain::operation::StepKind;
use crate::domain::signup::{SignupState, TenantStage};
use crate::store::signups::{self, SignupRecord};

/// What is done next, by how many steps are done.
const STEPS: [&str; 8] = [
    "Reserving a place",
    "Reserving a place",
    "Creating the database",
    "Setting up the database",
    "Connecting the parts",
    "Starting the application",
    "Publishing the address",
    "Checking that everything answers",
];

fn percent_of(tenant: &signups::SignupTenant, stage: TenantStage) -> i32 {
    let all = StepKind::ALL.len();
    match stage {
        TenantStage::Preparing | TenantStage::Delayed => {
            let done = usize::try_from(tenant.steps_done).unwrap_or_default().min(all);
            // All steps may be done before the tenant is called active.
            i32::try_from(done * 100 / all).unwrap_or_default().min(99)
        }
        TenantStage::Ready | TenantStage::Closed => 100,
    }
}

fn words(record: &SignupRecord, stage: Option<TenantStage>) -> String {
    let steps_done = record.tenant.as_ref().map_or(0, |tenant| tenant.steps_done);
    let waits_for_room = record.tenant.as_ref().is_some_and(|tenant| tenant.waits_for_room);
    match (record.state, stage) {
        (SignupState::WaitingProof, _) => "A letter is on its way to the address given; follow the link in it".into(),
        (SignupState::WaitingApproval, _) => "Waiting for somebody to approve it".into(),
        (SignupState::Refused, _) => "The signup was not accepted".into(),
        (SignupState::Expired, _) => "It waited for too long; sign up again".into(),
        (SignupState::Accepted, None) => "It is no longer there".into(),
        (SignupState::Accepted, Some(TenantStage::Preparing)) if waits_for_room => {
            "Waiting for a free place; it goes on by itself".into()
        }
        (SignupState::Accepted, Some(TenantStage::Preparing)) => {
            let step = usize::try_from(steps_done).unwrap_or_default().min(STEPS.len() - 1);
            STEPS[step].into()
        }
        (SignupState::Accepted, Some(TenantStage::Delayed)) => {
            "This takes longer than usual; the operator sees it and can try again".into()
        }
        (SignupState::Accepted, Some(TenantStage::Ready)) => "Ready".into(),
        (SignupState::Accepted, Some(TenantStage::Closed)) => "It was made and is out of service".into(),
    }
}

/// What the one who signed up is shown; `token` only in the answer that gives it.
pub(in crate::api) fn shown(record: &SignupRecord, settings: &Settings, token: Option<String>) -> SignupStatus {
    let tenant = record.tenant.as_ref().map(|tenant| {
        let stage = TenantStage::of(tenant.status, tenant.was_active);
        SignupTenant {
            key: record.key.clone(),
            stage,
            percent: percent_of(tenant, stage),
            url: tenant.host.as_deref().map(|host| url_of(host, settings)),
            host: tenant.host.clone(),
        }
    });
    SignupStatus {
        state: record.state,
        progress: words(record, tenant.as_ref().map(|tenant| tenant.stage)),
        key: record.key.clone(),
        tenant,
        expires_at: record.expires_at.filter(|_| record.state.is_waiting()),
        created_at: record.created_at,
        token,
    }
}

/// Whether nothing more will happen that the one who signed up waits for.
pub(in crate::api) fn is_final(status: &SignupStatus) -> bool {
    match status.state {
        SignupState::WaitingProof | SignupState::WaitingApproval => false,
        SignupState::Refused | SignupState::Expired => true,
        SignupState::Accepted => {
            status.tenant.as_ref().is_none_or(|tenant| matches!(tenant.stage, TenantStage::Ready | TenantStage::Closed))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_words() {
        assert_eq!(STEPS.len(), StepKind::ALL.len());
    }
}
