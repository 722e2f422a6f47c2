//! A lookup table from the text of a grant to its position in the subject's set.
//!
//! A check asks for each grant of a document whether the subject holds it, and mostly the answer is no. A `HashSet`
//! would hash the whole text each time. Here a text is rejected by its length, or else by its fingerprint, usually
//! without comparing any text. What is found is a position, because `Held` intersects levels as bits of positions.
//!
//! The table has several slots per grant. A slot that several grants share is marked, and those grants are found by
//! binary search in the set. So grants that were chosen to collide cost a binary search and no more.

use crate::acl::fingerprint::{Fingerprint, same};
use crate::acl::{Grant, GrantSet};

/// The table of one set of grants.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Positions {
    slots: Box<[u16]>,
    // The number of slots is 2 to the power of this.
    bits: u32,
    // The lengths of the grants, as bits: bit N stands for N, N + 64, … bytes.
    lengths: u64,
}

const EMPTY: u16 = 0;
const SHARED: u16 = u16::MAX;
/// Maximum position, plus one, that a slot can hold.
const MAX_NUMBER: usize = u16::MAX as usize - 1;

impl Positions {
    /// Builds the table of this set.
    pub(super) fn of(grants: &GrantSet) -> Self {
        let size = (8 * grants.len()).next_power_of_two().clamp(64, 1 << 16);
        let mut positions = Self { slots: vec![EMPTY; size].into(), bits: size.trailing_zeros(), lengths: 0 };
        for (number, grant) in (1_usize..).zip(grants) {
            positions.lengths |= length_bit(grant.as_str());
            let slot = positions.slot(grant.fingerprint());
            if let Some(slot) = positions.slots.get_mut(slot) {
                let is_first = *slot == EMPTY && number <= MAX_NUMBER;
                *slot = u16::try_from(number).ok().filter(|_| is_first).unwrap_or(SHARED);
            }
        }
        positions
    }

    /// Returns the position of the grant in the set, which must be the set of the table.
    #[inline]
    pub(super) fn find(&self, grants: &GrantSet, grant: &Grant) -> Option<usize> {
        match self.number(grant.fingerprint()) {
            EMPTY => None,
            number => confirm_apart(number, grants, grant),
        }
    }

    /// Returns the position of the grant with this text in the set, which must be the set of the table.
    #[inline]
    pub(super) fn find_text(&self, grants: &GrantSet, text: &str) -> Option<usize> {
        // Often decided by the length alone, without reading the text.
        if self.lengths & length_bit(text) == 0 {
            return None;
        }
        let fingerprint = Fingerprint::of(text);
        match self.number(fingerprint) {
            EMPTY => None,
            number => confirm(number, grants, text, fingerprint),
        }
    }

    #[inline]
    fn number(&self, fingerprint: Fingerprint) -> u16 {
        self.slots.get(self.slot(fingerprint)).copied().unwrap_or(SHARED)
    }

    #[inline]
    const fn slot(&self, fingerprint: Fingerprint) -> usize {
        fingerprint.upper_bits(self.bits) as usize
    }
}

#[inline]
const fn length_bit(text: &str) -> u64 {
    1 << (text.len() & 63)
}

// Kept out of line because lists of grants whose fingerprints are known are checked faster without it in the loop.
#[inline(never)]
fn confirm_apart(number: u16, grants: &GrantSet, grant: &Grant) -> Option<usize> {
    confirm(number, grants, grant.as_str(), grant.fingerprint())
}

#[inline(always)]
fn confirm(number: u16, grants: &GrantSet, text: &str, fingerprint: Fingerprint) -> Option<usize> {
    let position = usize::from(number) - 1;
    match grants.as_slice().get(position) {
        Some(grant) if number != SHARED => {
            (grant.fingerprint() == fingerprint && same(grant.as_str(), text)).then_some(position)
        }
        _ => search(grants, text),
    }
}

#[cold]
fn search(grants: &GrantSet, text: &str) -> Option<usize> {
    grants.position(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(grants: &GrantSet, text: &str) -> Option<usize> {
        Positions::of(grants).find_text(grants, text)
    }

    #[test]
    fn every_grant_of_a_set_is_found_and_no_other_text() {
        for count in [0, 1, 11, 64, 65, 1_000] {
            let texts: Vec<String> = (0..2 * count).map(|n| format!("team-{n}")).collect();
            let even: GrantSet = texts.iter().step_by(2).map(|text| Grant::parse(text).unwrap()).collect();
            let positions = Positions::of(&even);
            for (n, text) in texts.iter().enumerate() {
                let place = positions.find_text(&even, text);
                assert_eq!(place, even.position(text), "{text}");
                assert_eq!(place.is_some(), n % 2 == 0, "{text}");
            }
            assert_eq!(positions.find_text(&even, ""), None);
        }
    }

    #[test]
    fn grants_that_have_the_same_ends_are_told_apart() {
        let texts: Vec<String> = (0..300).map(|n| format!("department-{n:05}-of-everything")).collect();
        let all = GrantSet::parse(&texts).unwrap();
        assert!(texts.iter().all(|text| found(&all, text) == all.position(text)));
        let one = GrantSet::parse(&texts[..1]).unwrap();
        assert_eq!(found(&one, &texts[0]), Some(0));
        assert_eq!(found(&one, &texts[1]), None);
    }

    #[test]
    fn a_set_that_is_larger_than_the_table_is_searched() {
        let texts: Vec<String> = (0..70_000).map(|n| format!("{n:06}")).collect();
        let most: GrantSet = texts.iter().skip(1).map(|text| Grant::parse(text).unwrap()).collect();
        let positions = Positions::of(&most);
        for (n, text) in texts.iter().enumerate() {
            assert_eq!(positions.find_text(&most, text), n.checked_sub(1), "{text}");
        }
    }
}
