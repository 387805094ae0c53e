//! The language that an image is for, where that can be told.
//!
//! A distribution's Perl, or a Python that Git needs, make no image of a language: something has to say that programs are
//! meant to run on it.

use barehull_catalog::compare_versions;
use barehull_image::{Entry, Image, Tree, owners};

/// Folders of what is not a package of the distribution.
const OWN_FOLDERS: [&str; 2] = ["/usr/local/", "/opt/"];

/// A language as images show it.
struct Kind {
    name: &'static str,
    /// Variables that official and vendors' images give the version in, the surest first.
    variables: &'static [&'static str],
    /// What its interpreter (or compiler) is called, the usual name first.
    programs: &'static [&'static str],
    /// The product in the catalog's ends of life; Java's depends on the vendor.
    eol: Option<&'static str>,
}

const KINDS: [Kind; 8] = [
    Kind {
        name: "python",
        variables: &["PYTHON_VERSION"],
        programs: &["python", "python3"],
        eol: Some("python"),
    },
    Kind {
        name: "node",
        variables: &["NODE_VERSION", "NODEJS_VERSION"],
        programs: &["node"],
        eol: Some("nodejs"),
    },
    Kind { name: "java", variables: &["JAVA_VERSION"], programs: &["java"], eol: None },
    Kind { name: "ruby", variables: &["RUBY_VERSION"], programs: &["ruby"], eol: Some("ruby") },
    Kind { name: "php", variables: &["PHP_VERSION"], programs: &["php"], eol: Some("php") },
    Kind { name: "go", variables: &["GOLANG_VERSION", "GO_VERSION"], programs: &["go"], eol: Some("go") },
    Kind {
        name: "dotnet",
        variables: &["DOTNET_VERSION", "ASPNET_VERSION", "DOTNET_SDK_VERSION"],
        programs: &["dotnet"],
        eol: Some("dotnet"),
    },
    Kind { name: "perl", variables: &["PERL_VERSION"], programs: &["perl"], eol: Some("perl") },
];

/// A language, its interpreter, and as much of its version as can be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) name: &'static str,
    pub(super) interpreter: String,
    pub(super) version: Option<String>,
    /// The product in the catalog's ends of life, where there is a version to look up.
    pub(super) eol: Option<&'static str>,
}

/// The image's language; `None` where there is none, or where several could be meant, which becomes a remark.
pub(super) fn of(image: &Image, remarks: &mut Vec<String>) -> Option<Found> {
    let candidates: Vec<(&Kind, String)> = KINDS
        .iter()
        .filter_map(|kind| Some((kind, interpreter(image, kind)?)))
        .filter(|(kind, path)| is_meant(image, kind, path))
        .collect();
    let started: Vec<&(&Kind, String)> = candidates.iter().filter(|(kind, _)| starts(image, kind)).collect();
    let (kind, path) = match (candidates.as_slice(), started.as_slice()) {
        ([one], _) => one,
        (_, [one]) => *one,
        ([], _) => return None,
        _ => {
            let names: Vec<&str> = candidates.iter().map(|(kind, _)| kind.name).collect();
            remarks.push(format!(
                "It could be for several languages ({}): say which by `language`, if it is for one.",
                names.join(", ")
            ));
            return None;
        }
    };
    let version = version(image, kind, path);
    if version.is_none() {
        remarks.push(format!("The version of {} cannot be told: add it to `language`.", kind.name));
    }
    let eol = kind.eol.filter(|_| version.is_some());
    Some(Found { name: kind.name, interpreter: path.clone(), version, eol })
}

/// The interpreter that commands find, else the one that the image starts.
fn interpreter(image: &Image, kind: &Kind) -> Option<String> {
    let path = image
        .config
        .variable("PATH")
        .unwrap_or("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let home =
        image.config.variable("JAVA_HOME").filter(|_| kind.name == "java").map(|home| format!("{home}/bin"));
    let folders = path.split(':').chain(home.as_deref()).filter(|folder| folder.starts_with('/'));
    let in_folder = |folder: &str| {
        let paths = kind.programs.iter().map(|program| format!("{}/{program}", folder.trim_end_matches('/')));
        paths.into_iter().find(|path| runs(&image.tree, path))
    };
    folders.into_iter().find_map(in_folder).or_else(|| {
        let started = first_words(image).find(|word| word.starts_with('/') && is_named(kind, word))?;
        runs(&image.tree, started).then(|| started.to_owned())
    })
}

fn runs(tree: &Tree, path: &str) -> bool {
    tree.resolve(path).is_ok_and(Entry::is_executable)
}

/// Whether something says that programs of the language are what the image is for.
fn is_meant(image: &Image, kind: &Kind, path: &str) -> bool {
    kind.variables.iter().any(|name| image.config.variable(name).is_some())
        || starts(image, kind)
        || OWN_FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn starts(image: &Image, kind: &Kind) -> bool {
    first_words(image).any(|word| is_named(kind, word))
}

/// The first words of ENTRYPOINT and CMD.
fn first_words(image: &Image) -> impl Iterator<Item = &str> {
    let config = &image.config;
    config.entrypoint.first().into_iter().chain(config.cmd.first()).map(String::as_str)
}

/// `/usr/bin/python3.13` is Python's.
fn is_named(kind: &Kind, word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    kind.programs.contains(&split_version(name).0) || kind.programs.contains(&name)
}

/// `python3.13` is `python` and `3.13`.
fn split_version(name: &str) -> (&str, &str) {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    (bare.strip_suffix('-').unwrap_or(bare), &name[bare.len()..])
}

fn version(image: &Image, kind: &Kind, path: &str) -> Option<String> {
    let real = &*image.tree.resolve(path).ok()?.path;
    let of_name = split_version(real.rsplit('/').next()?).1;
    let by_name = Some(of_name).filter(|version| version.contains('.')).map(str::to_owned);
    let variables = kind.variables.iter().filter_map(|name| image.config.variable(name));
    // The name of the file is not older than the file; a variable may be.
    let agrees =
        |version: &String| by_name.as_ref().is_none_or(|name| compare_versions(version, name).is_eq());
    variables
        .filter_map(number)
        .find(agrees)
        .or_else(|| dotnet_runtime(image, real).filter(|_| kind.name == "dotnet"))
        .or_else(|| of_package(image, real))
        .or(by_name)
        .or_else(|| real.rsplit('/').skip(1).find_map(of_folder))
}

/// The version in a variable's value or a package's version: `22.20.0` of `v22.20.0`, `21.0.3` of `jdk-21.0.3+9`,
/// `18.19.0` of `18.19.0+dfsg-6~deb12u2`.
fn number(text: &str) -> Option<String> {
    let text = text.split_once(':').map_or(text, |(epoch, rest)| {
        if epoch.bytes().all(|byte| byte.is_ascii_digit()) { rest } else { text }
    });
    let start = text.trim_start_matches(|c: char| c.is_ascii_lowercase());
    let start = start.strip_prefix('-').unwrap_or(start);
    let end = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(start.len());
    start.starts_with(|c: char| c.is_ascii_digit()).then(|| start[..end].to_owned())
}

/// The newest of `shared/Microsoft.NETCore.App/8.0.4` beside `dotnet`.
fn dotnet_runtime(image: &Image, real: &str) -> Option<String> {
    let folder = real.rsplit_once('/')?.0;
    let shared = image.tree.resolve(&format!("{folder}/shared/Microsoft.NETCore.App")).ok()?;
    let versions = image.tree.children(&shared.path).filter(|entry| entry.is_dir()).map(Entry::name);
    versions.filter_map(number).max_by(|a, b| compare_versions(a, b))
}

/// That of the package that holds the file.
fn of_package(image: &Image, real: &str) -> Option<String> {
    let owners = owners(&image.tree, [real]);
    let owner = owners.get(real)?;
    let mut packages = image.packages.iter().flat_map(|database| database.packages.iter().flatten());
    number(&packages.find(|package| package.name == *owner)?.version)
}

/// `21` of `java-21-openjdk-amd64` and `jdk-21`.
fn of_folder(name: &str) -> Option<String> {
    let rest = ["java-", "jdk-", "jre-", "openjdk-"].iter().find_map(|start| name.strip_prefix(start))?;
    number(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_written() {
        let table = [
            ("22.20.0", Some("22.20.0")),
            ("v22.20.0", Some("22.20.0")),
            ("jdk-21.0.3+9", Some("21.0.3")),
            ("jdk8u402-b06", Some("8u402")),
            ("1:18.19.0+dfsg-6~deb12u2", Some("18.19.0")),
            ("3.13.5-r0", Some("3.13.5")),
            ("latest", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
        assert_eq!(split_version("python3.13"), ("python", "3.13"));
        assert_eq!(split_version("node"), ("node", ""));
        assert_eq!(of_folder("java-21-openjdk-amd64").as_deref(), Some("21"));
    }
}
