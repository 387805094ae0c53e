//! Scanners for packages with known holes that CI files run.

use barehull_syntax::Span;

use super::super::tree::Node;
use super::super::{FileKind, ProjectPath, Spot, yaml};
use super::variables::{Variables, is_unresolved, shown};
use super::words::{Call, calls};
use super::{ImageName, Reader};

/// One run of a scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The step or command.
    pub at: Spot,
    /// The scanner's name.
    pub scanner: &'static str,
    /// What keeps it from guarding an image, if anything does.
    pub lack: Option<Lack>,
    /// What is scanned.
    pub target: Target,
}

/// What a scanner looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An image of this name.
    Image(ImageName),
    /// An image whose name comes from the build before it, as variables of the job tell: the project's own.
    Own,
    /// The sources.
    Sources,
    /// Perhaps any image: a list, a loop.
    Unknown,
}

/// Why a scan guards no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// The job goes on, whatever is found.
    NeverFails,
    /// Packages of languages are left out.
    SystemOnly,
    /// The sources are scanned, not the image.
    SourcesOnly,
}

/// What one file shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Scanning {
    pub scans: Vec<Scan>,
    /// Something that is not read may scan images.
    pub maybe: bool,
}

/// Names of scanners, of services that scan, and of what jobs that scan are called.
const SCANNERS: [&str; 31] = [
    "trivy",
    "grype",
    "snyk",
    "scout",
    "clair",
    "anchore",
    "aquasec",
    "twistcli",
    "wizcli",
    "wiz-",
    "sysdig",
    "neuvector",
    "inspector",
    "lacework",
    "jfrog",
    "xray",
    "veracode",
    "whitesource",
    "blackduck",
    "black-duck",
    "synopsys",
    "qualys",
    "crowdstrike",
    "checkmarx",
    "aikido",
    "docker scan",
    "container-scan",
    "container_scan",
    "image-scan",
    "image scan",
    "scan-image",
];
/// Steps that belong to a scanner and do not scan.
const HELPERS: [&str; 5] = [
    "aquasecurity/setup-trivy",
    "anchore/scan-action/download-grype",
    "anchore/sbom-action",
    "snyk/actions/setup",
    "github/codeql-action/upload-sarif",
];

/// Reads the file.
pub(super) fn read(reader: &Reader<'_>) -> Scanning {
    let text = reader.text;
    let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let maybe = match reader.kind {
        FileKind::Workflow => return workflow(reader),
        FileKind::GitlabCi => holds(&["include:"]) || names_scanner(text),
        FileKind::OtherCi => holds(&["orbs:", "template", "extends"]) || names_scanner(text),
        FileKind::Jenkinsfile => holds(&["@Library", "library"]) || names_scanner(text),
        FileKind::Makefile | FileKind::Script | FileKind::PackageJson => names_scanner(text),
        _ => false,
    };
    Scanning { scans: Vec::new(), maybe }
}

fn names_scanner(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SCANNERS.iter().any(|word| lower.contains(word))
}

/// `uses: acme/shared/.github/workflows/build.yml@v1`: a job that is written elsewhere.
fn is_shared(line: &str) -> bool {
    line.trim_start().trim_start_matches("- ").starts_with("uses:")
        && line.contains("/.github/workflows/")
        && line.contains('@')
}

fn workflow(reader: &Reader<'_>) -> Scanning {
    let mut found = Scanning { maybe: reader.text.lines().any(is_shared), ..Scanning::default() };
    if !names_scanner(reader.text) {
        return found;
    }
    let parsed = yaml::parse(reader.text);
    let (Some(top), None) = (parsed.documents.first(), &parsed.error) else {
        found.maybe = true;
        return found;
    };
    let file = File {
        path: reader.path,
        text: reader.text,
        calls: calls(reader.text, false, |name| {
            matches!(name.rsplit('/').next(), Some("trivy" | "grype" | "snyk" | "docker" | "podman"))
        }),
        variables: Variables::scan(reader.text),
        reports: reader.text.contains("upload-sarif"),
        configured: |name: &str| reader.files.is_file(&ProjectPath::root().child(name)),
    };
    for job in top.get("jobs").map(Node::pairs).unwrap_or_default() {
        file.steps(&job.value, &mut found);
    }
    if let Some(action) = top.get("runs") {
        file.steps(action, &mut found);
    }
    found
}

/// A workflow, or an action made of steps.
struct File<'a, F> {
    path: &'a ProjectPath,
    text: &'a str,
    calls: Vec<Call>,
    variables: Variables,
    /// Whether results go to GitHub, which may refuse a pull request for them.
    reports: bool,
    /// Whether the project has a settings file of that name.
    configured: F,
}

impl<F: Fn(&str) -> bool> File<'_, F> {
    fn steps(&self, job: &Node, found: &mut Scanning) {
        let goes_on = |node: &Node| node.text_at(&["continue-on-error"]) == Some("true");
        for step in job.get("steps").map(Node::items).unwrap_or_default() {
            let before = found.scans.len();
            match (step.text_at(&["uses"]), step.get("run")) {
                (Some(action), _) => self.action(action, step, found),
                (None, Some(script)) => self.script(script, found),
                (None, None) => {}
            }
            if goes_on(job) || goes_on(step) {
                found.scans[before..].iter_mut().for_each(|scan| scan.lack = Some(Lack::NeverFails));
            }
        }
    }

    fn scan(&self, span: Span, scanner: &'static str, lack: Option<Lack>, image: &str) -> Scan {
        let target = if lack == Some(Lack::SourcesOnly) { Target::Sources } else { self.target(image) };
        let lack = lack.filter(|lack| !(self.reports && *lack == Lack::NeverFails));
        Scan { at: Spot { path: self.path.clone(), span }, scanner, lack, target }
    }

    /// The image that is written as `image`.
    fn target(&self, image: &str) -> Target {
        let of_job = ["env.", "steps.", "needs.", "github.", "inputs.", "vars."];
        let (expanded, hidden) = (self.variables.expand(image), image.split("${{").skip(1));
        match ImageName::new(&shown(&expanded)) {
            Some(name) => Target::Image(name),
            None if is_unresolved(&expanded)
                && image.trim_start().starts_with("${{")
                && hidden
                    .into_iter()
                    .all(|inner| of_job.iter().any(|word| inner.trim_start().starts_with(word))) =>
            {
                Target::Own
            }
            None => Target::Unknown,
        }
    }

    /// A step that is an action.
    fn action(&self, action: &str, step: &Node, found: &mut Scanning) {
        let name = action.split('@').next().unwrap_or_default().to_ascii_lowercase();
        let with = |key: &str| step.text_at(&["with", key]).unwrap_or_default();
        let given = |key: &str| !matches!(with(key), "" | "0" | "false");
        let (scanner, lack) = match name.as_str() {
            "aquasecurity/trivy-action" => {
                let kind = if with("scan-type").is_empty() { "image" } else { with("scan-type") };
                if !matches!(kind, "image" | "fs" | "filesystem" | "repo" | "repository" | "rootfs" | "sbom")
                {
                    return;
                }
                let elsewhere = given("trivy-config") || self.is_set("TRIVY_EXIT_CODE", "trivy.yaml");
                let fails = given("exit-code") || elsewhere;
                ("Trivy", trivy(kind, with("scanners"), with("vuln-type"), fails))
            }
            "anchore/scan-action" => {
                let lack = if with("fail-build") == "false" { Some(Lack::NeverFails) } else { None };
                ("Grype", if given("path") { Some(Lack::SourcesOnly) } else { lack })
            }
            "docker/scout-action" => {
                let fails = given("exit-code") || given("exit-on");
                ("Docker Scout", (!fails).then_some(Lack::NeverFails))
            }
            "snyk/actions/docker" => ("Snyk", None),
            other => {
                found.maybe |= names_scanner(other) && !HELPERS.contains(&other);
                return;
            }
        };
        let image = if with("image-ref").is_empty() { with("image") } else { with("image-ref") };
        found.scans.push(self.scan(step.span, scanner, lack, image));
    }

    /// A step that is a script.
    fn script(&self, script: &Node, found: &mut Scanning) {
        if !script.text().is_some_and(names_scanner) {
            return;
        }
        let inside = |call: &&Call| {
            let span = call.span();
            script.span.start <= span.start && span.end <= script.span.end
        };
        let before = found.scans.len();
        for call in self.calls.iter().filter(inside) {
            if let Some((scanner, lack)) = self.call(call) {
                // The last word that may be a name; a variable of the shell may hold any.
                let words = call.words.iter().skip(1).map(|word| word.value.as_str());
                let image = words.rev().find(|word| !word.starts_with('-') && word.contains([':', '/', '$']));
                found.scans.push(self.scan(call.span(), scanner, lack, image.unwrap_or_default()));
            }
        }
        found.maybe |= found.scans.len() == before;
    }

    /// A command line, in a container of the scanner or not.
    fn call(&self, call: &Call) -> Option<(&'static str, Option<Lack>)> {
        let words: Vec<&str> = call.words.iter().map(|word| word.value.as_str()).collect();
        let plain = |word: &str| {
            let name = word.rsplit('/').next().unwrap_or_default();
            name.split([':', '@']).next().unwrap_or_default().to_owned()
        };
        let at = words.iter().position(|word| matches!(plain(word).as_str(), "trivy" | "grype" | "snyk"));
        let (name, args) = match at {
            Some(at) => (plain(words[at]), &words[at + 1..]),
            None if words.get(1) == Some(&"scout") => ("scout".to_owned(), &words[2..]),
            None => return None,
        };
        let option = |names: &[&str]| {
            args.iter().enumerate().find_map(|(at, word)| {
                let (name, value) = word.split_once('=').map_or((*word, None), |(n, v)| (n, Some(v)));
                names.contains(&name).then(|| value.or(args.get(at + 1).copied()).unwrap_or_default())
            })
        };
        let verb = args.iter().find(|word| !word.starts_with('-')).copied().unwrap_or_default();
        let (scanner, lack) = match name.as_str() {
            "trivy" => {
                let known = ["image", "i", "fs", "filesystem", "repo", "repository", "rootfs", "sbom"];
                if !known.contains(&verb) || args.contains(&"--download-db-only") {
                    return None;
                }
                let fails = option(&["--exit-code"]).is_some_and(|code| code != "0")
                    || option(&["--config", "-c"]).is_some()
                    || self.is_set("TRIVY_EXIT_CODE", "trivy.yaml");
                let types = option(&["--pkg-types", "--vuln-type"]).unwrap_or_default();
                ("Trivy", trivy(verb, option(&["--scanners"]).unwrap_or_default(), types, fails))
            }
            "grype" => {
                if verb.is_empty() || matches!(verb, "db" | "version" | "completion") {
                    return None;
                }
                let fails = option(&["--fail-on", "-f"]).is_some()
                    || option(&["--config", "-c"]).is_some()
                    || self.is_set("GRYPE_FAIL_ON_SEVERITY", ".grype.yaml");
                let sources = verb.starts_with("dir:") || verb == ".";
                let lack = (!fails).then_some(Lack::NeverFails);
                ("Grype", if sources { Some(Lack::SourcesOnly) } else { lack })
            }
            "snyk" if args.contains(&"container") => {
                ("Snyk", args.contains(&"monitor").then_some(Lack::NeverFails))
            }
            "snyk" if matches!(verb, "test" | "monitor") => ("Snyk", Some(Lack::SourcesOnly)),
            "scout" if verb == "cves" => {
                let fails = args.iter().any(|word| matches!(*word, "--exit-code" | "-e"));
                ("Docker Scout", (!fails).then_some(Lack::NeverFails))
            }
            _ => return None,
        };
        let behind = self.text[call.span().end as usize..].trim_start();
        let is_passed_over = ["|| true", "|| :", "|| exit 0"].iter().any(|end| behind.starts_with(end));
        Some((scanner, if is_passed_over { Some(Lack::NeverFails) } else { lack }))
    }

    /// Whether a variable or a settings file of the project may say what the options do not.
    fn is_set(&self, variable: &str, settings: &str) -> bool {
        self.text.contains(variable) || (self.configured)(settings)
    }
}

/// What Trivy's options leave out. A scan for other things than packages is not about packages that have holes: it counts
/// as one that never fails for them.
fn trivy(kind: &str, scanners: &str, types: &str, fails: bool) -> Option<Lack> {
    let is_of_packages = scanners.is_empty() || scanners.contains("vuln") || scanners.contains('$');
    if matches!(kind, "fs" | "filesystem" | "repo" | "repository") {
        Some(Lack::SourcesOnly)
    } else if !fails || !is_of_packages {
        Some(Lack::NeverFails)
    } else if types.split(',').all(|one| one.trim() == "os") && !types.is_empty() {
        Some(Lack::SystemOnly)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::project::{Memory, Project};

    /// What is found in a workflow of one job with the step `step`.
    fn read(step: &str) -> (Vec<(&'static str, Option<Lack>)>, bool) {
        let text =
            format!("on: push\njobs:\n  a:\n    steps:\n      - {}\n", step.replace('\n', "\n        "));
        let project = Project::new(Arc::new(Memory::of([(".github/workflows/a.yml", text.as_str())])));
        let around = project.surroundings();
        (around.scans.iter().map(|scan| (scan.scanner, scan.lack)).collect(), around.may_scan)
    }

    #[test]
    fn steps_scan_images_or_do_not() {
        let (none, all) = (Some(Lack::NeverFails), None);
        let trivy =
            |with: &str| format!("uses: aquasecurity/trivy-action@v0\nwith:\n  image-ref: a:b\n{with}");
        let table = [
            (trivy("  exit-code: '1'"), vec![("Trivy", all)], false),
            (trivy("  exit-code: 0"), vec![("Trivy", none)], false),
            (trivy("  severity: HIGH"), vec![("Trivy", none)], false),
            (trivy("  exit-code: 1\n  vuln-type: os"), vec![("Trivy", Some(Lack::SystemOnly))], false),
            (trivy("  exit-code: 1\n  scan-type: fs"), vec![("Trivy", Some(Lack::SourcesOnly))], false),
            (trivy("  exit-code: 1\ncontinue-on-error: true"), vec![("Trivy", none)], false),
            (trivy("  scan-type: config"), vec![], false),
            ("run: trivy image --exit-code 1 a:b".to_owned(), vec![("Trivy", all)], false),
            ("run: trivy image --exit-code=1 a:b || true".to_owned(), vec![("Trivy", none)], false),
            ("run: trivy image a:b".to_owned(), vec![("Trivy", none)], false),
            (
                "run: docker run --rm aquasec/trivy:0.60.0 image --exit-code 1 a".to_owned(),
                vec![("Trivy", all)],
                false,
            ),
            ("run: grype a:b --fail-on high".to_owned(), vec![("Grype", all)], false),
            ("run: grype a:b".to_owned(), vec![("Grype", none)], false),
            ("uses: anchore/scan-action@v6\nwith:\n  image: a:b".to_owned(), vec![("Grype", all)], false),
            ("run: docker scout cves --exit-code a:b".to_owned(), vec![("Docker Scout", all)], false),
            ("run: snyk container test a:b".to_owned(), vec![("Snyk", all)], false),
            ("run: ./ci/trivy-scan.sh".to_owned(), vec![], true),
            ("uses: acme/container-scan-action@v1".to_owned(), vec![], true),
            ("uses: anchore/sbom-action@v0".to_owned(), vec![], false),
            ("run: docker build .".to_owned(), vec![], false),
        ];
        for (step, scans, maybe) in table {
            assert_eq!(read(&step), (scans, maybe), "{step}");
        }
    }

    #[test]
    fn scans_know_their_images() {
        let name = |text: &str| Target::Image(ImageName::new(text).unwrap());
        let action =
            |image: &str| format!("uses: aquasecurity/trivy-action@v0\nwith: {{image-ref: \"{image}\"}}");
        let table = [
            (action("postgres:16"), name("postgres:16")),
            (action("ghcr.io/acme/web:${{ github.sha }}"), name("ghcr.io/acme/web:*")),
            (action("${{ steps.meta.outputs.tags }}"), Target::Own),
            (action("${{ matrix.image }}"), Target::Unknown),
            (action("${{ env.REGISTRY }}/${{ matrix.image }}"), Target::Unknown),
            ("run: trivy image --severity HIGH redis:7".to_owned(), name("redis:7")),
            ("run: for i in $IMAGES; do trivy image $i; done".to_owned(), Target::Unknown),
            ("run: trivy fs .".to_owned(), Target::Sources),
        ];
        for (step, target) in table {
            let text = format!("jobs:\n  a:\n    steps:\n      - {}\n", step.replace('\n', "\n        "));
            let project = Project::new(Arc::new(Memory::of([(".github/workflows/a.yml", text.as_str())])));
            let targets: Vec<_> =
                project.surroundings().scans.iter().map(|scan| scan.target.clone()).collect();
            assert_eq!(targets, [target], "{step}");
        }
    }

    #[test]
    fn what_is_written_elsewhere_may_scan() {
        let files = [
            (".github/workflows/a.yml", "jobs:\n  a:\n    uses: acme/ci/.github/workflows/b.yml@v1\n", true),
            (".github/workflows/a.yml", "jobs:\n  a:\n    uses: ./.github/workflows/b.yml\n", false),
            (".gitlab-ci.yml", "include:\n  - template: Jobs/Container-Scanning.gitlab-ci.yml\n", true),
            (".gitlab-ci.yml", "build: {script: [docker build .]}\n", false),
            ("Makefile", "scan:\n\ttrivy image x\n", true),
            ("Jenkinsfile", "@Library('ci') _\n", true),
        ];
        for (path, text, maybe) in files {
            let project = Project::new(Arc::new(Memory::of([(path, text)])));
            assert_eq!(project.surroundings().may_scan, maybe, "{path}: {text}");
        }
    }
}
