//! The project: its files, searched once and lazily, and what they say of each Dockerfile.

use std::sync::{Arc, OnceLock};

use super::context_folder::folder_of;
use super::outside::{Foreign, ImageName, Matched, OutsideUse, Scan, Seen, foreign_images, look, uses_of};
use super::{BuildContext, FileKind, Files, Note, ProjectPath, ReadError, Updates, file_kind, walk};

/// Files that are searched for uses of images.
const MAX_SEARCHED: usize = 10_000;
/// Bytes of them that are searched in all.
const MAX_SEARCHED_BYTES: u64 = 64 << 20;

/// Everything below the project root. Shared by all analyses and threads.
#[derive(Debug)]
pub struct Project {
    files: Arc<dyn Files>,
    index: OnceLock<Index>,
    images: Vec<ImageName>,
    manifests: Option<ProjectPath>,
}

/// What the files of the project show.
#[derive(Debug)]
struct Index {
    seen: Vec<Seen>,
    complete: bool,
    around: Arc<Surroundings>,
}

/// What the project does with images as a whole.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Scanners that its CI files run.
    pub scans: Vec<Scan>,
    /// Whether something that is not read may scan images, too.
    pub may_scan: bool,
    /// Who keeps versions up to date.
    pub updates: Updates,
    /// Its Dockerfiles.
    pub dockerfiles: Vec<ProjectPath>,
    /// Whether it has CI at all.
    pub has_ci: bool,
    /// Images that it runs and does not build.
    pub foreign: Vec<Foreign>,
}

impl Surroundings {
    /// Those of `foreign` that the Dockerfile at `path` speaks of: each is told once in a project, with the first Dockerfile
    /// of those that are nearest to its file.
    pub fn foreign_of(&self, path: &ProjectPath) -> impl Iterator<Item = &Foreign> {
        let mut last: Option<(&ProjectPath, bool)> = None;
        self.foreign.iter().filter(move |foreign| {
            let file = &foreign.at.path;
            let is_told = match last {
                Some((known, is_told)) if known == file => is_told,
                _ => self.first_near(file) == Some(path),
            };
            last = Some((file, is_told));
            is_told
        })
    }

    /// The first Dockerfile in the folder of `file` or below; else in the one above, and so on.
    fn first_near(&self, file: &ProjectPath) -> Option<&ProjectPath> {
        let folders = std::iter::successors(Some(file.folder()), ProjectPath::parent);
        folders
            .into_iter()
            .find_map(|folder| self.dockerfiles.iter().filter(|path| path.is_within(&folder)).min())
    }
}

impl Project {
    /// The project of `files`, from their root down.
    pub fn new(files: Arc<dyn Files>) -> Self {
        Self { files, index: OnceLock::new(), images: Vec::new(), manifests: None }
    }

    /// The same, where whoever asks knows that images of the names `images` are built from the Dockerfile that is looked at.
    #[must_use]
    pub fn with_images(self, images: Vec<ImageName>) -> Self {
        Self { images, ..self }
    }

    /// The same, where only the Kubernetes manifests below `folder` count.
    #[must_use]
    pub fn with_manifests(self, folder: ProjectPath) -> Self {
        Self { manifests: Some(folder), ..self }
    }

    /// The same project with other files: those of an overlay.
    #[must_use]
    pub fn over(&self, files: Arc<dyn Files>) -> Self {
        let (images, manifests) = (self.images.clone(), self.manifests.clone());
        Self { files, index: OnceLock::new(), images, manifests }
    }

    /// Its files.
    pub fn files(&self) -> &Arc<dyn Files> {
        &self.files
    }

    /// The build context of `dockerfile`: the folder that the builds of it in the project agree on, else the nearest that has
    /// what it copies, else its own.
    pub fn build_context(&self, dockerfile: &ProjectPath) -> Result<Arc<BuildContext>, ReadError> {
        let folder =
            self.context_named_for(dockerfile).unwrap_or_else(|| folder_of(&*self.files, dockerfile));
        let context = BuildContext::new(Arc::clone(&self.files), &folder)?;
        Ok(Arc::new(context.for_dockerfile(&*self.files, dockerfile)))
    }

    /// The one context that compose files, CI files and scripts build `dockerfile` in.
    fn context_named_for(&self, dockerfile: &ProjectPath) -> Option<ProjectPath> {
        let builds =
            self.index().seen.iter().flat_map(Seen::builds).filter(|build| build.dockerfile == *dockerfile);
        let mut contexts =
            builds.filter_map(|build| build.context.as_ref()).filter(|at| self.files.is_folder(at));
        let first = contexts.next()?;
        contexts.all(|context| context == first).then(|| first.clone())
    }

    /// What else in the project builds `dockerfile`, runs its image or may do so, by file and place.
    pub fn outside_uses(&self, dockerfile: &ProjectPath) -> Vec<OutsideUse> {
        let mut uses = uses_of(&self.index().seen, dockerfile, &self.images);
        uses.retain(|used| used.matched != Matched::Unmatched || self.is_near(&used.at.path, &[dockerfile]));
        if let Some(folder) = &self.manifests {
            uses.retain(|used| used.kind != FileKind::Yaml || used.at.path.is_within(folder));
        }
        uses
    }

    /// What it does with images as a whole.
    pub fn surroundings(&self) -> Arc<Surroundings> {
        Arc::clone(&self.index().around)
    }

    /// What kept files that may speak of one of `dockerfiles` from being searched for uses, by file and line.
    pub fn notes_near(&self, dockerfiles: &[&ProjectPath]) -> Vec<Note> {
        self.notes().into_iter().filter(|note| self.is_near(&note.path, dockerfiles)).collect()
    }

    /// Whether a file that names no image may speak of one of `dockerfiles`: it speaks of those that are nearest, in its
    /// own folder or below, else in the one above, and so on.
    fn is_near(&self, path: &ProjectPath, dockerfiles: &[&ProjectPath]) -> bool {
        let all = &self.index().around.dockerfiles;
        let mut folder = Some(path.folder());
        while let Some(at) = folder {
            if dockerfiles.iter().any(|dockerfile| dockerfile.is_within(&at)) {
                return true;
            }
            if all.iter().any(|dockerfile| dockerfile.is_within(&at)) {
                return false;
            }
            folder = at.parent();
        }
        true
    }

    /// What kept files from being searched for uses, by file and line.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes: Vec<Note> = self.index().seen.iter().flat_map(|seen| seen.notes().to_vec()).collect();
        notes.sort_unstable();
        notes
    }

    /// Whether every file of the project was searched: false for very large ones and unreadable folders.
    pub fn is_complete(&self) -> bool {
        self.index().complete
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let mut around = Surroundings { updates: Updates::read(&*self.files), ..Surroundings::default() };
            let walked = walk(&*self.files, &ProjectPath::root(), |path| {
                let kind = file_kind(&path)?;
                if kind == FileKind::Dockerfile {
                    around.dockerfiles.push(path);
                    return None;
                }
                around.has_ci |= match kind {
                    FileKind::Workflow => path.as_str().starts_with(".github/workflows/"),
                    kind => matches!(kind, FileKind::GitlabCi | FileKind::OtherCi | FileKind::Jenkinsfile),
                };
                Some((path, kind))
            });
            let mut bytes_left = MAX_SEARCHED_BYTES;
            let mut index = Index { seen: Vec::new(), complete: walked.complete, around: Arc::default() };
            for (at, (path, kind)) in walked.found.iter().enumerate() {
                if at == MAX_SEARCHED || bytes_left == 0 {
                    index.complete = false;
                    break;
                }
                let seen = look(&*self.files, path, *kind, &mut bytes_left);
                index.seen.extend(seen.filter(|seen| !seen.is_empty()));
            }
            // A file that was not searched may scan.
            around.may_scan = !index.complete;
            for (scans, maybe) in index.seen.iter().map(Seen::scans) {
                around.scans.extend_from_slice(scans);
                around.may_scan |= maybe;
            }
            around.foreign = foreign_images(&index.seen);
            index.around = Arc::new(around);
            index
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Memory;
    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn project(files: &[(&str, &str)]) -> Project {
        Project::new(Arc::new(Memory::of(files.iter().copied())))
    }

    #[test]
    fn the_context_is_what_builds_agree_on() {
        let compose = "services:\n  web:\n    build: {context: .., dockerfile: docker/Dockerfile}\n";
        let files = [("docker/Dockerfile", "FROM x"), ("docker/compose.yaml", compose), ("src/main.go", "")];
        let context = project(&files).build_context(&path("docker/Dockerfile")).unwrap();
        assert_eq!(context.root(), &ProjectPath::root());
        assert_eq!(context.exists(&path("src/main.go")), Some(true));

        let other = ("Makefile", "build:\n\tdocker build docker\n");
        let torn = project(&[files[0], files[1], files[2], other]);
        assert_eq!(torn.build_context(&path("docker/Dockerfile")).unwrap().root(), &path("docker"));
        let plain = project(&[("a/Dockerfile", ""), ("a/Dockerfile.dockerignore", "b"), ("a/b", "")]);
        let context = plain.build_context(&path("a/Dockerfile")).unwrap();
        assert_eq!((context.root(), context.exists(&path("a/b"))), (&path("a"), Some(false)));
    }

    #[test]
    fn the_context_has_what_is_copied() {
        let table = [
            ("COPY Gemfile ./\nCOPY . .", "ecs"),
            ("COPY Gemfile app/web ./", ""),
            ("COPY Gemfile ./\nCOPY app/web dist /srv/", "ecs/app"),
            ("COPY app/web $X /a\nCOPY --from=b nothing /b\nADD https://x.org/y /c\nCOPY <<E /d\nE", ""),
            ("COPY app/../missing /a", "ecs/app"),
        ];
        for (copies, expected) in table {
            let dockerfile = format!("FROM x\n{copies}\n");
            let project = project(&[
                ("ecs/app/Dockerfile", dockerfile.as_str()),
                ("ecs/Gemfile", ""),
                ("Gemfile", ""),
                ("app/web/a.rb", ""),
            ]);
            // The folder in between has the first source alone.
            let context = project.build_context(&path("ecs/app/Dockerfile")).unwrap();
            let expected = if expected.is_empty() { ProjectPath::root() } else { path(expected) };
            assert_eq!(context.root(), &expected, "{copies}");
        }
        let named = project(&[
            ("ecs/app/Dockerfile", "FROM x\nCOPY . .\n"),
            ("README.md", "```\n$ docker build -f ecs/app/Dockerfile -t app .\n```\n"),
        ]);
        assert_eq!(named.build_context(&path("ecs/app/Dockerfile")).unwrap().root(), &ProjectPath::root());
    }

    #[test]
    fn what_cannot_be_read_is_noted_and_harms_nothing_else() {
        let project = project(&[
            ("Dockerfile", ""),
            ("compose.yaml", "services:\n  a: {build: .}\n  b: [\n"),
            ("docker-compose.yml", "services: {web: {build: .}}\n"),
            ("chart/templates/d.yaml", "kind: Deployment\n{{- if .x }}\nspec: {containers: [{image: a}]}\n"),
        ]);
        let notes: Vec<String> = project.notes().iter().map(ToString::to_string).collect();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].starts_with("chart/templates/d.yaml: not searched"), "{}", notes[0]);
        assert!(notes[1].starts_with("compose.yaml:4: not searched"), "{}", notes[1]);
        assert_eq!(project.outside_uses(&path("Dockerfile")).len(), 1);
        assert!(project.is_complete());
    }

    #[test]
    fn notes_are_of_the_dockerfiles_that_are_near() {
        let broken = "kind: Deployment\nspec: {containers: [";
        let project = project(&[
            ("Dockerfile", ""),
            ("deploy/all.yaml", broken),
            ("a/Dockerfile", ""),
            ("a/k8s/web.yaml", broken),
            ("b/src/Dockerfile", ""),
            ("b/chart/web.yaml", broken),
        ]);
        let table = [
            ("Dockerfile", vec!["deploy/all.yaml"]),
            ("a/Dockerfile", vec!["a/k8s/web.yaml", "deploy/all.yaml"]),
            ("b/src/Dockerfile", vec!["b/chart/web.yaml", "deploy/all.yaml"]),
        ];
        for (dockerfile, expected) in table {
            let notes = project.notes_near(&[&path(dockerfile)]);
            let found: Vec<&str> = notes.iter().map(|note| note.path.as_str()).collect();
            assert_eq!(found, expected, "{dockerfile}");
        }
    }

    #[test]
    fn threads_share_it() {
        let project = project(&[("Dockerfile", ""), ("compose.yaml", "services: {web: {build: .}}\n")]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(project.outside_uses(&path("Dockerfile")).len(), 1));
            }
        });
    }
}
