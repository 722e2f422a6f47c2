//! Bodies of MinIO's admin API: an encrypted body opens with its key unchanged, and no other body opens.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/adapter-minio/src/admin_body.rs"]
mod admin_body;

/// Position of the byte that names the algorithm.
const ALGORITHM: usize = 32;
/// The algorithm that takes 64 MiB and 0.1 s. What follows it is the same for all algorithms.
const SLOW: u8 = 0;

fuzz_target!(|input: (&str, &[u8], u16, u8, &[u8])| {
    let (secret, plain, at, change, hostile) = input;
    let body = admin_body::encrypt(secret, plain).expect("a body");
    assert!(!plain.is_empty() || body.len() == ALGORITHM + 1 + 8 + 16);
    if change == 0 {
        assert!(*admin_body::decrypt(secret, &body).expect("what was encrypted") == plain);
    } else {
        let mut changed = body;
        let at = usize::from(at) % changed.len();
        changed[at] ^= change;
        if changed[ALGORITHM] != SLOW {
            assert!(admin_body::decrypt(secret, &changed).is_err(), "a body that was changed at {at} opens");
        }
        changed.truncate(at);
        if changed.get(ALGORITHM) != Some(&SLOW) {
            assert!(admin_body::decrypt(secret, &changed).is_err(), "a body that is cut off at {at} opens");
        }
    }
    if hostile.get(ALGORITHM) != Some(&SLOW) {
        assert!(admin_body::decrypt(secret, hostile).is_err(), "a body that nobody encrypted opens");
    }
});
