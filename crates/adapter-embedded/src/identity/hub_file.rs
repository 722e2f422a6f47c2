use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use storage_hub_core::ports::{HubFile, HubFileState};

const NAME: &str = "hub.json";
/// What is being written, until it is whole.
const ASIDE: &str = "hub.json.new";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    hub_id: String,
    starts: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    starting: bool,
}

/// Reads the file of a folder. Blocks.
pub(super) fn read(folder: &Path) -> io::Result<HubFileState> {
    let text = match fs::read(folder.join(NAME)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HubFileState::Missing),
        Err(error) => return Err(error),
    };
    Ok(parse(&text).map_or_else(HubFileState::Damaged, HubFileState::Found))
}

fn parse(text: &[u8]) -> Result<HubFile, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    let Contents { hub_id, starts, starting } = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let hub_id = hub_id.parse().map_err(|_| "its hub_id is not a UUID".to_owned())?;
    if starts < 1 {
        return Err("its starts is not a positive number".to_owned());
    }
    Ok(HubFile { hub_id, starts, starting })
}

/// Writes the file of a folder, for its owner alone: whole or not at all, also when the machine loses power. Blocks.
///
/// # Errors
/// Those of the disk; the file is as it was then.
pub fn write_hub_file(folder: &Path, file: &HubFile) -> io::Result<()> {
    let contents = Contents { hub_id: file.hub_id.to_string(), starts: file.starts, starting: file.starting };
    let mut text = serde_json::to_vec_pretty(&contents)?;
    text.push(b'\n');
    let aside = folder.join(ASIDE);
    // What a start that was cut off has left may have another mode.
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
    new.write_all(&text)?;
    new.sync_all()?;
    fs::rename(&aside, folder.join(NAME))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use storage_hub_core::domain::HubId;

    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn a_file_comes_back_as_it_was_written_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()).unwrap(), HubFileState::Missing);
        fs::write(folder.path().join(ASIDE), "left over").unwrap();
        for starting in [true, false] {
            let file = HubFile { hub_id: ID.parse::<HubId>().unwrap(), starts: i64::MAX, starting };
            write_hub_file(folder.path(), &file).unwrap();
            assert_eq!(read(folder.path()).unwrap(), HubFileState::Found(file));
        }
        let entries: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert_eq!(entries[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_the_hub_does_not_write_is_damaged_and_never_missing() {
        for text in [
            "",
            " ",
            "{}",
            "null",
            "{\"hub_id\": \"x\", \"starts\": 1}",
            &format!("{{\"hub_id\": \"{ID}\", \"starts\": 0}}"),
            &format!("{{\"hub_id\": \"{ID}\", \"starts\": 1, \"more\": 1}}"),
            &format!("{{\"hub_id\": \"{ID}\", \"starts\": 1"),
            "\u{0}\u{0}\u{0}",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(NAME)).unwrap();
        assert!(read(folder.path()).is_err(), "a folder of that name is an error");
    }
}
