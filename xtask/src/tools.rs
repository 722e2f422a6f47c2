//! Tools with pinned versions, installed once per user: Python environments, Node packages and Go modules of this
//! repository in the user's cache folder, other Go programs where Go installs programs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cargo::{succeed, workspace};
use crate::programs;

/// A Python environment.
pub(crate) struct Venv {
    /// The name of its folder in the cache.
    pub(crate) folder: &'static str,
    /// The file with its requirements, from the top folder of the repository.
    pub(crate) requirements: &'static str,
}

/// The Node packages of a `package.json` with its lock file.
pub(crate) struct NodePackages {
    /// The name of their folder in the cache.
    pub(crate) folder: &'static str,
    /// The folder with the two files, from the top folder of the repository.
    pub(crate) sources: &'static str,
}

/// A program of a Go module in this repository.
pub(crate) struct GoModule {
    /// The name of the folder of the program in the cache.
    pub(crate) folder: &'static str,
    /// The folder with `main.go` and `go.sum`, from the top folder of the repository.
    pub(crate) sources: &'static str,
}

/// A program from a Go module.
pub(crate) struct GoProgram {
    /// The package.
    pub(crate) package: &'static str,
    /// The version of its module.
    pub(crate) version: &'static str,
}

impl Venv {
    /// The folder of its programs, if it is installed with these very requirements.
    pub(crate) fn bin(&self) -> Option<PathBuf> {
        let folder = cache_folder(self.folder).ok()?;
        is_stamped(&folder, &self.requirements().ok()?).then(|| folder.join("bin"))
    }

    /// Installs it, unless it is installed.
    pub(crate) fn install(&self) -> Result<()> {
        if self.bin().is_some() {
            return Ok(());
        }
        let folder = cache_folder(self.folder)?;
        eprintln!("installing {} into {}", self.requirements, folder.display());
        succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut pip = Command::new(folder.join("bin/pip"));
        succeed(pip.args(["install", "--quiet", "--requirement"]).arg(workspace().join(self.requirements)))?;
        stamp(&folder, &self.requirements()?)
    }

    fn requirements(&self) -> Result<String> {
        read(&workspace().join(self.requirements))
    }
}

impl NodePackages {
    /// The folder `node_modules`, if it is installed from this very lock file.
    pub(crate) fn modules(&self) -> Option<PathBuf> {
        let folder = cache_folder(self.folder).ok()?;
        is_stamped(&folder, &self.lock().ok()?).then(|| folder.join("node_modules"))
    }

    /// Installs them, unless they are installed.
    pub(crate) fn install(&self) -> Result<()> {
        if self.modules().is_some() {
            return Ok(());
        }
        let folder = cache_folder(self.folder)?;
        eprintln!("installing {}/package-lock.json into {}", self.sources, folder.display());
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(self.source(file), folder.join(file)).with_context(|| format!("cannot copy {file}"))?;
        }
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
        succeed(Command::new("npm").args(arguments).current_dir(&folder))?;
        stamp(&folder, &self.lock()?)
    }

    fn lock(&self) -> Result<String> {
        read(&self.source("package-lock.json"))
    }

    fn source(&self, file: &str) -> PathBuf {
        workspace().join(self.sources).join(file)
    }
}

impl GoModule {
    /// The program, if it is built from these very sources.
    pub(crate) fn program(&self) -> Option<PathBuf> {
        let folder = cache_folder(self.folder).ok()?;
        is_stamped(&folder, &self.text().ok()?).then(|| folder.join("program"))
    }

    /// Builds it, unless it is built.
    pub(crate) fn install(&self) -> Result<()> {
        if self.program().is_some() {
            return Ok(());
        }
        let folder = cache_folder(self.folder)?;
        eprintln!("building {} into {}", self.sources, folder.display());
        let mut go = Command::new("go");
        go.arg("build").arg("-o").arg(folder.join("program")).arg(".");
        succeed(go.current_dir(workspace().join(self.sources)))?;
        stamp(&folder, &self.text()?)
    }

    fn text(&self) -> Result<String> {
        let files = ["go.sum", "main.go"].map(|file| read(&workspace().join(self.sources).join(file)));
        files.into_iter().collect()
    }
}

impl GoProgram {
    /// The name of the program.
    pub(crate) fn name(&self) -> &'static str {
        self.package.rsplit('/').next().unwrap_or(self.package)
    }

    /// How to install it by hand.
    pub(crate) fn hint(&self) -> String {
        format!("go install {}@{}", self.package, self.version)
    }

    /// Installs it, whether or not it is installed.
    pub(crate) fn install(&self) -> Result<()> {
        eprintln!("{}", self.hint());
        succeed(Command::new("go").arg("install").arg(format!("{}@{}", self.package, self.version)))
    }

    /// Where it is, if a program of this name in PATH or Go's folder was built from this version.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        programs::search_folders()
            .into_iter()
            .map(|folder| folder.join(self.name()))
            .find(|path| self.is_built_to(path))
    }

    fn is_built_to(&self, path: &Path) -> bool {
        let path = path.to_string_lossy();
        let built = programs::output_of("go", &["version", "-m", &path]).unwrap_or_default();
        let mut fields = built.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        fields.any(|fields| fields.first() == Some(&"mod") && fields.contains(&self.version))
    }
}

fn cache_folder(name: &str) -> Result<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("storage-hub").join(name))
}

// The stamp is written last and compared, so that an installation that was interrupted or has other versions does not
// count.
const STAMP: &str = "storage-hub-requirements.txt";

fn stamp(folder: &Path, requirements: &str) -> Result<()> {
    fs::write(folder.join(STAMP), requirements).with_context(|| format!("cannot finish {}", folder.display()))
}

fn is_stamped(folder: &Path, requirements: &str) -> bool {
    fs::read_to_string(folder.join(STAMP)).is_ok_and(|found| found == requirements)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_of_other_versions_does_not_count() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!is_stamped(folder.path(), "boto3==1.0\n"));
        stamp(folder.path(), "boto3==1.0\n").unwrap();
        assert!(is_stamped(folder.path(), "boto3==1.0\n"));
        assert!(!is_stamped(folder.path(), "boto3==2.0\n"));
    }

    #[test]
    fn every_requirement_is_pinned() {
        for file in [
            "xtask/clients/python/requirements.txt",
            "xtask/clients/python/botocore-requirements.txt",
            "xtask/clients/python/rare-requirements.txt",
            "xtask/api-clients/requirements.txt",
        ] {
            let requirements = read(&workspace().join(file)).unwrap();
            let mut lines = requirements.lines().filter(|line| !line.starts_with('#'));
            assert!(lines.all(|line| line.contains("==")), "{file}");
        }
    }

    #[test]
    fn a_go_program_is_named_after_the_end_of_its_package() {
        let program = GoProgram { package: "example.com/tools/cmd/generator", version: "v1.2.3" };
        assert_eq!(program.name(), "generator");
        assert_eq!(program.hint(), "go install example.com/tools/cmd/generator@v1.2.3");
    }
}
