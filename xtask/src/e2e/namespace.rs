//! The command runs in mount and process namespaces of its own: whatever it mounts or starts is gone when it ends,
//! also after a failure or an interrupt.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// Set for the command inside.
const INSIDE: &str = "BAREHULL_E2E_INSIDE";

/// Whether this process is the one inside.
pub fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

/// Starts this program anew in its own namespaces, with `args`, and gives its exit status. When this process ends,
/// for whatever reason, so do all those inside.
pub fn enter(args: &[&str]) -> Result<ExitStatus> {
    let program = std::env::current_exe()?;
    Command::new("setpriv")
        .args([
            "--pdeathsig",
            "KILL",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--",
        ])
        .arg(program)
        .args(args)
        .envs([(INSIDE, "1"), ("RUST_LIB_BACKTRACE", "0")])
        .stdin(Stdio::null())
        .status()
        .context("setpriv (of the package util-linux)")
}

/// Makes the mounts that the root of the build engine needs; `cache` becomes its `/e2e`.
pub fn mount_root(root: &Path, cache: &Path) -> Result<()> {
    ensure!(is_inside(), "mounts are made in a namespace of its own only");
    let of = |name: &str| -> Result<String> {
        let path = root.join(name);
        fs::create_dir_all(&path)?;
        Ok(path.display().to_string())
    };
    let (top, from) = (root.display().to_string(), cache.display().to_string());
    mount(&["--bind", &top, &top])?;
    mount(&["-t", "proc", "proc", &of("proc")?])?;
    mount(&["--rbind", "/dev", &of("dev")?])?;
    mount(&["-t", "tmpfs", "tmpfs", &of("run")?])?;
    // The container runtime asks for this folder, and makes no use of it.
    mount(&["-t", "tmpfs", "tmpfs", &of("sys")?])?;
    mount(&["-t", "tmpfs", "tmpfs", &of("sys/fs/cgroup")?])?;
    mount(&["--bind", &from, &of("e2e")?])
}

fn mount(args: &[&str]) -> Result<()> {
    let output = Command::new("mount").args(args).output().context("mount")?;
    if !output.status.success() {
        bail!("mount {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// Deletes a folder, unless anything is mounted in it: what is mounted there belongs to somebody else.
pub fn remove_tree(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo").context("/proc/self/mountinfo")?;
    if let Some(mounted) = mount_points(&mounts).find(|point| Path::new(point).starts_with(&folder)) {
        bail!("{mounted} is mounted: {} is left alone", folder.display());
    }
    fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())
}

/// The mount points of a mountinfo file, the escapes for blanks undone.
fn mount_points(mountinfo: &str) -> impl Iterator<Item = String> {
    mountinfo.lines().filter_map(|line| line.split(' ').nth(4)).map(|point| point.replace("\\040", " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_is_the_fifth_field() {
        let text =
            "25 31 0:24 / /proc rw,relatime - proc proc rw\n36 35 98:0 /a /mnt\\0402 rw - ext4 /dev/x rw\n";
        assert_eq!(mount_points(text).collect::<Vec<_>>(), ["/proc", "/mnt 2"]);
    }

    #[test]
    fn what_holds_a_mount_is_not_deleted() {
        let error = remove_tree(Path::new("/proc")).expect_err("it is mounted");
        assert!(error.to_string().contains("is mounted"), "{error}");
    }
}
