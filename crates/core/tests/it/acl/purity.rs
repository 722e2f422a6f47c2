//! The ACL knows nothing of the hub.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn the_acl_uses_nothing_of_core_but_itself() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = sources(&src.join("acl"));
    files.push(src.join("acl.rs"));
    assert!(files.len() > 10);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text.lines().enumerate() {
            let outside = line.match_indices("crate::").any(|(at, word)| !line[at + word.len()..].starts_with("acl"));
            assert!(!outside && !line.contains("super::super"), "{}:{}: {line}", file.display(), number + 1);
        }
    }
}
