//! The list of steps, and which of them an operation walks in which order.

use crate::domain::operation::{Action, OperationKind, StepKind};

/// Every step in the order in which a tenant is made. The only such list.
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

/// What an operation does, step by step.
///
/// Making walks the list forwards, removing walks it backwards. Suspending goes from the outside in: the route leads to
/// the page before the container stops, so that nobody meets a dead container.
#[must_use]
pub fn plan(kind: OperationKind) -> Vec<(StepKind, Action)> {
    let all = STEPS.iter().copied();
    match kind {
        OperationKind::Provision | OperationKind::Reconverge | OperationKind::Reactivate => {
            all.map(|step| (step, Action::Ensure)).collect()
        }
        OperationKind::Suspend => {
            [StepKind::Route, StepKind::Proof, StepKind::Container].map(|step| (step, Action::Ensure)).to_vec()
        }
        OperationKind::Deprovision => all.rev().map(|step| (step, Action::Remove)).collect(),
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
    fn removal_is_the_way_back() {
        let there: Vec<StepKind> = plan(OperationKind::Provision).into_iter().map(|(step, _)| step).collect();
        let mut back: Vec<StepKind> = plan(OperationKind::Deprovision).into_iter().map(|(step, _)| step).collect();
        back.reverse();
        assert_eq!(there, back);
    }
}
