//! The numbers of the control database's advisory locks, in one place so that no two are the same.

/// Held by whoever takes a subnet, or says of one that nobody has it.
pub(super) const SUBNETS: i64 = 0x6761_7465_7761_7901;
/// Held while a tenant is put into a pool or onto a server.
pub(super) const PLACES: i64 = 0x6761_7465_7761_7902;
/// Held by whoever reconciles or collects.
pub(super) const RECONCILE: i64 = 0x6761_7465_7761_7903;
/// Held by whoever publishes where pools are.
pub(super) const PUBLISH: i64 = 0x6761_7465_7761_7904;
/// Held by whoever looks whether the members of pools answer.
pub(super) const LOOK_AT_MEMBERS: i64 = 0x6761_7465_7761_7905;
/// Held by whoever samples levels of the fleet.
pub(super) const SAMPLE: i64 = 0x6761_7465_7761_7906;
/// Held by whoever writes Traefik's whole tree after it was lost.
pub(super) const RESTORE_TREE: i64 = 0x6761_7465_7761_7907;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_lock_has_a_number_of_its_own() {
        let source = include_str!("locks.rs");
        let told = source.lines().filter(|line| line.starts_with("pub(super) const ")).count();
        let numbers = BTreeSet::from([SUBNETS, PLACES, RECONCILE, PUBLISH, LOOK_AT_MEMBERS, SAMPLE, RESTORE_TREE]);
        assert_eq!(numbers.len(), told);
    }
}
