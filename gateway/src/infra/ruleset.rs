//! The nftables table that keeps networks apart, in the JSON that `nft` reads and lists. Pure.
//!
//! The rules are the same for any number of networks: whose a packet is, a set says, of the first addresses of parts of the
//! size of a tenant's network. Such a set is looked up and changed at the same cost however many are in it, and holds no two
//! that overlap.
//!
//! # Guarantees
//! - A packet to a network of ours comes from its own bridge, from the host, or is the answer to one from inside.
//! - A packet from one network of ours to another is dropped before any connection is looked up, also where it claims an
//!   address of somebody outside.
//! - Each change is one transaction: at no moment do some of the rules stand and others not.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::domain::ids::InstallationId;
use crate::domain::subnet::{BRIDGE_PREFIX, TENANT_PREFIX, tenant_parts};

const FAMILY: &str = "inet";
/// The set of the first address of each part of a subnet.
const SET: &str = "subnets";
/// What leads from an address to the first one of its part.
const PART_MASK: u32 = u32::MAX << (32 - TENANT_PREFIX);

/// A chain that is hooked into the kernel.
struct Chain {
    name: &'static str,
    kind: &'static str,
    hook: &'static str,
    priority: i64,
    rules: Vec<Value>,
}

/// What stands of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenWalls {
    /// Whether set, chains and rules are exactly ours.
    pub stand: bool,
    /// The subnets that the rules are about, in parts of the size of a tenant's.
    pub subnets: BTreeSet<Ipv4Net>,
}

impl SeenWalls {
    /// Whether a network on this subnet is kept apart from the others.
    #[must_use]
    pub fn keep(&self, subnet: Ipv4Net) -> bool {
        self.stand && tenant_parts(subnet).all(|part| self.subnets.contains(&part))
    }
}

/// The table of one control plane. Two of them may share an engine; each has its own.
#[derive(Clone, Debug)]
pub(super) struct Ruleset {
    table: String,
}

fn of_set(field: &str, operator: &str) -> Value {
    let address = json!({ "payload": { "protocol": "ip", "field": field } });
    let part = json!({ "&": [address, Ipv4Addr::from(PART_MASK)] });
    json!({ "match": { "op": operator, "left": part, "right": format!("@{SET}") } })
}

fn from_ours() -> Value {
    of_set("saddr", "==")
}

fn to_ours() -> Value {
    of_set("daddr", "==")
}

/// That the destination is not behind the interface that the packet came from: what stays within one bridge comes by here
/// where the kernel filters bridges, and is nobody's business.
fn to_another_link() -> Value {
    let route = json!({ "fib": { "result": "oif", "flags": ["daddr", "iif"] } });
    json!({ "match": { "op": "==", "left": route, "right": false } })
}

fn from_a_bridge_of_ours() -> Value {
    let name = json!({ "meta": { "key": "iifname" } });
    json!({ "match": { "op": "==", "left": name, "right": format!("{BRIDGE_PREFIX}*") } })
}

fn in_state(state: &str) -> Value {
    json!({ "match": { "op": "in", "left": { "ct": { "key": "state" } }, "right": state } })
}

/// The chains, in the form in which `nft` lists them.
fn chains() -> [Chain; 2] {
    let (drop, accept, masquerade) =
        (json!({ "drop": null }), json!({ "accept": null }), json!({ "masquerade": null }));
    let forward = vec![
        json!([from_ours(), to_ours(), to_another_link(), drop]),
        json!([from_a_bridge_of_ours(), to_ours(), to_another_link(), drop]),
        json!([to_ours(), in_state("established"), accept]),
        json!([to_ours(), in_state("related"), accept]),
        json!([to_ours(), to_another_link(), drop]),
    ];
    let outward = vec![json!([from_ours(), of_set("daddr", "!="), masquerade])];
    [
        Chain { name: "forward", kind: "filter", hook: "forward", priority: 0, rules: forward },
        Chain { name: "postrouting", kind: "nat", hook: "postrouting", priority: 100, rules: outward },
    ]
}

fn elements(subnets: &[Ipv4Net]) -> BTreeSet<Ipv4Addr> {
    subnets.iter().flat_map(|subnet| tenant_parts(*subnet)).map(|part| part.network()).collect()
}

/// The part that an element of the set stands for. Another address than the first of a part matches no packet.
fn part(element: &Value) -> Option<Ipv4Net> {
    let part = Ipv4Net::new(element.as_str()?.parse().ok()?, TENANT_PREFIX).ok()?;
    (part.addr() == part.network()).then_some(part)
}

/// A rule as this file writes it: nft 1.1.4 and later list whether there is a route as `check`, and one flag without a list.
fn in_one_spelling(rule: &Value) -> Value {
    match rule {
        Value::Array(all) => all.iter().map(in_one_spelling).collect(),
        Value::Object(all) => {
            let spelt = all.iter().map(|(name, value)| match (name.as_str(), value) {
                ("result", Value::String(result)) if result == "check" => (name.clone(), json!("oif")),
                ("flags", Value::String(flag)) => (name.clone(), json!([flag])),
                _ => (name.clone(), in_one_spelling(value)),
            });
            Value::Object(spelt.collect())
        }
        plain => plain.clone(),
    }
}

fn transaction(commands: &[Value]) -> Value {
    json!({ "nftables": commands })
}

/// The objects of one kind in a listing.
fn listed<'a>(listing: &'a Value, kind: &'static str) -> impl Iterator<Item = &'a Value> {
    let all = listing.get("nftables").and_then(Value::as_array);
    all.into_iter().flatten().filter_map(move |one| one.get(kind))
}

impl Ruleset {
    pub(super) fn of(installation: InstallationId) -> Self {
        Self { table: format!("gateway_{}", installation.as_uuid().simple()) }
    }

    pub(super) fn table(&self) -> &str {
        &self.table
    }

    /// Whether a listing of tables names ours.
    pub(super) fn is_listed(&self, tables: &Value) -> bool {
        listed(tables, "table").any(|table| table["family"] == FAMILY && table["name"] == self.table)
    }

    /// These subnets beside those in the set, and a listing of the table, which tells whether the rules are there.
    pub(super) fn add(&self, subnets: &[Ipv4Net]) -> Value {
        let table = json!({ "table": { "family": FAMILY, "name": self.table } });
        transaction(&[json!({ "add": self.elements(subnets) }), json!({ "list": table })])
    }

    /// Table, set and chains where they are not there, all rules anew, and these subnets beside those in the set.
    pub(super) fn lay(&self, subnets: &[Ipv4Net]) -> Value {
        transaction(&self.laying(subnets))
    }

    /// The same, without these subnets in the set afterwards, whether they were in it or not.
    pub(super) fn lower(&self, subnets: &[Ipv4Net]) -> Value {
        let mut commands = self.laying(subnets);
        commands.push(json!({ "delete": self.elements(subnets) }));
        transaction(&commands)
    }

    /// The whole table anew, whatever has its name, with only these subnets.
    pub(super) fn rebuild(&self, subnets: &[Ipv4Net]) -> Value {
        let table = || json!({ "table": { "family": FAMILY, "name": self.table } });
        let mut commands = vec![json!({ "add": table() }), json!({ "delete": table() })];
        commands.extend(self.laying(subnets));
        transaction(&commands)
    }

    fn laying(&self, subnets: &[Ipv4Net]) -> Vec<Value> {
        let (family, table) = (FAMILY, &self.table);
        let set = json!({ "family": family, "table": table, "name": SET, "type": "ipv4_addr" });
        let mut commands =
            vec![json!({ "add": { "table": { "family": family, "name": table } } }), json!({ "add": { "set": set } })];
        for Chain { name, kind, hook, priority, rules } in chains() {
            let hooked = json!({ "family": family, "table": table, "name": name, "type": kind, "hook": hook,
                                 "prio": priority, "policy": "accept" });
            commands.push(json!({ "add": { "chain": hooked } }));
            commands.push(json!({ "flush": { "chain": { "family": family, "table": table, "name": name } } }));
            commands.extend(rules.into_iter().map(
                |expr| json!({ "add": { "rule": { "family": family, "table": table, "chain": name, "expr": expr } } }),
            ));
        }
        if !subnets.is_empty() {
            commands.push(json!({ "add": self.elements(subnets) }));
        }
        commands
    }

    fn elements(&self, subnets: &[Ipv4Net]) -> Value {
        json!({ "element": { "family": FAMILY, "table": self.table, "name": SET, "elem": elements(subnets) } })
    }

    /// Compares a listing of the table with what it should be. A set of another type, a chain hooked elsewhere, a rule that is
    /// missing, changed, moved or not ours: then it does not stand.
    pub(super) fn read(&self, listing: &Value) -> SeenWalls {
        let sets: Vec<&Value> = listed(listing, "set").collect();
        let is_set_ours = matches!(sets.as_slice(), [one] if one["name"] == SET && one["type"] == "ipv4_addr"
            && one.get("flags").is_none());
        let chains = chains();
        let are_chains_ours = listed(listing, "chain").count() == chains.len()
            && chains.iter().all(|wanted| {
                let mut found = listed(listing, "chain").filter(|chain| chain["name"] == wanted.name);
                let is_hooked = found.next().is_some_and(|chain| {
                    chain["type"] == wanted.kind
                        && chain["hook"] == wanted.hook
                        && chain["prio"] == wanted.priority
                        && chain["policy"] == "accept"
                });
                let rules = listed(listing, "rule").filter(|rule| rule["chain"] == wanted.name);
                is_hooked && rules.map(|rule| in_one_spelling(&rule["expr"])).eq(wanted.rules.iter().cloned())
            });
        let subnets = sets.iter().filter_map(|set| set["elem"].as_array()).flatten().filter_map(part).collect();
        SeenWalls { stand: is_set_ours && are_chains_ours, subnets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    fn ruleset() -> Ruleset {
        Ruleset::of(InstallationId::from_uuid(uuid::Uuid::from_u128(7)))
    }

    /// What `nft` would list once a transaction without deletions is through.
    fn listing(laid: &Value) -> Value {
        let added = listed(laid, "add").filter(|one| one.get("element").is_none()).cloned();
        let mut all: Vec<Value> = added.collect();
        let elements = listed(laid, "add").find_map(|one| one.get("element"));
        for set in all.iter_mut().filter_map(|one| one.get_mut("set")) {
            set["elem"] = elements.map_or(Value::Null, |elements| elements["elem"].clone());
        }
        transaction(&all)
    }

    #[test]
    fn what_was_laid_stands_and_keeps_both_halves_of_a_pool() {
        let (tenant, pool) = (net("10.88.0.0/28"), net("10.88.0.32/27"));
        let seen = ruleset().read(&listing(&ruleset().lay(&[tenant, pool])));
        assert!(seen.stand && seen.keep(tenant) && seen.keep(pool) && !seen.keep(net("10.88.0.16/28")), "{seen:?}");
        assert_eq!(seen.subnets.len(), 3);
    }

    #[test]
    fn rules_stand_as_a_newer_nft_lists_them() {
        let listed = listing(&ruleset().lay(&[])).to_string();
        let newer = listed.replace(r#""result":"oif""#, r#""result":"check""#);
        assert_ne!(listed, newer);
        assert!(ruleset().read(&serde_json::from_str(&newer).unwrap()).stand);
        assert!(!ruleset().read(&serde_json::from_str(&newer.replace("check", "type")).unwrap()).stand);
    }

    #[test]
    fn the_rules_are_as_many_for_a_thousand_networks() {
        let rules = |count: u32| {
            let subnets: Vec<Ipv4Net> =
                (0..count).map(|n| Ipv4Net::new((0x0a58_0000 + n * 16).into(), 28).unwrap()).collect();
            let laid = ruleset().lay(&subnets);
            laid["nftables"].as_array().unwrap().len()
        };
        assert_eq!(rules(1000), rules(1));
    }

    #[test]
    fn whatever_is_changed_by_hand_is_seen() {
        type Break = fn(&mut Vec<Value>);
        let breaks: [(&str, Break); 7] = [
            ("a rule less", |all| drop(all.remove(all.iter().position(|one| one.get("rule").is_some()).unwrap()))),
            ("a rule more", |all| {
                let rule = all.iter().find(|one| one.get("rule").is_some()).unwrap().clone();
                all.push(rule);
            }),
            ("another order", |all| {
                let rules: Vec<usize> = (0..all.len()).filter(|place| all[*place].get("rule").is_some()).collect();
                all.swap(rules[0], rules[2]);
            }),
            ("a rule that lets through", |all| {
                let rule = all.iter_mut().find_map(|one| one.get_mut("rule")).unwrap();
                rule["expr"][3] = json!({ "accept": null });
            }),
            ("a chain hooked elsewhere", |all| {
                all.iter_mut().find_map(|one| one.get_mut("chain")).unwrap()["hook"] = json!("input");
            }),
            ("a chain more", |all| all.push(json!({ "chain": { "name": "mine" } }))),
            ("another set", |all| all.iter_mut().find_map(|one| one.get_mut("set")).unwrap()["type"] = json!("mark")),
        ];
        for (what, damage) in breaks {
            let mut listing = listing(&ruleset().lay(&[net("10.88.0.0/28")]));
            assert!(ruleset().read(&listing).stand);
            damage(listing["nftables"].as_array_mut().unwrap());
            let seen = ruleset().read(&listing);
            assert!(!seen.stand && !seen.keep(net("10.88.0.0/28")), "{what}");
        }
    }
}
