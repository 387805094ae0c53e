//! Whom the process runs as, and what that user may do.

use barehull_image::{Entry, Tree};

/// A user and its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) uid: u32,
    groups: Vec<u32>,
}

/// What a process wants of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Write = 0o2,
    /// Of a folder: to go into it.
    Execute = 0o1,
}

impl Identity {
    /// The user of a configuration: a name or number, perhaps with a group. `None`: the image knows no such name.
    pub(super) fn of(tree: &Tree, user: &str) -> Option<Self> {
        let (user, group) = match user.split_once(':') {
            Some((user, group)) => (user, Some(group).filter(|group| !group.is_empty())),
            None => (user, None),
        };
        let accounts = table(tree, "/etc/passwd");
        let user = if user.is_empty() { "0" } else { user };
        let account = accounts.iter().find(|fields| fields.first().is_some_and(|name| name == user));
        let number = |fields: &Vec<String>, at: usize| fields.get(at)?.parse::<u32>().ok();
        let uid = match account {
            Some(fields) => number(fields, 2)?,
            None => user.parse().ok()?,
        };
        let account = account.or_else(|| accounts.iter().find(|fields| number(fields, 2) == Some(uid)));
        let named_groups = table(tree, "/etc/group");
        if let Some(group) = group {
            let named = named_groups.iter().find(|fields| fields.first().is_some_and(|name| name == group));
            let gid = match named {
                Some(fields) => number(fields, 2)?,
                None => group.parse().ok()?,
            };
            return Some(Self { uid, groups: vec![gid] });
        }
        // A number that no account has gets the group of root.
        let mut groups = vec![account.and_then(|fields| number(fields, 3)).unwrap_or(0)];
        if let Some(name) = account.and_then(|fields| fields.first()) {
            let is_member =
                |fields: &&Vec<String>| fields.get(3).is_some_and(|all| all.split(',').any(|m| m == name));
            groups.extend(named_groups.iter().filter(is_member).filter_map(|fields| number(fields, 2)));
        }
        Some(Self { uid, groups })
    }

    pub(super) fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Whether the mode bits let this user do it. Access control lists are not known.
    pub(super) fn may(&self, access: Access, entry: &Entry) -> bool {
        let bits = access as u32;
        if self.is_root() {
            return access == Access::Write || entry.is_dir() || entry.mode & 0o111 != 0;
        }
        let shift = if entry.uid == self.uid {
            6
        } else if self.groups.contains(&entry.gid) {
            3
        } else {
            0
        };
        entry.mode >> shift & bits != 0
    }

    /// The first folder above a path (one without links) that this user cannot go into.
    pub(super) fn barred_from<'t>(&self, tree: &'t Tree, path: &str) -> Option<&'t Entry> {
        let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
        let folders = ends.filter_map(|end| tree.get(&path[..end]));
        folders.into_iter().find(|folder| !self.may(Access::Execute, folder))
    }
}

/// The lines of a file like `/etc/passwd`, cut at the colons.
fn table(tree: &Tree, path: &str) -> Vec<Vec<String>> {
    let text = tree.resolve(path).ok().and_then(Entry::text).unwrap_or_default();
    let text = String::from_utf8_lossy(text);
    text.lines().map(|line| line.split(':').map(str::to_owned).collect()).collect()
}
