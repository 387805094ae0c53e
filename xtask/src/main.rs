//! Development commands: `cargo xtask COMMAND` (or `cargo run -p xtask -- COMMAND`).

mod debian;
mod docs;
mod e2e;
mod manifests;
mod peers;
mod start_labels;

use anyhow::{Result, bail};

const USAGE: &str = "\
commands:
  debian-packages generate [NAMES-FILE]   rewrite the catalog's Debian packages and run-time libraries from apt
  debian-packages check [PACKAGE...]      compare them with what apt would install
  docs                                    write the generated pages of docs/ anew
  manifests [--diff] [FOLDER...]          hold manifests, as they are and changed, against Kubernetes' schema
  e2e [--write-docs] [--jobs N] [FOLDER...]   build and run samples for real, before and after their rewrite (as root)
  e2e --cover                             build and run as few samples as show each recipe and base image (as root)
  e2e --formats                           compare what verify says of one image in every form (as root; part of e2e)
  e2e --packages                          compare the catalog with what Debian's most used packages bring (as root)
  peers                                   run hadolint, tally and checkov over our cases, and keep what they report
  start-labels FOLDER                     hold the classifier of start scripts against the labels; the scripts are in FOLDER
  start-labels --all FOLDER...            classify every script below the folders, and count";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["debian-packages", "generate", names @ ..] if names.len() < 2 => {
            debian::generate(names.first().copied())
        }
        ["debian-packages", "check", packages @ ..] => debian::check(packages),
        ["docs"] => docs::generate(),
        ["manifests", folders @ ..] => manifests::run(folders),
        ["e2e", args @ ..] => e2e::run(args),
        ["peers"] => peers::run(),
        ["start-labels", "--all", folders @ ..] if !folders.is_empty() => start_labels::count(folders),
        ["start-labels", folder] => start_labels::compare(folder),
        [e2e::SERVICE, args @ ..] => e2e::serve(args),
        _ => bail!("{USAGE}"),
    }
}
