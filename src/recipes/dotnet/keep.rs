//! Versions that no image without a shell has: the run time of the old image with its libraries, on distroless/cc, or
//! on nothing else where they are musl's.

use barehull_catalog::{Ecosystem, Family, ImageFacts, Libc, compare_versions};

use super::super::plan::Plan;
use super::super::shape::{CopyLine, Target};
use super::super::{bases, closure, ground};

/// Where the images have the run time.
const ROOT: &str = "/usr/share/dotnet";
/// What of it runs programs: the rest of the SDK's is for building.
const PARTS: [&str; 3] = ["dotnet", "host", "shared"];
/// PATH of the distroless images.
const BASE_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The base for it, if the run time's libc fits.
pub(super) fn base(plan: &Plan<'_, '_>, old: &ImageFacts) -> Option<String> {
    let last = match old.os.family {
        Family::Alpine => return Some("scratch".to_owned()),
        Family::Debian => "13",
        Family::Ubuntu => "24.04",
        _ => return None,
    };
    if old.os.release.as_deref().is_none_or(|r| compare_versions(r, last).is_gt()) {
        return None;
    }
    let fits = |r: &barehull_catalog::Replacement| {
        r.libc == Libc::Glibc && r.libraries.iter().any(|l| l == "libstdc++6")
    };
    bases::choose(plan.cx, Ecosystem::Native, None, fits).map(|c| c.reference)
}

/// Brings the run time, and has `dotnet` found where it lies now.
pub(super) fn runtime(plan: &mut Plan<'_, '_>, target: &mut Target, old: &ImageFacts) {
    let at = plan.base_line();
    plan.assume("the run time and the packages load no libraries by name but ICU and OpenSSL", Some(at));
    let musl = old.libc == Libc::Musl;
    let loaded = if musl {
        "/lib/libssl.so.* /lib/libcrypto.so.* /usr/lib/libssl.so.* /usr/lib/libcrypto.so.* /usr/lib/libicu*.so.*"
    } else {
        "/usr/lib/*/libssl.so.* /usr/lib/*/libcrypto.so.* /usr/lib/*/libicu*.so.*"
    };
    target.build_tail.push(format!(
        "# Libraries that .NET loads by name.\n\
         {} set -eu; \\\n\
         \x20   for library in {loaded}; do \\\n\
         \x20       [ ! -e \"$library\" ] || {{ mkdir -p \"/closure${{library%/*}}\"; cp -P \"$library\" \"/closure$library\"; }}; \\\n\
         \x20   done",
        plan.keyword("RUN"),
    ));
    if musl {
        let programs = format!("{ROOT}/dotnet $(find {ROOT} -name '*.so')");
        closure::musl(plan, target, &programs, &[ROOT.to_owned()], "");
        target.env.retain(|(name, _)| name != "PATH");
        target.user = Some(ground::NONROOT.to_owned());
    } else {
        closure::glibc(plan, target, &closure::Linked::Below(&[ROOT.to_owned()]), true, "");
    }
    target.env.push(("PATH".to_owned(), format!("{ROOT}:{BASE_PATH}")));
    for name in ["DOTNET_RUNNING_IN_CONTAINER", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] {
        let set = old.config.env.iter().find(|e| e.name == name).and_then(|e| e.value.as_deref());
        let of_alpine = (musl && name.ends_with("INVARIANT")).then_some("true");
        let own = plan.cx.stage.config.env.iter().any(|v| v.name == name && v.from.location().is_some());
        if let Some(value) = set.or(of_alpine).filter(|_| !own) {
            target.env.push((name.to_owned(), value.to_owned()));
        }
    }
    target.copies.extend(PARTS.map(|part| {
        let path = format!("{ROOT}/{part}");
        CopyLine::of(&path, &path)
    }));
}
