//! The volumes of a pod as folders, with the owners and rights that the kubelet gives them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::manifest::{Item, Manifest, Mode, PodContainer, PodSpec, Volume};
use super::runtime::Mount;

/// Rights of a file of a ConfigMap or Secret unless it is said otherwise.
const FILE: u32 = 0o644;

/// The volumes of one pod, by name.
#[derive(Debug)]
pub struct Volumes {
    folders: BTreeMap<String, Folder>,
}

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    is_read_only: bool,
}

impl Volumes {
    /// Makes them below `folder`.
    pub fn make(spec: &PodSpec, manifest: &Manifest, folder: &Path) -> Result<Self> {
        let mut folders = BTreeMap::new();
        for volume in &spec.volumes {
            let path = folder.join(&volume.name);
            fs::create_dir_all(&path)?;
            let made = make(volume, manifest, &path, spec.security_context.fs_group);
            let is_read_only = made.with_context(|| format!("the volume {}", volume.name))?;
            ensure!(
                folders.insert(volume.name.clone(), Folder { path, is_read_only }).is_none(),
                "the volume {} is there twice",
                volume.name
            );
        }
        Ok(Self { folders })
    }

    /// What a container mounts.
    pub fn mounts(&self, container: &PodContainer) -> Result<Vec<Mount>> {
        let mut mounts: Vec<Mount> = Vec::new();
        for mount in &container.volume_mounts {
            let volume = self.folders.get(&mount.name);
            let volume = volume.with_context(|| format!("there is no volume {}", mount.name))?;
            ensure!(mount.mount_path.starts_with('/'), "{} is no full path", mount.mount_path);
            let place = mount.mount_path.trim_end_matches('/').to_owned();
            ensure!(mounts.iter().all(|other| other.place != place), "two volumes at {place}");
            let source = inside(&volume.path, &mount.sub_path)?;
            if !source.exists() {
                // The kubelet makes a folder of it, whatever it was meant to be.
                ensure!(!volume.is_read_only, "{}: there is no {}", mount.name, mount.sub_path);
                fs::create_dir_all(&source)?;
            }
            mounts.push(Mount { source, place, is_read_only: volume.is_read_only || mount.read_only });
        }
        // One inside the other: the outer one first.
        mounts.sort_by(|a, b| a.place.cmp(&b.place));
        Ok(mounts)
    }
}

/// A path below a folder, which it does not leave.
fn inside(folder: &Path, path: &str) -> Result<PathBuf> {
    let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    ensure!(is_plain, "{path} leaves the volume");
    Ok(folder.join(path))
}

/// Fills the folder; whether nothing may be written there.
fn make(volume: &Volume, manifest: &Manifest, path: &Path, fs_group: Option<u32>) -> Result<bool> {
    let Volume { empty_dir, config_map, secret, persistent_volume_claim, .. } = volume;
    match (empty_dir, config_map, secret, persistent_volume_claim) {
        (Some(_), None, None, None) => {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777))?;
            give(path, fs_group)?;
            Ok(false)
        }
        (None, None, None, Some(claim)) => {
            // A new file system: it belongs to root.
            fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
            give(path, fs_group)?;
            Ok(claim.read_only)
        }
        (None, Some(source), None, None) => {
            let entries = manifest.entries("ConfigMap", &source.name, source.optional)?;
            files(path, entries, source.items.as_deref(), source.default_mode, fs_group)?;
            Ok(true)
        }
        (None, None, Some(source), None) => {
            let entries = manifest.entries("Secret", &source.secret_name, source.optional)?;
            files(path, entries, source.items.as_deref(), source.default_mode, fs_group)?;
            Ok(true)
        }
        _ => bail!("of a kind that is not run here"),
    }
}

/// Gives an empty volume to the pod's group: its members may write, and what they make is the group's.
fn give(path: &Path, fs_group: Option<u32>) -> Result<()> {
    let Some(group) = fs_group else { return Ok(()) };
    chown(path, None, Some(group))?;
    let rights = fs::metadata(path)?.permissions().mode() | 0o2770;
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(rights))?)
}

/// Writes the entries as files.
fn files(
    folder: &Path,
    entries: Option<&BTreeMap<String, Vec<u8>>>,
    items: Option<&[Item]>,
    default_mode: Option<Mode>,
    fs_group: Option<u32>,
) -> Result<()> {
    let Some(entries) = entries else { return Ok(()) };
    let all = || {
        let keys = entries.keys();
        keys.map(|key| Item { key: key.clone(), path: key.clone(), mode: None }).collect::<Vec<_>>()
    };
    for item in items.map_or_else(all, <[Item]>::to_vec) {
        let text = entries.get(&item.key).with_context(|| format!("there is no entry {}", item.key))?;
        let path = inside(folder, &item.path)?;
        fs::create_dir_all(path.parent().context("a folder")?)?;
        fs::write(&path, text)?;
        let mut rights = item.mode.or(default_mode).map_or(FILE, |mode| mode.0);
        if fs_group.is_some() {
            rights |= 0o440;
        }
        chown(&path, None, fs_group)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(rights))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_its_volume() {
        let folder = Path::new("/v");
        assert_eq!(inside(folder, "a/b").expect("it is plain"), Path::new("/v/a/b"));
        assert_eq!(inside(folder, "").expect("the folder itself"), Path::new("/v/"));
        for path in ["../x", "/etc/passwd", "a/../../x"] {
            assert!(inside(folder, path).is_err(), "{path}");
        }
    }
}
