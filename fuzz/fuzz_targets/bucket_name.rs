//! Bucket names, compared with a second implementation of S3's rules, byte by byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use storage_hub_core::domain::BucketName;

fuzz_target!(|text: &str| {
    let parsed = BucketName::parse(text);
    assert_eq!(parsed.is_ok(), is_a_bucket_name(text.as_bytes()), "{text:?}: {parsed:?}");
    if let Ok(name) = parsed {
        assert_eq!(name.as_str(), text);
        assert_eq!(BucketName::parse(&name.to_string()), Ok(name));
    }
});

fn is_a_bucket_name(name: &[u8]) -> bool {
    let plain = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    let (Some(first), Some(last)) = (name.first(), name.last()) else { return false };
    let beside = name.windows(2).any(|pair| matches!(pair, b".." | b".-" | b"-."));
    let groups: Vec<_> = name.split(|byte| *byte == b'.').collect();
    let digits = |group: &&[u8]| (1..=3).contains(&group.len()) && group.iter().all(u8::is_ascii_digit);
    let begins = [&b"xn--"[..], b"sthree-", b"amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix));
    let ends = [&b"-s3alias"[..], b"--ol-s3", b".mrap", b"--x-s3", b"--table-s3"].iter().any(|end| name.ends_with(end));
    (3..=63).contains(&name.len())
        && name.iter().all(|byte| plain(*byte) || *byte == b'.' || *byte == b'-')
        && plain(*first)
        && plain(*last)
        && !beside
        && !(groups.len() == 4 && groups.iter().all(digits))
        && !begins
        && !ends
        && ![&b"minio"[..], b"storage-hub-installation"].contains(&name)
}
