//! I13: the recorded moves of every tenant are a chain of legal ones that ends where the row is.

use serde_json::{Value, json};

use crate::domain::status::Status;
use crate::store::evidence::History;
use crate::verify::violation::{Invariant, Violation};

/// Follows every chain.
#[must_use]
pub fn check(histories: &[History]) -> Vec<Violation> {
    histories.iter().filter_map(first_break).collect()
}

/// Later breaks follow from the first.
fn first_break(history: &History) -> Option<Violation> {
    let broken = |what: &str, expected: Value, found: Value| Violation {
        invariant: Invariant::I13,
        tenant_id: Some(history.tenant_id),
        tenant_key: Some(history.key.clone()),
        what: what.to_owned(),
        expected,
        found,
    };
    let mut at: Option<&str> = None;
    for step in &history.moves {
        let shown = json!([step.from, step.to]);
        if step.from.as_deref() != at {
            return Some(broken("a change of status is missing from the record", json!(at), shown));
        }
        if !is_legal(step.from.as_deref(), &step.to) {
            return Some(broken("a change of status that the transition table forbids", Value::Null, shown));
        }
        at = Some(&step.to);
    }
    if at == Some(&history.status) {
        return None;
    }
    Some(broken("the record does not end in the tenant's status", json!(history.status), json!(at)))
}

fn is_legal(from: Option<&str>, to: &str) -> bool {
    let to = Status::parse(to);
    match from {
        None => to == Some(Status::Pending),
        Some(from) => match (Status::parse(from), to) {
            // Releases that knew no grace went this way; the present trigger refuses it.
            (Some(Status::Deleting), Some(Status::Deleted)) => true,
            (Some(from), Some(to)) => from.may_become(to),
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::TenantId;
    use crate::store::evidence::Move;

    fn history(moves: &[(&str, &str)], status: &str) -> History {
        let moves = moves.iter().map(|(from, to)| Move {
            from: Some((*from).to_owned()).filter(|word| !word.is_empty()),
            to: (*to).to_owned(),
        });
        let tenant_id = TenantId::from_uuid(uuid::Uuid::from_u128(1));
        History { tenant_id, key: "acme".into(), status: status.into(), moves: moves.collect() }
    }

    #[test]
    fn a_whole_chain_passes() {
        let chain = [("", "pending"), ("pending", "provisioning"), ("provisioning", "active"), ("active", "deleting")];
        assert_eq!(check(&[history(&chain, "deleting")]), []);
    }

    #[test]
    fn every_kind_of_break_is_found() {
        for (why, moves, status) in [
            ("no record at all", vec![], "active"),
            ("a gap", vec![("", "pending"), ("provisioning", "active")], "active"),
            ("a wrong beginning", vec![("", "active")], "active"),
            ("an illegal move", vec![("", "pending"), ("pending", "active")], "active"),
            ("an unknown word", vec![("", "pending"), ("pending", "asleep")], "asleep"),
            ("another end", vec![("", "pending"), ("pending", "provisioning")], "active"),
        ] {
            let found = check(&[history(&moves, status)]);
            assert_eq!(found.len(), 1, "{why}");
            assert_eq!(found[0].invariant, Invariant::I13);
        }
    }
}
