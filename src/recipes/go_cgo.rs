//! Go modules that compile without cgo and then fail when they are used.

use barehull_syntax::Location;

use super::plan::Plan;
use crate::model::Stage;
use crate::project::manifests::GoModule;

/// Modules with a stub for builds without cgo, which says so at the first call (from their sources).
const STUBS: [&str; 3] =
    ["github.com/mattn/go-sqlite3", "github.com/mutecomm/go-sqlcipher/v4", "gorm.io/driver/sqlite"];

/// Such a module that the sources of `builder` require, and the place that says so.
pub(super) fn stub(plan: &Plan<'_, '_>, builder: &Stage) -> Option<(&'static str, Location)> {
    let mut files = plan.cx.files.borrow_mut();
    let context = files.context()?;
    let (listed, _) = files.context_files(builder.id);
    let manifests = listed.into_iter().filter(|(_, path)| path.file_name() == "go.mod");
    for (_, path) in manifests {
        let Ok(Some(module)) = GoModule::read(context, &path.folder()) else { continue };
        for name in STUBS {
            if let Some(required) = module.requires(name)
                && let Ok(bytes) = context.read(&path)
            {
                return Some((name, Location::new(files.add(&path, &bytes), required.module.span)));
            }
        }
    }
    None
}
