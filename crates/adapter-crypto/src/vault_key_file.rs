use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::os_id_source::{ALPHANUMERIC, random_text};
use crate::{VaultKey, VaultKeyError};

/// Why the file of a vault key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is none.
    #[error("the vault key file `{0}` is missing; restore it, because no sealed secret can be opened without it")]
    Missing(PathBuf),
    /// Others than its owner may read or write it.
    #[error("the vault key file {path} has mode {mode:04o}; nobody but its owner may touch it: chmod 600 {path}")]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It holds no key.
    #[error("the vault key file {path} holds no key")]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: VaultKeyError,
    },
    /// The file system refuses.
    #[error("the vault key file {path} cannot be {what}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

impl VaultKey {
    /// Reads the key from a file.
    ///
    /// # Errors
    /// [`KeyFileError`] when there is none, others may read it, or it holds no key.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing(path.to_owned()),
            _ => KeyFileError::Io { path: path.to_owned(), what: "read", source },
        };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
        }
        // No key is longer, and the rest of any other file does not matter.
        let mut text = Zeroizing::new(String::with_capacity(Self::LONGEST_FILE));
        file.take(Self::LONGEST_FILE as u64).read_to_string(&mut text).map_err(failed)?;
        Self::parse(&text).map_err(|source| KeyFileError::Malformed { path: path.to_owned(), source })
    }

    /// Reads the key from a file, or makes the file (mode 0600) with a new key when there is none. Of two processes
    /// that do it at once both end up with the same key. A file that is there is never written.
    ///
    /// # Errors
    /// [`KeyFileError`] as for [`load`](Self::load), or when the file cannot be made.
    pub fn load_or_generate(path: &Path) -> Result<Self, KeyFileError> {
        match Self::load(path) {
            Err(KeyFileError::Missing(_)) => {}
            other => return other,
        }
        let failed = |source| KeyFileError::Io { path: path.to_owned(), what: "made", source };
        match Self::generate().save_new(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
            // Whoever was first, the file says which key it is.
            _ => Self::load(path),
        }
    }

    const LONGEST_FILE: usize = 256;

    /// Writes the key aside, complete and synced, and gives it its name only if nobody has that name.
    fn save_new(&self, path: &Path) -> io::Result<()> {
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let aside = folder.join(format!(".vault-key-{}", random_text(ALPHANUMERIC, 16)));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        let saved = file
            .write_all(self.to_hex().as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::hard_link(&aside, path));
        let removed = fs::remove_file(&aside);
        saved.and(removed)?;
        File::open(folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_is_generated_once_and_for_its_owner_alone() {
        let folder = folder();
        let path = folder.path().join("vault.key");
        let key = VaultKey::load_or_generate(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert_eq!(VaultKey::load_or_generate(&path).unwrap().bytes(), key.bytes());
        assert_eq!(VaultKey::load(&path).unwrap().bytes(), key.bytes());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left aside");
    }

    #[test]
    fn racing_generations_end_with_one_key() {
        let folder = folder();
        let path = folder.path().join("vault.key");
        let keys: Vec<_> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..8).map(|_| scope.spawn(|| VaultKey::load_or_generate(&path).unwrap())).collect();
            racers.into_iter().map(|racer| racer.join().unwrap().fingerprint()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    }

    #[test]
    fn a_missing_key_is_not_replaced_by_load() {
        let folder = folder();
        let path = folder.path().join("vault.key");
        assert!(matches!(VaultKey::load(&path), Err(KeyFileError::Missing(_))));
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = folder();
        let path = folder.path().join("vault.key");
        for mode in [0o640, 0o604, 0o620] {
            write(&path, &VaultKey::generate().to_hex(), mode);
            let refused = VaultKey::load_or_generate(&path);
            assert!(matches!(refused, Err(KeyFileError::Exposed { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn a_file_without_a_key_is_refused_and_stays() {
        let folder = folder();
        let path = folder.path().join("vault.key");
        for text in ["", "not a key", &"0".repeat(5000)] {
            write(&path, text, 0o600);
            assert!(matches!(VaultKey::load_or_generate(&path), Err(KeyFileError::Malformed { .. })));
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named_in_the_error() {
        let folder = folder();
        let path = folder.path().join("no").join("vault.key");
        let refused = VaultKey::load_or_generate(&path).unwrap_err();
        assert!(refused.to_string().contains(path.to_str().unwrap()), "{refused}");
    }
}
