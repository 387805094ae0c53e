//! Whether what an image starts can start, told from its files alone: the program and the health check are there, their
//! interpreters too, and every library in the version they were linked with.

use barehull_image::elf::ElfFacts;
use barehull_image::loader::{Loader, Root};
use barehull_image::{Entry, Image, Tree};

/// How many scripts may start one another.
const MAX_SCRIPTS: usize = 8;

/// What keeps the image's own command and its health check from starting.
pub fn problems(image: &Image) -> Vec<String> {
    let config = &image.config;
    let command = config.entrypoint.iter().chain(&config.cmd).next().map(String::as_str);
    let test =
        config.healthcheck.iter().flat_map(|check| &check.test).map(String::as_str).collect::<Vec<_>>();
    let health = match test.as_slice() {
        ["CMD", program, ..] => Some(*program),
        ["CMD-SHELL", ..] => Some(config.shell.first().map_or("/bin/sh", String::as_str)),
        _ => None,
    };
    command.into_iter().chain(health).flat_map(|program| of_program(image, program)).collect()
}

fn of_program(image: &Image, name: &str) -> Vec<String> {
    let mut name = name.to_owned();
    for _ in 0..MAX_SCRIPTS {
        let Some(entry) = find(image, &name) else {
            return vec![format!("{name} is not in the image, or leads to nothing")];
        };
        if !entry.is_executable() {
            return vec![format!("{} is not executable", entry.path)];
        }
        if entry.elf().is_some() {
            let root = Files(&image.tree);
            let loader = Loader::new(&root, image.config.variable("LD_LIBRARY_PATH").unwrap_or_default());
            let problems = loader.closure(&entry.path).problems;
            return problems.iter().map(|problem| format!("{} {problem}", entry.path)).collect();
        }
        let Some(script) = entry.script() else { return Vec::new() };
        let mut words = script.interpreter.split_whitespace();
        let interpreter = words.next().unwrap_or_default();
        let program = if interpreter.ends_with("/env") { words.next() } else { None };
        name = program.unwrap_or(interpreter).to_owned();
    }
    vec![format!("{name} is started by too many scripts")]
}

/// The file that a command's name means.
fn find<'a>(image: &'a Image, name: &str) -> Option<&'a Entry> {
    let tree = &image.tree;
    if name.contains('/') {
        let from = if image.config.working_dir.is_empty() { "/" } else { &image.config.working_dir };
        return tree.resolve_from(from, name).ok();
    }
    let path = image
        .config
        .variable("PATH")
        .unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    path.split(':').find_map(|folder| tree.resolve(&format!("{folder}/{name}")).ok())
}

/// The image's files as a dynamic loader sees them.
struct Files<'a>(&'a Tree);

impl Root for Files<'_> {
    fn real(&self, path: &str) -> Option<String> {
        self.0.resolve(path).ok().map(|entry| entry.path.to_string())
    }

    fn elf(&self, real: &str) -> Option<&ElfFacts> {
        self.0.get(real).and_then(Entry::elf)
    }

    fn contents(&self, path: &str) -> Option<&[u8]> {
        self.0.resolve(path).ok().and_then(Entry::text)
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let folder = self.0.resolve(folder).ok();
        let children = folder.into_iter().flat_map(|folder| self.0.children(&folder.path));
        children.map(|entry| entry.name().to_owned()).collect()
    }

    fn somewhere(&self, name: &str) -> Option<String> {
        self.0.iter().find(|entry| entry.name() == name).map(|entry| entry.path.to_string())
    }
}
