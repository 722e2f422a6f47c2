//! Cursors: a cursor that is accepted is written the same way, and nothing else is accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use storage_hub_core::domain::{BucketName, Cursor};

fuzz_target!(|text: &str| {
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.to_string(), text);
        assert_eq!(BucketName::parse(cursor.name().as_str()).as_ref(), Ok(cursor.name()));
    }
    if let Ok(name) = BucketName::parse(text) {
        let cursor = Cursor::after(name.clone());
        assert_eq!(Cursor::parse(&cursor.to_string()), Ok(cursor.clone()));
        assert_eq!(cursor.name(), &name);
    }
});
