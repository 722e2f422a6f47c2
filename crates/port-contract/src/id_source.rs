//! The contract of `IdSource`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a case fails by panicking")]

use std::collections::HashSet;

use storage_hub_core::domain::Timestamp;
use storage_hub_core::ports::IdSource;

/// Whether keys can be predicted from earlier ones, which is allowed for fakes only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdSourceLimits {
    /// Keys count up, or repeat from one run to the next.
    pub predictable: bool,
}

/// Expands to the tests of every case, each on a source that the first expression makes.
#[macro_export]
macro_rules! id_source_contract {
    ($ids:expr, $limits:expr) => {
        $crate::id_source_contract! { @cases $ids, $limits;
            nothing_is_given_twice,
            access_keys_say_when_they_were_made,
            secret_keys_have_forty_letters_and_digits,
            keys_cannot_be_guessed,
        }
    };
    (@cases $ids:expr, $limits:expr; $($case:ident),+ $(,)?) => {
        $(#[test]
        fn $case() {
            $crate::id_source::$case(&$ids, $limits);
        })+
    };
}

const SAMPLES: usize = 2000;
const NOW: Timestamp = Timestamp::from_millis(1_704_067_200_789);

/// No id, token or key repeats.
pub fn nothing_is_given_twice(ids: &dyn IdSource, _: IdSourceLimits) {
    let distinct = |give: &dyn Fn() -> String| (0..SAMPLES).map(|_| give()).collect::<HashSet<_>>().len();
    assert_eq!(distinct(&|| ids.user_id().to_string()), SAMPLES);
    assert_eq!(distinct(&|| ids.bucket_id().to_string()), SAMPLES);
    assert_eq!(distinct(&|| ids.installation_id().to_string()), SAMPLES);
    assert_eq!(distinct(&|| ids.lease_token().to_string()), SAMPLES);
    assert_eq!(distinct(&|| ids.access_key(NOW).to_string()), SAMPLES);
    assert_eq!(distinct(&|| ids.secret_key().expose().to_owned()), SAMPLES);
}

/// `user_<seconds since 1970>_<random>`, the random part of at least 12 lower-case letters and digits.
pub fn access_keys_say_when_they_were_made(ids: &dyn IdSource, _: IdSourceLimits) {
    let key = ids.access_key(NOW);
    let random = key.as_str().strip_prefix("user_1704067200_").unwrap();
    assert!(random.len() >= 12, "{key}");
    assert!(random.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{key}");
    let early = ids.access_key(Timestamp::from_millis(5_000));
    assert!(early.as_str().starts_with("user_0000000005_"), "{early}");
}

/// As many as clients are used to.
pub fn secret_keys_have_forty_letters_and_digits(ids: &dyn IdSource, _: IdSourceLimits) {
    let secret = ids.secret_key();
    assert_eq!(secret.expose().len(), 40);
    assert!(secret.expose().bytes().all(|b| b.is_ascii_alphanumeric()));
}

/// Every place of a secret takes enough letters for 200 bits in all, as often the one as the other; and so does the
/// random part of an access key, for 60.
pub fn keys_cannot_be_guessed(ids: &dyn IdSource, limits: IdSourceLimits) {
    let secrets: Vec<_> = (0..SAMPLES).map(|_| ids.secret_key().expose().to_owned()).collect();
    let access_keys = (0..SAMPLES).map(|_| ids.access_key(NOW));
    let access_keys: Vec<_> = access_keys.map(|key| key.as_str().rsplit('_').next().unwrap().to_owned()).collect();
    let random = least_entropy(&secrets) >= 200.0 && least_entropy(&access_keys) >= 60.0;
    assert_eq!(random, !limits.predictable);
}

/// The bits of the texts, when at each place the letter that was seen most is guessed.
fn least_entropy(texts: &[String]) -> f64 {
    let places = texts.iter().map(String::len).min().unwrap();
    let bits = (0..places).map(|place| {
        let mut seen = [0_u32; 256];
        texts.iter().for_each(|text| seen[usize::from(text.as_bytes()[place])] += 1);
        let most = seen.into_iter().max().unwrap();
        (f64::from(u32::try_from(texts.len()).unwrap()) / f64::from(most)).log2()
    });
    bits.sum()
}

#[cfg(test)]
mod tests {
    use storage_hub_core::testing::SequentialIds;

    use super::IdSourceLimits;

    id_source_contract!(SequentialIds::default(), IdSourceLimits { predictable: true });
}
