//! Fingerprints: a 64-bit number for each grant, computed from its length and its first and last bytes.
//!
//! A check compares each grant of a document with all grants of the subject. Hashing every text for a `HashSet`
//! (SipHash over all bytes) would cost more than the rest of the check. A fingerprint reads at most 16 bytes without a
//! loop, and usually shows on its own that a text is not held. Equal fingerprints prove nothing: texts may share both
//! ends, so [`same`] compares the texts before a grant counts as held. Attackers who choose grants can make
//! fingerprints collide; `positions` bounds what that costs.

/// A number computed from the length and the ends of a text. Texts that differ in one of these rarely share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Fingerprint(u64);

/// The maximum length of a text that its two ends contain completely.
const SHORT: usize = 16;

impl Fingerprint {
    /// Computes the fingerprint of a text.
    #[inline]
    pub(super) fn of(text: &str) -> Self {
        let (head, tail) = ends(text.as_bytes());
        Self((head ^ tail.rotate_left(23) ^ text.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The upper bits, which depend on all bytes that were read.
    #[inline]
    pub(super) const fn upper_bits(self, count: u32) -> u64 {
        self.0 >> (u64::BITS - count)
    }
}

/// Whether two texts are equal, as `==` has it, but without a call to `memcmp` for short ones.
#[inline]
pub(super) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len()
        && if one.len() <= SHORT { ends(one.as_bytes()) == ends(other.as_bytes()) } else { one == other }
}

/// The first and the last 8 bytes of a text; 4 of each when it has fewer than 8; all bytes when it has fewer than 4.
#[inline]
fn ends(bytes: &[u8]) -> (u64, u64) {
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u64::from_le_bytes(*head), u64::from_le_bytes(*tail));
    }
    if let (Some(head), Some(tail)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return (u32::from_le_bytes(*head).into(), u32::from_le_bytes(*tail).into());
    }
    (bytes.iter().fold(0, |all, byte| (all << 8) | u64::from(*byte)), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_same_exactly_when_they_are_equal() {
        let mut texts: Vec<String> = vec![String::new(), "ab".into(), "ba".into(), "größe".into(), "team-red".into()];
        // One letter differs, at the beginning, in the middle, at the end, in texts of every length.
        for length in 1..40 {
            let plain = "x".repeat(length);
            for at in [0, length / 2, length - 1] {
                let mut other = plain.clone();
                other.replace_range(at..=at, "y");
                texts.push(other);
            }
            texts.push(plain);
        }
        for a in &texts {
            for b in &texts {
                assert_eq!(same(a, b), a == b, "{a} {b}");
                assert!(a != b || Fingerprint::of(a) == Fingerprint::of(b), "{a}");
            }
        }
    }
}
