//! The grants of the subject that every level so far has, for `Nesting::Intersect`.
//!
//! Grants are positions in the subject's set (see `positions`), so the intersection needs no texts: for up to 64
//! grants it is an AND of bit masks, without allocation. For more there is a counter per grant instead of a longer bit
//! set. A level then touches only the counters of the grants that it has; clearing or copying a bit set per level
//! would cost the number of the subject's grants for every level of the document.

/// Which grants of the subject every level so far has, by their positions.
pub(super) enum Held {
    /// A bit per grant.
    Few { left: u64 },
    /// Per grant the number of levels that have it, counted while they are the first `done` levels without a gap.
    Many { levels: Vec<usize>, done: usize, marked: usize },
}

impl Held {
    /// All grants, before the first level.
    pub(super) fn all_of(count: usize) -> Self {
        match count {
            0..=64 => Self::Few { left: u64::MAX },
            _ => Self::Many { levels: vec![0; count], done: 0, marked: 0 },
        }
    }

    /// Notes that the current level has the grant at this position. `few` holds the bits of the current level; it
    /// starts at 0.
    #[inline]
    pub(super) fn mark(&mut self, position: usize, few: &mut u64) {
        match self {
            Self::Few { .. } => *few |= 1 << (position & 63),
            Self::Many { levels, done, marked } => {
                if let Some(level) = levels.get_mut(position)
                    && *level == *done
                {
                    *level += 1;
                    *marked += 1;
                }
            }
        }
    }

    /// Ends the current level: keeps only the noted grants. Returns whether any are left.
    #[inline]
    pub(super) fn keep_marked(&mut self, few: u64) -> bool {
        match self {
            Self::Few { left } => {
                *left &= few;
                *left != 0
            }
            Self::Many { done, marked, .. } => {
                *done += 1;
                std::mem::take(marked) > 0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_level_lacks_is_gone() {
        for count in [64, 65] {
            let mut held = Held::all_of(count);
            for (positions, some_are_left) in
                [(vec![0, 5, 63, 5], true), (vec![5, 7], true), (vec![0, 7, 63], false), (vec![0, 5, 7, 63], false)]
            {
                let mut few = 0;
                positions.iter().for_each(|position| held.mark(*position, &mut few));
                assert_eq!(held.keep_marked(few), some_are_left, "{count} {positions:?}");
            }
        }
    }
}
