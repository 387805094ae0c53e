//! `manifest-runs-as-root`: a container runs as root, because the manifest says so, or because neither it nor the image
//! says otherwise.

use super::StageCx;
use crate::finding::Finding;

pub(super) fn check(cx: &StageCx<'_>) -> Vec<Finding> {
    // What runs to its end before the application is short-lived, and prepares what the application may not.
    let lasting = cx.deployed.iter().filter(|deployed| !deployed.found.init);
    let found = lasting.filter_map(|deployed| {
        let (own, pod) = (&deployed.found.container().security, &deployed.found.workload.security);
        let user = own.user.or(pod.user);
        let refused = own.non_root.or(pod.non_root) == Some(true);
        let image = cx.runs_as_root();
        let why = match user {
            Some(0) => "`runAsUser: 0` says so",
            None if image && !refused => "the image does, and nothing here says otherwise",
            _ => return None,
        };
        let at = if own.user.is_some() { own.at } else { pod.at.filter(|_| pod.user.is_some()) };
        let message = format!("{} runs as root: {why}", deployed.title());
        Some(deployed.finding(super::MANIFEST_RUNS_AS_ROOT, cx, at, "", message))
    });
    found.collect()
}
