//! The list of steps, and which of them an operation walks in which order.

use crate::domain::operation::{Action, OperationKind, StepKind};
use crate::domain::tenant::Tier;

/// Every step, in the order in which a dedicated tenant is made; [`plan`] says where another tier differs. The only such list.
pub const STEPS: &[StepKind] = &[
    StepKind::Allocate,
    StepKind::Role,
    StepKind::Database,
    StepKind::Migrations,
    StepKind::Network,
    StepKind::Container,
    StepKind::Route,
    StepKind::Proof,
];

const _: () = assert!(STEPS.len() == StepKind::ALL.len(), "every kind of step is in the list");

/// How a tenant leaves the world, from the outside in: nobody is led to it, which is proved, before anything it needs goes.
const WITHDRAWAL: [StepKind; 4] = [StepKind::Route, StepKind::Proof, StepKind::Container, StepKind::Network];

/// The steps in the order in which a tenant of this tier is made: one that is served by a pool is led to before its own
/// network is there, which takes Docker longer than everything else together.
fn making(tier: Tier) -> Vec<(StepKind, Action)> {
    let comes_last = |step: &StepKind| tier == Tier::Shared && *step == StepKind::Network;
    let (last, first): (Vec<StepKind>, Vec<StepKind>) = STEPS.iter().partition(|step| comes_last(step));
    first.into_iter().chain(last).map(|step| (step, Action::Ensure)).collect()
}

/// What an operation does, step by step.
///
/// Making walks the list forwards. Suspending goes from the outside in: the route leads to the page before the container
/// stops, so that nobody meets a dead container. A deletion withdraws the tenant and retires its database. The purge after
/// the grace begins with that database, which it refuses to drop unless it is retired, before anything else is touched;
/// then it withdraws once more whatever came back, and removes the rest.
#[must_use]
pub fn plan(kind: OperationKind, tier: Tier) -> Vec<(StepKind, Action)> {
    let withdrawal = WITHDRAWAL.map(|step| (step, Action::Remove));
    match kind {
        OperationKind::Provision
        | OperationKind::Reconverge
        | OperationKind::Reactivate
        | OperationKind::Rotate
        | OperationKind::Move
        | OperationKind::Undelete => making(tier),
        OperationKind::Suspend => {
            [StepKind::Route, StepKind::Proof, StepKind::Container].map(|step| (step, Action::Ensure)).to_vec()
        }
        OperationKind::Deprovision => withdrawal.into_iter().chain([(StepKind::Database, Action::Retire)]).collect(),
        OperationKind::Purge => {
            let rest = [StepKind::Role, StepKind::Allocate].map(|step| (step, Action::Remove));
            [(StepKind::Database, Action::Remove)].into_iter().chain(withdrawal).chain(rest).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_every_kind_once() {
        assert_eq!(STEPS, StepKind::ALL);
    }

    #[test]
    fn a_purge_removes_what_every_step_made() {
        let removed: Vec<StepKind> =
            plan(OperationKind::Purge, Tier::Dedicated).into_iter().map(|(step, _)| step).collect();
        for step in STEPS.iter().filter(|step| **step != StepKind::Migrations) {
            assert!(removed.contains(step), "{step}: only the schema goes with its database");
        }
    }

    #[test]
    fn a_container_has_its_network_before_it_is_led_to_and_a_pool_waits_for_none() {
        let place = |tier, step| plan(OperationKind::Provision, tier).iter().position(|(one, _)| *one == step);
        assert!(place(Tier::Dedicated, StepKind::Network) < place(Tier::Dedicated, StepKind::Container));
        assert!(place(Tier::Dedicated, StepKind::Container) < place(Tier::Dedicated, StepKind::Route));
        assert_eq!(place(Tier::Shared, StepKind::Network), Some(STEPS.len() - 1));
        assert!(place(Tier::Shared, StepKind::Migrations) < place(Tier::Shared, StepKind::Route));
    }

    #[test]
    fn no_plan_names_a_step_twice() {
        for (kind, tier) in
            OperationKind::ALL.iter().flat_map(|kind| [Tier::Shared, Tier::Dedicated].map(|tier| (kind, tier)))
        {
            let mut steps: Vec<StepKind> = plan(*kind, tier).into_iter().map(|(step, _)| step).collect();
            let all = steps.len();
            steps.sort_unstable();
            steps.dedup();
            assert_eq!(steps.len(), all, "{kind}: a failpoint is named by kind and step");
        }
    }
}
