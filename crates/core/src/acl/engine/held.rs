/// Which of the subject's grants were on every level so far, by their positions in its set.
///
/// Up to 64 grants need no allocation.
pub(super) enum Held {
    /// A bit for each.
    Few { left: u64 },
    /// For each the number of levels, the first ones without a gap, that had it: no level has to clear them all.
    Many { levels: Vec<usize>, done: usize, marked: usize },
}

impl Held {
    /// All of so many grants, before the first level.
    pub(super) fn all_of(count: usize) -> Self {
        match count {
            0..=64 => Self::Few { left: u64::MAX },
            _ => Self::Many { levels: vec![0; count], done: 0, marked: 0 },
        }
    }

    /// The level at hand has the grant at this position; `few` is its own, and nothing before the first.
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

    /// Ends the level: only what was marked is left. Whether anything is.
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
