//! What COPY and ADD bring from the build context, as BuildKit copies it.

use super::copies::{below, below_folder};
use super::go_path::{Pattern, clean, has_wildcards};
use super::{BuildContext, Copies, Gap, Kind, Mapping, Patterns, ProjectPath};

/// Paths one source's pattern is expanded to.
const MAX_MATCHES: usize = 10_000;

/// A COPY or ADD, its variables resolved. Heredocs are left to the caller.
#[derive(Clone, Debug, Default)]
pub struct CopyRequest<'a> {
    /// The sources, as written.
    pub sources: Vec<&'a str>,
    /// The destination, as written.
    pub dest: &'a str,
    /// The stage's working directory, absolute.
    pub workdir: &'a str,
    /// Whether the destination is a folder already, where that is known: a file goes into it, else in its place.
    pub dest_is_folder: Option<bool>,
    /// `--exclude`, each.
    pub excludes: Vec<&'a str>,
    /// `--parents`.
    pub parents: bool,
    /// Whether archives are unpacked (ADD, unless `--unpack=false`).
    pub unpack: bool,
}

impl BuildContext {
    /// What `request` brings from here.
    pub fn copied(&self, request: &CopyRequest<'_>) -> Copies {
        let to = image_path(request.workdir, request.dest);
        let known = names_folder(request.dest) || is_above(&to, request.workdir);
        let except = Patterns::of(request.excludes.iter().copied());
        let mut copying = Copying {
            context: self,
            request,
            to,
            is_folder: if known { Some(true) } else { request.dest_is_folder },
            except: except.clone().unwrap_or_default(),
            mappings: Vec::new(),
            gaps: Vec::new(),
        };
        if except.is_err() {
            copying.gaps.push(Gap::BadPattern { source: None });
        }
        for (at, source) in request.sources.iter().enumerate() {
            if is_remote(source) {
                copying.gaps.push(Gap::Remote { source: at });
            } else if !self.is_present() {
                copying.gaps.push(Gap::NoContext);
            } else if request.parents {
                copying.with_parents(at, source);
            } else {
                copying.all(at, source, None);
            }
        }
        Copies { context: self.clone(), mappings: copying.mappings, gaps: copying.gaps }
    }

    /// What the pattern `source` (cleaned, from the context's root) stands for, in order; its last names may be
    /// ignored. The flag says whether all was looked at.
    fn expand(&self, source: &str) -> Result<(Vec<ProjectPath>, bool), ()> {
        let names: Vec<&str> = source.split('/').filter(|name| !name.is_empty()).collect();
        let plain = names.iter().take_while(|name| !has_wildcards(name)).count();
        let mut found: Vec<_> = self.source_path(&names[..plain].join("/")).into_iter().collect();
        let mut complete = true;
        for (at, name) in names.iter().enumerate().skip(plain) {
            let pattern = Pattern::new(name).map_err(|_| ())?;
            let last = at + 1 == names.len();
            let mut next = Vec::new();
            for folder in found {
                let Ok((entries, all)) = self.list(&folder) else { continue };
                complete &= all;
                // Links are followed at the end of a pattern only.
                let fits = |(path, kind): &(ProjectPath, Kind)| {
                    (last || *kind == Kind::Folder) && pattern.matches(path.file_name())
                };
                next.extend(entries.into_iter().filter(fits).map(|(path, _)| path));
                complete &= next.len() <= MAX_MATCHES;
                next.truncate(MAX_MATCHES);
            }
            found = next;
        }
        Ok((found, complete))
    }
}

struct Copying<'a> {
    context: &'a BuildContext,
    request: &'a CopyRequest<'a>,
    /// The destination, absolute, without a slash at its end.
    to: String,
    /// Whether the destination is a folder by now.
    is_folder: Option<bool>,
    except: Patterns,
    mappings: Vec<Mapping>,
    gaps: Vec<Gap>,
}

impl Copying<'_> {
    /// Everything that `text` stands for; of folders, what `only` matches.
    fn all(&mut self, source: usize, text: &str, only: Option<&Patterns>) {
        for path in self.paths(source, text) {
            match self.context.find(&path) {
                Ok(real) if self.context.is_folder(&real) => self.folder(source, real, only.cloned()),
                Ok(real) => self.file(source, &path, real),
                Err(why) => self.gaps.push(Gap::Missing { source, why }),
            }
        }
    }

    /// `--parents`: the part behind `/./` (or all) keeps its folders.
    fn with_parents(&mut self, source: usize, text: &str) {
        let (root, rest) = text.split_once("/./").unwrap_or(("/", text));
        let kept = clean(&format!("/{rest}"));
        let only = Patterns::of([kept.trim_start_matches('/')]);
        let Ok(only) = only else { return self.gaps.push(Gap::BadPattern { source: Some(source) }) };
        if !has_wildcards(root) && !has_wildcards(rest) {
            let needed = self.context.source_path(&format!("{root}/{rest}"));
            if let Some(Err(why)) = needed.map(|path| self.context.find(&path)) {
                return self.gaps.push(Gap::Missing { source, why });
            }
        }
        self.all(source, root, Some(&only));
    }

    /// The paths that `text` stands for.
    fn paths(&mut self, source: usize, text: &str) -> Vec<ProjectPath> {
        if !has_wildcards(text) {
            return self.context.source_path(text).into_iter().collect();
        }
        let Ok((paths, complete)) = self.context.expand(&clean(&format!("/{text}"))) else {
            self.gaps.push(Gap::BadPattern { source: Some(source) });
            return Vec::new();
        };
        if paths.is_empty() {
            self.gaps.push(Gap::NoMatch { source });
        }
        if !complete {
            self.gaps.push(Gap::TooMuch);
        }
        paths
    }

    fn folder(&mut self, source: usize, from: ProjectPath, only: Option<Patterns>) {
        self.is_folder = Some(true);
        let (to, except) = (self.to.clone(), self.except.clone());
        self.mappings.push(Mapping { source, from, is_folder: true, to, assumed: false, only, except });
    }

    /// A file lands under the name it was asked for by, whatever a link there leads to. (`--exclude` speaks of
    /// what is in folders; a source that is a file itself is not excluded.)
    fn file(&mut self, source: usize, asked: &ProjectPath, from: ProjectPath) {
        if self.request.unpack && is_archive(asked.file_name()) {
            return self.gaps.push(Gap::Archive { source, path: from });
        }
        let into = self.is_folder.unwrap_or_else(|| is_usual_folder(&self.to));
        let to = if into { below(&self.to, asked.file_name()) } else { self.to.clone() };
        let assumed = self.is_folder.is_none();
        let except = Patterns::default();
        self.mappings.push(Mapping { source, from, is_folder: false, to, assumed, only: None, except });
    }
}

/// `path` as a stage with the working directory `workdir` reads it: absolute and cleaned.
pub fn image_path(workdir: &str, path: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("/{workdir}/{path}")) }
}

/// Whether a destination says that it is a folder: by a slash or dot at its end.
fn names_folder(dest: &str) -> bool {
    matches!(dest, "" | "." | "..") || dest.ends_with('/') || dest.ends_with("/.") || dest.ends_with("/..")
}

/// WORKDIR makes its folder and those above it.
fn is_above(folder: &str, workdir: &str) -> bool {
    below_folder(&clean(&format!("/{workdir}")), folder).is_some()
}

/// Folders that every image with a distribution has.
fn is_usual_folder(path: &str) -> bool {
    matches!(
        path,
        "/bin"
            | "/boot"
            | "/dev"
            | "/etc"
            | "/home"
            | "/lib"
            | "/lib64"
            | "/media"
            | "/mnt"
            | "/opt"
            | "/root"
            | "/run"
            | "/sbin"
            | "/srv"
            | "/tmp"
            | "/usr"
            | "/usr/bin"
            | "/usr/lib"
            | "/usr/local"
            | "/usr/local/bin"
            | "/usr/local/lib"
            | "/usr/local/sbin"
            | "/usr/local/share"
            | "/usr/sbin"
            | "/usr/share"
            | "/var"
            | "/var/lib"
            | "/var/log"
            | "/var/www/html"
            | "/usr/share/nginx/html"
    ) || path.strip_suffix(".d").is_some()
}

/// Addresses that ADD fetches.
fn is_remote(source: &str) -> bool {
    let scp = source.split_once('@').is_some_and(|(user, rest)| {
        !user.contains('/') && rest.split_once(':').is_some_and(|(host, _)| !host.contains('/'))
    });
    scp || ["http://", "https://", "git://", "ssh://"].iter().any(|scheme| source.starts_with(scheme))
}

/// Whether ADD unpacks a file of this name. (Builders look at the content; who names a file so means it.)
fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Memory, Unseen};
    use super::*;

    const FILES: [&str; 14] = [
        "Dockerfile",
        "package.json",
        "package-lock.json",
        "src/main.js",
        "src/lib/a.js",
        "src/lib/a.test.js",
        "src/lib/deep/b.js",
        "docs/x.md",
        "docs/y.txt",
        "other/x.md",
        "secret.key",
        ".env",
        "dist.tar.gz",
        "entrypoint.sh",
    ];

    fn context() -> BuildContext {
        let mut memory = Memory::of(FILES.iter().map(|name| (*name, "")));
        memory.write(ProjectPath::new(".dockerignore").unwrap(), b"*.key\n.dockerignore\n", false);
        memory.link(ProjectPath::new("start").unwrap(), "entrypoint.sh");
        memory.link(ProjectPath::new("lib").unwrap(), "src/lib");
        memory.link(ProjectPath::new("src/out").unwrap(), "../docs/x.md");
        BuildContext::new(Arc::new(memory), &ProjectPath::root()).unwrap()
    }

    fn request<'a>(sources: &[&'a str], dest: &'a str) -> CopyRequest<'a> {
        CopyRequest { sources: sources.to_vec(), dest, workdir: "/app", ..CopyRequest::default() }
    }

    /// `image path <- context path` of everything a request brings; each must also be found backwards.
    fn listed(request: &CopyRequest<'_>) -> Vec<String> {
        let copies = context().copied(request);
        let (files, complete) = copies.files();
        assert_eq!(complete, copies.is_complete());
        for (to, copied) in &files {
            let back = copies.source_of(to);
            assert!(copied.kind == Kind::Link || back.as_ref() == Some(&copied.from), "{to}: {back:?}");
        }
        files.into_iter().map(|(to, copied)| format!("{to} <- {}", copied.from)).collect()
    }

    #[test]
    fn plain_copies() {
        let table: &[(&[&str], &str, &[&str])] = &[
            (
                &["package*.json"],
                "./",
                &["/app/package-lock.json <- package-lock.json", "/app/package.json <- package.json"],
            ),
            (&["package.json"], ".", &["/app/package.json <- package.json"]),
            (&["package.json"], "/app", &["/app/package.json <- package.json"]),
            (&["package.json"], "/x/p.json", &["/x/p.json <- package.json"]),
            (&["entrypoint.sh"], "/usr/local/bin", &["/usr/local/bin/entrypoint.sh <- entrypoint.sh"]),
            (&["entrypoint.sh"], "/start", &["/start <- entrypoint.sh"]),
            (&["start"], "/bin/", &["/bin/start <- entrypoint.sh"]),
            (&["docs"], "/d", &["/d/x.md <- docs/x.md", "/d/y.txt <- docs/y.txt"]),
            (&["docs/"], "/d/", &["/d/x.md <- docs/x.md", "/d/y.txt <- docs/y.txt"]),
            (&["docs/."], "/d/", &["/d/x.md <- docs/x.md", "/d/y.txt <- docs/y.txt"]),
            // Later sources win, and folders matched by a pattern are emptied into the same place.
            (&["docs", "other"], "/d/", &["/d/x.md <- other/x.md", "/d/y.txt <- docs/y.txt"]),
            (&["do*"], "/d/", &["/d/x.md <- docs/x.md", "/d/y.txt <- docs/y.txt"]),
            (&["*/x.md"], "/d/", &["/d/x.md <- other/x.md"]),
            // A folder makes the destination one, so a file behind it goes inside.
            (
                &["docs", "package.json"],
                "/d",
                &["/d/package.json <- package.json", "/d/x.md <- docs/x.md", "/d/y.txt <- docs/y.txt"],
            ),
            (
                &["lib"],
                "l/",
                &[
                    "/app/l/a.js <- src/lib/a.js",
                    "/app/l/a.test.js <- src/lib/a.test.js",
                    "/app/l/deep/b.js <- src/lib/deep/b.js",
                ],
            ),
            (&["src/out"], "/x.md", &["/x.md <- docs/x.md"]),
            (&["../package.json"], "./", &["/app/package.json <- package.json"]),
            (&["[ds]*/main.js"], "./", &["/app/main.js <- src/main.js"]),
        ];
        for (sources, dest, expected) in table {
            assert_eq!(listed(&request(sources, dest)), *expected, "{sources:?} {dest}");
        }
    }

    #[test]
    fn the_whole_context_less_what_is_ignored() {
        let all = listed(&request(&["."], "."));
        assert_eq!(all.len(), FILES.len() - 1 + 3);
        assert!(
            all.contains(&"/app/src/out <- src/out".to_owned())
                && all.contains(&"/app/.env <- .env".to_owned())
        );
        let copies = context().copied(&request(&["."], "."));
        assert_eq!(copies.source_of("/app/secret.key"), None);
        assert_eq!(copies.source_of("/app/src/lib"), ProjectPath::new("src/lib").ok());
        assert_eq!(copies.source_of("/app/./src/../package.json"), ProjectPath::new("package.json").ok());
        assert_eq!(copies.source_of("/application/package.json"), None);
        assert_eq!(copies.source_of("/app/nothing"), None);
    }

    #[test]
    fn excludes_speak_of_what_is_in_a_folder() {
        let exclude = |sources: &[&'static str], excludes: &[&'static str]| {
            listed(&CopyRequest { excludes: excludes.to_vec(), ..request(sources, "/d/") })
        };
        assert_eq!(exclude(&["docs"], &["*.md"]), ["/d/y.txt <- docs/y.txt"]);
        assert_eq!(exclude(&["src/lib"], &["**/*.test.js", "deep"]), ["/d/a.js <- src/lib/a.js"]);
        assert_eq!(exclude(&["src/lib"], &["*", "!deep"]), ["/d/deep/b.js <- src/lib/deep/b.js"]);
        assert_eq!(exclude(&["docs", "other"], &["*"]), [""; 0]);
        assert_eq!(exclude(&["docs/x.md"], &["*.md"]), ["/d/x.md <- docs/x.md"]);
    }

    #[test]
    fn parents_keep_their_folders() {
        let parents =
            |sources: &[&'static str]| listed(&CopyRequest { parents: true, ..request(sources, "/d/") });
        assert_eq!(parents(&["src/main.js"]), ["/d/src/main.js <- src/main.js"]);
        assert_eq!(parents(&["./src/./lib/deep"]), ["/d/lib/deep/b.js <- src/lib/deep/b.js"]);
        assert_eq!(
            parents(&["src/**/*.js"]),
            [
                "/d/src/lib/a.js <- src/lib/a.js",
                "/d/src/lib/a.test.js <- src/lib/a.test.js",
                "/d/src/lib/deep/b.js <- src/lib/deep/b.js",
                "/d/src/main.js <- src/main.js"
            ]
        );
        // A file that the part before `/./` matches comes along, as builders have it.
        let expected = [
            "/d/lib/a.js <- src/lib/a.js",
            "/d/lib/a.test.js <- src/lib/a.test.js",
            "/d/start <- entrypoint.sh",
        ];
        assert_eq!(parents(&["s*/./lib/*.js"]), expected);
        let missing = CopyRequest { parents: true, ..request(&["src/nothing"], "/d/") };
        assert!(matches!(context().copied(&missing).gaps(), [Gap::Missing { source: 0, .. }]));
    }

    #[test]
    fn what_is_not_known_is_told() {
        let gaps = |sources: &[&'static str]| {
            context().copied(&CopyRequest { unpack: true, ..request(sources, "/d/") }).gaps().to_vec()
        };
        assert!(matches!(&gaps(&["build/app.jar"])[..], [Gap::Missing { source: 0, why: Unseen::Read(_) }]));
        assert!(matches!(
            &gaps(&["a*", "secret.key"])[1],
            Gap::Missing { source: 1, why: Unseen::Ignored { .. } }
        ));
        assert_eq!(
            gaps(&["https://x.org/a", "git@x.org:a/b.git"]),
            [Gap::Remote { source: 0 }, Gap::Remote { source: 1 }]
        );
        assert!(matches!(&gaps(&["dist.tar.gz"])[..], [Gap::Archive { .. }]));
        assert_eq!(gaps(&["x[*"]), [Gap::BadPattern { source: Some(0) }]);
        assert_eq!(gaps(&["nothing*"]), [Gap::NoMatch { source: 0 }]);
        let absent = BuildContext::absent().copied(&request(&["."], "."));
        assert_eq!(absent.gaps(), [Gap::NoContext]);
        assert_eq!(absent.source_of("/app/x"), None);
    }

    #[test]
    fn a_guessed_destination_says_so() {
        let guess = |dest_is_folder| {
            let copies =
                context().copied(&CopyRequest { dest_is_folder, ..request(&["entrypoint.sh"], "/srv/run") });
            (copies.mappings()[0].to.clone(), copies.mappings()[0].assumed)
        };
        assert_eq!(guess(None), ("/srv/run".to_owned(), true));
        assert_eq!(guess(Some(false)), ("/srv/run".to_owned(), false));
        assert_eq!(guess(Some(true)), ("/srv/run/entrypoint.sh".to_owned(), false));
    }
}
