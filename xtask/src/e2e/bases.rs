//! Stand-ins for base images, composed from packages as `xtask/e2e/bases.yaml` says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::engine::{Build, Engine, Steps};

/// What the names of stand-ins start with.
const PREFIX: &str = "localhost/stand-in/";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    pods: Vec<String>,
    bootstrap: Option<String>,
    #[serde(default)]
    packages: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    dockerfile: Option<String>,
    #[serde(default)]
    args: BTreeMap<String, String>,
    not_quite: Option<String>,
    version: Option<Version>,
    #[serde(default)]
    differs: BTreeMap<String, String>,
}

/// A version in the stand-in's paths that the real image has otherwise.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// In the stand-in.
    pub has: String,
    /// In the real image.
    pub named: String,
}

/// How a stand-in is made.
#[derive(Debug)]
enum Recipe {
    /// A minimal Debian of this release, made with these options.
    Bootstrap { codename: String, options: Vec<String> },
    /// The text of a Dockerfile, and its arguments.
    Dockerfile { file: String, args: BTreeMap<String, String> },
}

/// A stand-in.
#[derive(Debug)]
pub struct Base {
    /// `localhost/stand-in/` and its name.
    pub name: String,
    /// The real images it stands in for, in full.
    pub tags: Vec<String>,
    /// Repositories that it stands in for where pods run them.
    pods: Vec<String>,
    /// What differs from them.
    pub not_quite: Option<String>,
    /// See [`Version`].
    pub version: Option<Version>,
    /// What the catalog says otherwise of the real image, by subject, with the reason.
    pub differs: BTreeMap<String, String>,
    /// Those it is made from, by their place in [`Bases::all`].
    pub parents: Vec<usize>,
    /// Of everything it is made from.
    hash: String,
    recipe: Recipe,
}

/// All of them, each after those it is made from.
#[derive(Debug)]
pub struct Bases {
    /// In the order of the file.
    pub all: Vec<Base>,
    folder: PathBuf,
}

impl Bases {
    /// Reads `bases.yaml` and the Dockerfiles beside it.
    pub fn read(folder: &Path) -> Result<Self> {
        let text = fs::read_to_string(folder.join("bases.yaml")).context("bases.yaml")?;
        let entries: Vec<Entry> = serde_yaml::from_str(&text).context("bases.yaml")?;
        let mut all: Vec<Base> = Vec::new();
        for entry in entries {
            let base = Base::new(entry, &folder.join("bases"), &all)?;
            all.push(base);
        }
        Ok(Self { all, folder: folder.join("bases") })
    }

    /// The stand-in for a reference of a Dockerfile.
    pub fn of(&self, reference: &str) -> Option<usize> {
        let full = in_full(reference);
        self.all.iter().position(|base| base.tags.contains(&full))
    }

    /// The stand-in for an image that a container of a pod runs.
    pub fn of_pod(&self, reference: &str) -> Option<usize> {
        let plain = reference.split('@').next().unwrap_or(reference);
        let full = in_full(plain);
        let repository = full.rsplit_once(':').map_or(full.as_str(), |(repository, _)| repository);
        let by_name = || self.all.iter().position(|base| base.pods.iter().any(|name| name == repository));
        self.of(plain).or_else(by_name)
    }

    /// `wanted` and all that they are made from.
    pub fn with_parents(&self, wanted: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = wanted.into_iter().collect();
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(&self.all[at].parents);
            }
        }
        found
    }

    /// Makes the stand-in unless it is in the cache; gives whether it was made.
    pub fn make(&self, at: usize, engine: &Engine, cached: &BTreeSet<String>) -> Result<bool> {
        let base = &self.all[at];
        let name = base.short_name();
        let tagged = base.tagged();
        let new = !cached.contains(&tagged);
        if new {
            match &base.recipe {
                Recipe::Bootstrap { codename, options } => bootstrap(engine, codename, options, &tagged)?,
                Recipe::Dockerfile { file, args } => {
                    let inside = "/e2e/bases";
                    let copied = engine.cache.join("bases");
                    fs::create_dir_all(&copied)?;
                    fs::copy(self.folder.join(file), copied.join(file))?;
                    let mut options =
                        vec!["--build-arg".to_owned(), "DEBIAN_FRONTEND=noninteractive".to_owned()];
                    options.extend(
                        args.iter()
                            .flat_map(|(name, value)| ["--build-arg".to_owned(), format!("{name}={value}")]),
                    );
                    let log = engine.cache.join("logs").join(format!("base-{name}.log"));
                    engine.build(&Build {
                        dockerfile: &format!("{inside}/{file}"),
                        context: inside,
                        tag: &tagged,
                        options: &options,
                        log: &log,
                        steps: Steps::Forgotten,
                    })?;
                }
            }
        }
        let mut tags = vec![tagged.as_str(), base.name.as_str()];
        tags.extend(base.tags.iter().map(String::as_str));
        engine.buildah(&[&["tag"], tags.as_slice()].concat())?;
        Ok(new)
    }

    /// The stand-ins in the cache, `NAME:HASH`. All other images are taken out of it: stand-ins of recipes that have
    /// changed, and what a run that was interrupted left behind.
    pub fn cached(&self, engine: &Engine) -> Result<BTreeSet<String>> {
        let listed = engine.buildah(&["images", "--format", "{{.ID}} {{.Name}}:{{.Tag}}"])?;
        let images: Vec<(&str, &str)> = listed
            .lines()
            .filter_map(|line| line.split_once(' ').map(|(id, name)| (id, name.trim())))
            .collect();
        let is_current = |name: &str| self.all.iter().any(|base| base.tagged() == name);
        let current: Vec<(&str, &str)> =
            images.iter().copied().filter(|(_, name)| is_current(name)).collect();
        let is_kept = |id: &str| current.iter().any(|(kept, _)| *kept == id);
        let old: BTreeSet<&str> = images.iter().map(|(id, _)| *id).filter(|id| !is_kept(id)).collect();
        for id in old {
            engine.buildah(&["rmi", "--force", id])?;
        }
        Ok(current.into_iter().map(|(_, name)| name.to_owned()).collect())
    }
}

impl Base {
    fn new(entry: Entry, folder: &Path, before: &[Self]) -> Result<Self> {
        let Entry { name, tags, pods, bootstrap, packages, without, dockerfile, args, .. } = entry;
        let Entry { not_quite, version, differs, .. } = entry;
        let mut hasher = Sha256::new();
        let mut parents = Vec::new();
        let recipe = match (bootstrap, dockerfile) {
            (Some(codename), None) => {
                let mut options: Vec<String> = BOOTSTRAP.map(str::to_owned).to_vec();
                options.extend(packages.iter().map(|package| format!("--include={package}")));
                if !without.is_empty() {
                    let purge = format!("apt-get purge -qy {}", without.join(" "));
                    options.push(format!("--customize-hook=chroot \"$1\" {purge}"));
                }
                hasher.update(format!("{codename}\n{}", options.join("\n")));
                Recipe::Bootstrap { codename, options }
            }
            (None, Some(file)) => {
                let text = fs::read_to_string(folder.join(&file)).with_context(|| file.clone())?;
                for parent in images_of(&text, &args).into_iter().filter(|image| image.starts_with(PREFIX)) {
                    let at = before.iter().position(|base| base.name == parent);
                    parents.push(at.with_context(|| format!("{name}: {parent} does not stand above it"))?);
                }
                hasher.update(format!("{text}\n{args:?}"));
                Recipe::Dockerfile { file, args }
            }
            _ => bail!("{name}: either bootstrap or dockerfile"),
        };
        for &parent in &parents {
            hasher.update(&before[parent].hash);
        }
        let digest = hasher.finalize();
        let hash = format!("{digest:x}")[..12].to_owned();
        ensure!(before.iter().all(|base| base.short_name() != name), "{name} is there twice");
        let tags = tags.iter().map(|tag| in_full(tag)).collect();
        let repository = |name: &String| in_full(name).trim_end_matches(":latest").to_owned();
        let pods = pods.iter().map(repository).collect();
        let name = format!("{PREFIX}{name}");
        Ok(Self { name, tags, pods, not_quite, version, differs, parents, hash, recipe })
    }

    /// `NAME:HASH`.
    fn tagged(&self) -> String {
        format!("{}:{}", self.name, self.hash)
    }

    /// Its name in `bases.yaml`.
    pub fn short_name(&self) -> &str {
        self.name.trim_start_matches(PREFIX)
    }
}

/// Options of mmdebstrap for a root like that of the image `debian:RELEASE-slim`: no documentation, no archives kept,
/// no waiting for the disk.
const BOOTSTRAP: [&str; 10] = [
    "--dpkgopt=force-unsafe-io",
    "--dpkgopt=path-exclude=/usr/share/man/*",
    "--dpkgopt=path-exclude=/usr/share/info/*",
    "--dpkgopt=path-exclude=/usr/share/locale/*",
    "--dpkgopt=path-exclude=/usr/share/doc/*",
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    "--dpkgopt=path-exclude=/usr/share/lintian/*",
    "--aptopt=APT::Update::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true\"; };",
    "--aptopt=DPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true\"; };",
    "--aptopt=Acquire::Languages \"none\";",
];

/// apt's sources of a stand-in: the mirror is named in a file that is mounted at build time, the public one else.
fn sources(codename: &str) -> String {
    let entry = |list: &str, suites: &str| {
        format!(
            "Types: deb\nURIs: mirror+file:/etc/apt/mirrors/{list}\nSuites: {suites}\nComponents: main\n\
             Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        )
    };
    let updates = entry("debian.list", &format!("{codename} {codename}-updates"));
    format!("{updates}\n{}", entry("debian-security.list", &format!("{codename}-security")))
}

fn bootstrap(engine: &Engine, codename: &str, options: &[String], tagged: &str) -> Result<()> {
    let archive = engine.cache.join(format!("{codename}.tar"));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    engine.bootstrap(codename, &archive, &options)?;
    let lists = engine.cache.join(format!("sources-{codename}"));
    fs::create_dir_all(lists.join("mirrors"))?;
    fs::write(lists.join("debian.sources"), sources(codename))?;
    for name in ["debian", "debian-security"] {
        fs::write(lists.join(format!("mirrors/{name}.list")), format!("http://deb.debian.org/{name}\n"))?;
    }
    let id = engine.buildah(&["from", "scratch"])?;
    let copied = (|| {
        engine.buildah(&["add", "-q", &id, &format!("/e2e/{codename}.tar"), "/"])?;
        // mmdebstrap leaves the machine's own mirror and settings behind.
        let root = engine.outside(&engine.buildah(&["mount", &id])?);
        for file in
            ["etc/apt/sources.list", "etc/apt/apt.conf.d/99mmdebstrap", "etc/resolv.conf", "etc/hostname"]
        {
            let path = root.join(file);
            if path.exists() {
                fs::remove_file(path)?;
            }
        }
        fs::write(root.join("etc/apt/apt.conf.d/docker-clean"), CLEAN)?;
        engine.buildah(&["umount", &id])?;
        engine.buildah(&[
            "copy",
            "-q",
            &id,
            &format!("/e2e/sources-{codename}/debian.sources"),
            "/etc/apt/sources.list.d/",
        ])?;
        engine.buildah(&[
            "copy",
            "-q",
            &id,
            &format!("/e2e/sources-{codename}/mirrors"),
            "/etc/apt/mirrors",
        ])?;
        let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        engine.buildah(&["config", "--env", path, "--cmd", "bash", &id])?;
        engine.buildah(&["commit", "-q", "--format", "docker", &id, tagged])
    })();
    let removed = engine.buildah(&["rm", &id]);
    fs::remove_file(archive)?;
    copied.and(removed).map(drop)
}

/// What the official image tells apt: nothing is kept.
const CLEAN: &str = "\
DPkg::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true\"; };
APT::Update::Post-Invoke { \"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true\"; };
Dir::Cache::pkgcache \"\";
Dir::Cache::srcpkgcache \"\";
Acquire::Languages \"none\";
";

/// The images that a Dockerfile names in FROM and `--from=`, its arguments filled in; names of stages are among them.
pub fn images_of(dockerfile: &str, args: &BTreeMap<String, String>) -> Vec<String> {
    let defaults = Regex::new(r"(?mi)^\s*ARG\s+(\w+)=(\S+)").expect("a valid expression");
    let mut values: BTreeMap<String, String> = defaults
        .captures_iter(dockerfile)
        .map(|found| (found[1].to_owned(), found[2].trim_matches('"').to_owned()))
        .collect();
    values.extend(args.clone());
    let named = Regex::new(r"(?mi)^\s*FROM\s+(?:--\S+\s+)*(\S+)|--from=(\S+)|[,=]from=([^,\s]+)")
        .expect("a valid expression");
    let images = named.captures_iter(dockerfile).filter_map(|found| {
        let image = found.get(1).or(found.get(2)).or(found.get(3))?;
        Some(values.iter().fold(image.as_str().to_owned(), |text, (name, value)| {
            text.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
        }))
    });
    images.collect()
}

/// `node:22` is `docker.io/library/node:22`; what names a registry stays as it is.
fn in_full(reference: &str) -> String {
    let (first, rest) = reference.split_once('/').unwrap_or(("", reference));
    let has_registry = first.contains(['.', ':']) || first == "localhost";
    let name = if rest.contains(':') { reference.to_owned() } else { format!("{reference}:latest") };
    match (has_registry, first.is_empty()) {
        (true, _) => name,
        (false, true) => format!("docker.io/library/{name}"),
        (false, false) => format!("docker.io/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipes_can_be_read() {
        let bases =
            Bases::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("e2e")).expect("they are well formed");
        let node = bases.of("node:22").expect("node:22 has a stand-in");
        let all = bases.with_parents([node]);
        let names: Vec<&str> = all.iter().map(|&at| bases.all[at].short_name()).collect();
        assert!(names.contains(&"buildpack-deps-bookworm") && names.contains(&"node-tree-22"), "{names:?}");
        assert_eq!(
            bases.of("gcr.io/distroless/cc-debian13:nonroot"),
            bases.of("gcr.io/distroless/cc-debian13:nonroot")
        );
        assert_eq!(bases.of("alpine"), None);
        assert_eq!(bases.of_pod("alpine:3.22"), bases.of_pod("alpine:3.23@sha256:0123"));
        assert!(bases.of_pod("alpine").is_some() && bases.of_pod("registry.example.com/alpine").is_none());
        assert_eq!(bases.of_pod("nginx:1.28"), bases.of("nginx:1.28"));
    }

    #[test]
    fn arguments_are_filled_in() {
        let dockerfile = "ARG V=1.24\nFROM --platform=$BUILDPLATFORM golang:${V} AS build\nFROM scratch\n\
                          COPY --from=build /a /\nRUN --mount=type=bind,from=tools,target=/t true\n";
        assert_eq!(images_of(dockerfile, &BTreeMap::new()), ["golang:1.24", "scratch", "build", "tools"]);
    }

    #[test]
    fn names_in_full() {
        assert_eq!(in_full("node"), "docker.io/library/node:latest");
        assert_eq!(in_full("grafana/loki:3"), "docker.io/grafana/loki:3");
        assert_eq!(in_full("gcr.io/distroless/cc"), "gcr.io/distroless/cc:latest");
        assert_eq!(in_full("localhost:5000/a:1"), "localhost:5000/a:1");
    }
}
