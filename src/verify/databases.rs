//! What package managers leave behind.

use barehull_image::PackageManager;

use super::reach::Reached;
use super::subject::Subject;
use crate::finding::{Finding, Place};
use crate::rules;

/// Where distroless images list their packages, for scanners: one file each, and no manager that could use it.
const STATUS_FOLDER: &str = "/var/lib/dpkg/status.d/";

/// One finding for each manager whose database is there, while the manager itself is not: it is of use to nobody but
/// scanners, which know packages by it, so this is worth knowing and no more.
pub(super) fn check(subject: &Subject<'_>, _: &Reached) -> Vec<Finding> {
    let manager_is_there = |manager: PackageManager| {
        let programs: &[&str] = match manager {
            PackageManager::Dpkg => &["/usr/bin/dpkg", "/usr/bin/apt-get"],
            PackageManager::Apk => &["/sbin/apk", "/usr/sbin/apk"],
            PackageManager::Rpm => &["/usr/bin/rpm", "/usr/bin/dnf", "/usr/bin/microdnf", "/usr/bin/yum"],
        };
        programs.iter().any(|program| subject.tree.resolve(program).is_ok())
    };
    let left =
        subject.image.packages.iter().filter(|database| {
            !database.path.starts_with(STATUS_FOLDER) && !manager_is_there(database.manager)
        });
    left.map(|database| {
        let path = database.path.clone();
        let message = format!(
            "{path} lists packages, but their manager is gone: keep it if scanners should know the packages, else \
             remove it with the manager"
        );
        let place = Place::Image { layer: database.layer, path: path.clone() };
        let finding = Finding::new(rules::PACKAGE_DATABASE_LEFT, place, message).subject(path.clone());
        subject.with_layer(finding, database.layer, &path)
    })
    .collect()
}
