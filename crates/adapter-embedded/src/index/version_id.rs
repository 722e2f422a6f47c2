//! Version ids: 32 hexadecimal digits that look random and cannot be guessed.
//!
//! The first half hides the id of the version's row, so that a list can go on behind a version that was deleted since the
//! page that ended with it. The second half is random.

use uuid::Uuid;

/// An odd number and its inverse modulo 2^64.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const INVERSE: u64 = 0xf1de_83e1_9937_733d;

/// The id of the version in this row.
pub(super) fn create(row: i64) -> String {
    let random = Uuid::new_v4().as_u128();
    // The two halves of a version 4 UUID have fixed bits at different places.
    let [high, low] = [random >> 64, random & u128::from(u64::MAX)];
    format!("{:016x}{:016x}", row.cast_unsigned().wrapping_mul(FACTOR), high ^ low)
}

/// The row that the version has, or had. Any other text has none.
pub(crate) fn row_of(version: &str) -> Option<i64> {
    if version.len() != 32 || !version.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let hidden = u64::from_str_radix(version.get(..16)?, 16).ok()?;
    Some(hidden.wrapping_mul(INVERSE).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_id_tells_its_row_and_differs_each_time() {
        for row in [1, 2, 3, 1_000_000, i64::MAX] {
            let (one, two) = (create(row), create(row));
            assert_eq!((row_of(&one), row_of(&two)), (Some(row), Some(row)));
            assert_ne!(one, two);
            assert_eq!(one.len(), 32);
        }
        assert_eq!(row_of("null"), None);
        assert_eq!(row_of(&"+".repeat(32)), None);
    }
}
