//! Users and groups of a container, by the files of its image.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Whom a process runs as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Its other groups.
    pub groups: Vec<u32>,
}

impl Account {
    /// Of `USER` or `USER:GROUP`, names or numbers, empty for root, in the image whose files are below `root`.
    pub fn of(root: &Path, user: &str) -> Result<Self> {
        let read = |file: &str| fs::read_to_string(root.join(file)).unwrap_or_default();
        Self::find(user, &read("etc/passwd"), &read("etc/group"))
    }

    fn find(user: &str, passwd: &str, group: &str) -> Result<Self> {
        let (user, named_group) = user.split_once(':').map_or((user, None), |(u, g)| (u, Some(g)));
        let user = if user.is_empty() { "0" } else { user };
        let users: Vec<Vec<&str>> = passwd.lines().map(|line| line.split(':').collect()).collect();
        let number = user.parse::<u32>().ok();
        let is_it = |fields: &&Vec<&str>| {
            let uid = fields.get(2).and_then(|uid| uid.parse::<u32>().ok());
            fields[0] == user || (number.is_some() && uid == number)
        };
        let entry = users.iter().find(is_it);
        let field = |at: usize| entry.and_then(|fields| fields.get(at)?.parse::<u32>().ok());
        let uid = number.or(field(2)).with_context(|| format!("the image has no user {user}"))?;
        let groups: Vec<Vec<&str>> = group.lines().map(|line| line.split(':').collect()).collect();
        if let Some(name) = named_group {
            let found = groups.iter().find(|fields| fields[0] == name);
            let in_file = || found.and_then(|fields| fields.get(2)?.parse().ok());
            let gid = name.parse().ok().or_else(in_file);
            let gid = gid.with_context(|| format!("the image has no group {name}"))?;
            return Ok(Self { uid, gid, groups: Vec::new() });
        }
        let name = entry.map_or(user, |fields| fields[0]);
        let has_member =
            |fields: &&Vec<&str>| fields.get(3).is_some_and(|names| names.split(',').any(|n| n == name));
        let members = groups.iter().filter(has_member).filter_map(|fields| fields[2].parse().ok());
        Ok(Self { uid, gid: field(3).unwrap_or(0), groups: members.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_and_groups() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/:/bin/sh\n";
        let group = "root:x:0:\nvideo:x:44:app,other\napp:x:1001:\n";
        let of = |user: &str| {
            let found = Account::find(user, passwd, group).ok()?;
            Some((found.uid, found.gid, found.groups))
        };
        assert_eq!(of(""), Some((0, 0, vec![])));
        assert_eq!(of("app"), Some((1000, 1001, vec![44])));
        assert_eq!(of("1000"), Some((1000, 1001, vec![44])));
        assert_eq!(of("4000"), Some((4000, 0, vec![])));
        assert_eq!(of("app:video"), Some((1000, 44, vec![])));
        assert_eq!(of("4000:5"), Some((4000, 5, vec![])));
        assert_eq!(of("nobody"), None);
        assert_eq!(of("app:none"), None);
    }
}
