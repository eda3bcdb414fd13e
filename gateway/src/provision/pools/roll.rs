//! Which container of a pool comes or goes next. Pure: what was seen decides, so that whoever goes on after a worker died
//! decides the same.

/// A member as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its address in the pool's network.
    pub place: u8,
    /// Whether it is as the pool wants its containers. One that is not is replaced.
    pub current: bool,
    /// Whether its container is there and runs, or is being started over.
    pub up: bool,
    /// Whether it answers.
    pub healthy: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Make so many members more.
    Make(usize),
    /// Make the containers of these members again.
    Remake(Vec<u8>),
    /// Some member has yet to answer.
    Wait,
    /// Lead nobody to this member any more, and take it away.
    Retire(u8),
    /// All is as wanted.
    Done,
}

/// Brings `members` to `replicas` that are current, one more at most at any time. A member goes only when those that are
/// current answer, so a description that does not work stops at its first container and the former ones go on.
#[must_use]
pub fn next(members: &[Seen], replicas: usize) -> Next {
    let current = || members.iter().filter(|member| member.current);
    let broken: Vec<u8> = current().filter(|member| !member.up).map(|member| member.place).collect();
    if !broken.is_empty() {
        return Next::Remake(broken);
    }
    if current().any(|member| !member.healthy) {
        return Next::Wait;
    }
    // Those that answer go last.
    let worst = |current: bool| {
        let those = members.iter().filter(|member| member.current == current);
        those.min_by_key(|member| (member.healthy, member.up, member.place)).map(|member| member.place)
    };
    let missing = replicas.saturating_sub(current().count());
    if missing > 0 {
        let room = (replicas + 1).saturating_sub(members.len());
        return match worst(false) {
            Some(old) if room == 0 => Next::Retire(old),
            _ => Next::Make(missing.min(room)),
        };
    }
    let is_too_many = current().count() > replicas;
    let goes = worst(false).or_else(|| worst(true).filter(|_| is_too_many));
    goes.map_or(Next::Done, Next::Retire)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn good(place: u8) -> Seen {
        Seen { place, current: true, up: true, healthy: true }
    }

    const fn old(place: u8) -> Seen {
        Seen { current: false, ..good(place) }
    }

    #[test]
    fn a_new_pool_makes_all_at_once_and_a_changed_one_one_by_one() {
        assert_eq!(next(&[], 3), Next::Make(3));
        assert_eq!(next(&[good(0), good(1), good(2)], 3), Next::Done);
        assert_eq!(next(&[old(0), old(1)], 2), Next::Make(1));
        assert_eq!(next(&[old(0), old(1), Seen { healthy: false, ..good(2) }], 2), Next::Wait);
        assert_eq!(next(&[old(0), old(1), good(2)], 2), Next::Retire(0));
        assert_eq!(next(&[old(1), good(2)], 2), Next::Make(1));
        assert_eq!(next(&[old(1), good(2), good(3)], 2), Next::Retire(1));
        assert_eq!(next(&[good(2), good(3)], 2), Next::Done);
    }

    #[test]
    fn a_single_one_is_replaced_without_a_gap() {
        assert_eq!(next(&[old(0)], 1), Next::Make(1));
        assert_eq!(next(&[old(0), good(1)], 1), Next::Retire(0));
    }

    #[test]
    fn more_or_fewer_of_the_same_come_and_go() {
        assert_eq!(next(&[good(0), good(1)], 3), Next::Make(1));
        assert_eq!(next(&[good(0), good(1), good(2)], 1), Next::Retire(0));
    }

    #[test]
    fn what_does_not_answer_is_mended_first_and_goes_first() {
        let dead = |member: Seen| Seen { up: false, healthy: false, ..member };
        assert_eq!(next(&[good(0), dead(good(1))], 2), Next::Remake(vec![1]));
        let deaf = Seen { healthy: false, ..old(1) };
        assert_eq!(next(&[old(0), deaf, old(2)], 2), Next::Retire(1), "a broken change is taken back first");
        assert_eq!(next(&[good(0), deaf], 1), Next::Retire(1));
    }

    /// Whatever there is, doing what is said comes to an end, with the replicas and never more than one above; those that
    /// answer never become fewer than they were, or than are wanted.
    #[test]
    fn every_beginning_ends_well() {
        for replicas in 1..=4_usize {
            for begin in 0..4_u32.pow(5) {
                let kinds = [good(0), old(0), Seen { healthy: false, ..old(0) }];
                let mut members: Vec<Seen> = (0..5_u8)
                    .filter_map(|place| {
                        let kind = begin / 4_u32.pow(u32::from(place)) % 4;
                        Some(Seen { place, ..*kinds.get(kind as usize)? })
                    })
                    .collect();
                let most = members.len().max(replicas + 1);
                let answering = |members: &[Seen]| members.iter().filter(|member| member.healthy).count();
                let least = answering(&members).min(replicas);
                let mut free = 5;
                let ended = (0..100).any(|_| match next(&members, replicas) {
                    Next::Done => true,
                    Next::Make(count) => {
                        assert!(count > 0, "{members:?} to {replicas}");
                        for _ in 0..count {
                            members.push(good(free));
                            free += 1;
                        }
                        assert!(members.len() <= most, "{members:?} to {replicas}");
                        false
                    }
                    Next::Retire(place) => {
                        members.retain(|member| member.place != place);
                        assert!(answering(&members) >= least, "{members:?} to {replicas}");
                        false
                    }
                    Next::Remake(_) | Next::Wait => false,
                });
                assert!(ended, "{begin} to {replicas}");
                assert_eq!(members.len(), replicas);
                assert!(members.iter().all(|member| member.current));
            }
        }
    }
}
