//! Images made in memory, described, and read back.

use barehull_catalog::{Catalog, Completeness, Family, ImageFacts, ImageRef, Libc, Presence, Role};
use barehull_image::elf::Kind;
use barehull_image::fixture::elf::{bytes, facts, library, program};
use barehull_image::fixture::image::{Archive, Builder, write_folder};
use barehull_image::{Image, OpenOptions, inventory};
use serde_json::{Value, json};

use super::*;

const DEBIAN: &str = "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n";
const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";
const STATUS: &str = "Package: curl\nStatus: install ok installed\nVersion: 7.88.1-10\n\n";

/// Debian 12 with a merged /usr, curl from its package, a tool of nobody and Python in /usr/local.
fn debian() -> Archive {
    let tool = bytes(&program(LOADER, &["libc.so.6"]));
    Archive::new()
        .symlink("bin", "usr/bin")
        .symlink("lib", "usr/lib")
        .symlink("lib64", "usr/lib64")
        .file("etc/os-release", 0o644, DEBIAN)
        .file("usr/lib64/ld-linux-x86-64.so.2", 0o755, bytes(&library("ld-linux-x86-64.so.2", &[])))
        .file("usr/bin/dash", 0o755, &tool)
        .symlink("usr/bin/sh", "dash")
        .file("usr/bin/apt-get", 0o755, &tool)
        .file("usr/bin/curl", 0o755, &tool)
        .file("opt/{acme}/bin/strace", 0o755, &tool)
        .file("var/lib/dpkg/status", 0o644, STATUS)
        .file("var/lib/dpkg/info/curl.list", 0o644, "/usr/bin/curl\n")
        .file("usr/local/bin/python3.13", 0o755, &tool)
        .symlink("usr/local/bin/python3", "python3.13")
        .symlink("usr/local/bin/python", "python3")
}

fn image(layer: Archive, config: &Value) -> Image {
    let mut builder = Builder::new([layer]);
    builder.config["config"] = config.clone();
    open(&builder)
}

fn open(builder: &Builder) -> Image {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_folder(&builder.layout(), folder.path()).expect("files are written");
    Image::open(folder.path(), &OpenOptions::default()).expect("an image")
}

fn described(image: &Image) -> Description {
    let name = name_of(image, Some("registry.example/base:1")).expect("a reference");
    describe(image, &name, Catalog::builtin()).expect("a description")
}

/// What `--catalog` makes of the description.
fn read_back(description: &Description) -> ImageFacts {
    let yaml = description.to_yaml();
    let catalog = Catalog::with_user_file(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let reference: ImageRef = "registry.example/base:1".parse().expect("a reference");
    catalog.image(&reference).unwrap_or_else(|| panic!("{yaml}"))
}

/// Path, role and package.
type Row = (String, Role, Option<String>);

fn rows(facts: &ImageFacts) -> Vec<Row> {
    let row = |c: &barehull_catalog::ImageComponent| {
        (c.component.path.to_string(), c.component.role, c.package.clone())
    };
    facts.components.iter().map(row).collect()
}

fn found(image: &Image) -> Vec<Row> {
    let inventory = inventory(image, Catalog::builtin());
    let present = inventory.materialise().iter().filter(|entry| entry.presence == Presence::Present);
    present.map(|e| (e.component.path.to_string(), e.component.role, e.package.clone())).collect()
}

#[test]
fn what_is_found_is_what_is_read_back() {
    let config = json!({
        "Env": ["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHON_VERSION=3.13.5", "JSON={\"a\": \"{b}\"}\n#x"],
        "Entrypoint": ["/usr/bin/curl", "-s: {x}"], "Cmd": ["python3"], "User": "1000:1000", "WorkingDir": "/srv",
        "ExposedPorts": {"8080/tcp": {}}, "Volumes": {"/data": {}}, "StopSignal": "SIGQUIT",
        "Shell": ["/bin/sh", "-ec"], "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost || exit 1"]},
    });
    let image = image(debian(), &config);
    let description = described(&image);
    let facts = read_back(&description);
    assert_eq!(rows(&facts), found(&image));
    let curl = ("/usr/bin/curl".to_owned(), Role::NetworkClient, Some("curl".to_owned()));
    let strace = ("/opt/{acme}/bin/strace".to_owned(), Role::DebugTool, None);
    assert!(rows(&facts).contains(&curl) && rows(&facts).contains(&strace), "{:?}", rows(&facts));

    assert_eq!((facts.os.family, facts.os.release.as_deref()), (Family::Debian, Some("12")));
    assert_eq!((facts.libc, facts.merged_usr, facts.minimal), (Libc::Glibc, true, false));
    assert_eq!(
        (facts.completeness, facts.architectures.as_slice()),
        (Completeness::Exact, &["amd64".into()][..])
    );
    let runtime = facts.runtime.expect("a language");
    assert_eq!((&*runtime.name, runtime.version.as_deref()), ("python", Some("3.13.5")));
    assert_eq!(runtime.interpreter.as_deref(), Some("/usr/local/bin/python"));
    let told = facts.config;
    let env: Vec<_> =
        told.env.iter().map(|v| format!("{}={}", v.name, v.value.as_deref().unwrap())).collect();
    assert_eq!(json!(env), config["Env"]);
    assert_eq!(json!(told.entrypoint), config["Entrypoint"]);
    assert_eq!(json!(told.cmd), config["Cmd"]);
    assert_eq!(json!(told.user), config["User"]);
    assert_eq!(json!(told.workdir), config["WorkingDir"]);
    assert_eq!(json!(told.expose), json!(["8080/tcp"]));
    assert_eq!(json!(told.volumes), json!(["/data"]));
    assert_eq!(json!(told.stop_signal), config["StopSignal"]);
    assert_eq!(json!(told.shell), config["Shell"]);
    assert_eq!(json!(told.healthcheck), config["Healthcheck"]["Test"]);
    assert_eq!(description.remarks, [""; 0]);
    assert_eq!(description.to_yaml(), described(&image).to_yaml());
}

#[test]
fn a_program_without_a_name_for_its_role_keeps_its_role() {
    // The fixture's programs are not BusyBox: its mark is put behind one.
    let busybox = [bytes(&facts(Kind::Static)), b"BusyBox is a multi-call binary".to_vec()].concat();
    let image = image(Archive::new().file("app/helper", 0o755, busybox), &json!({}));
    let facts = read_back(&described(&image));
    assert_eq!(rows(&facts), found(&image));
    assert_eq!(rows(&facts), [("/app/helper".to_owned(), Role::Shell, None)]);
}

#[test]
fn an_image_without_a_distribution_is_minimal() {
    let image = image(
        Archive::new().file("app", 0o755, bytes(&facts(Kind::Static))),
        &json!({"Entrypoint": ["/app"]}),
    );
    let facts = read_back(&described(&image));
    assert_eq!((facts.os.family, facts.libc, facts.minimal), (Family::None, Libc::None, true));
    assert_eq!((facts.components.len(), facts.completeness), (0, Completeness::Exact));
}

#[test]
fn what_is_not_known_is_said() {
    let with = |os_release: &str, config: &Value| {
        let tool = bytes(&facts(Kind::Static));
        let layer = Archive::new().file("etc/os-release", 0o644, os_release).file("bin/sh", 0o755, tool);
        let description = described(&image(layer, config));
        let facts = read_back(&description);
        (facts.os.family, facts.os.release.clone(), facts.completeness, description.remarks.join("\n"))
    };
    let none = json!({});
    let (family, release, _, said) = with("ID=nixos\nVERSION_ID=25.05\n", &none);
    assert!(
        (family, release) == (Family::None, None) && said.contains("`nixos` is not in the catalog"),
        "{said}"
    );
    let (family, release, _, said) = with("ID=debian\nVERSION_ID=\"99\"\n", &none);
    assert!((family, release) == (Family::Debian, None) && said.contains("says `99`"), "{said}");
    // Devuan 12 would not be Debian 12; Raspbian says which Debian it is.
    let (_, release, _, said) = with("ID=devuan\nID_LIKE=debian\nVERSION_ID=\"12\"\n", &none);
    assert!(release.is_none() && said.contains("is like debian"), "{said}");
    let (_, release, ..) = with("ID=raspbian\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n", &none);
    assert_eq!(release.as_deref(), Some("12"));
    let (_, release, _, said) = with("ID=wolfi\nVERSION_ID=\"20230201\"\n", &none);
    assert_eq!((release.as_deref(), said.as_str()), (Some("rolling"), ""));
    let (.., completeness, said) = with(DEBIAN, &json!({"OnBuild": ["COPY . /app"]}));
    assert!(completeness == Completeness::AtLeast && said.contains("COPY . /app"), "{said}");
    let secret = json!({"Env": ["DB_PASSWORD=hunter22", "HTTP_PROXY=http://me:hunter22@proxy"]});
    let (.., said) = with(DEBIAN, &secret);
    assert!(said.contains("DB_PASSWORD was left out") && said.contains("HTTP_PROXY was left out"), "{said}");
    assert!(!said.contains("hunter22"));
}

#[test]
fn two_languages_are_told_apart_by_what_is_started() {
    let tool = bytes(&facts(Kind::Static));
    let layer = || debian().file("usr/local/bin/node", 0o755, &tool);
    let env = json!(["PATH=/usr/local/bin:/usr/bin", "NODE_VERSION=22.20.0"]);
    let both = described(&image(layer(), &json!({"Env": env})));
    assert!(both.entry.language.is_none() && both.remarks[0].contains("python, node"), "{:?}", both.remarks);
    let node = described(&image(layer(), &json!({"Env": env, "Cmd": ["node"]})));
    let language = node.entry.language.expect("node is started");
    assert_eq!((&*language.name, language.version.as_deref()), ("node", Some("22.20.0")));
}

#[test]
fn hostile_words_stay_words() {
    let tool = bytes(&facts(Kind::Static));
    let layer = Archive::new()
        .file("etc/os-release", 0o644, "ID=\"x\n- y: [\u{1b}[2J\"\n")
        .file("a: b # {c} \u{202e}\n- \"'/curl", 0o755, &tool)
        .file("\\N/wget", 0o755, &tool);
    let long = "x".repeat(5000);
    let env = json!(["=empty", format!("{long}=1"), "a: b={{x", "TRUE=no", "x\u{85}y=\u{feff}\u{7f}"]);
    let image =
        image(layer, &json!({"Env": env, "User": "~", "Cmd": ["- x", "&a *b !c"], "WorkingDir": "{x"}));
    let description = described(&image);
    let facts = read_back(&description);
    assert_eq!(rows(&facts), found(&image));
    assert_eq!(rows(&facts).len(), 2);
    let env: Vec<_> =
        facts.config.env.iter().map(|v| (v.name.as_ref(), v.value.as_deref().unwrap())).collect();
    assert_eq!(env, [("a: b", "{{x"), ("TRUE", "no"), ("x\u{85}y", "\u{feff}\u{7f}")]);
    assert_eq!(facts.config.user.as_deref(), Some("~"));
    assert_eq!(facts.config.workdir.as_deref(), Some("{x"));
    let yaml = description.to_yaml();
    assert!(yaml.chars().all(|c| c == '\n' || !crate::report::escape::is_hostile(c)), "{yaml}");
}

#[test]
fn names_that_no_entry_can_have() {
    let mut image = image(debian(), &json!({}));
    for (own, given, expected) in [
        (None, None, "does not say what it is called"),
        (Some("1.0"), None, "only the tag, `1.0`"),
        (None, Some("Base:1"), "lower case"),
        (None, Some("base@sha256:0123456789abcdef0123456789abcdef"), "no tag"),
    ] {
        image.name = own.map(str::to_owned);
        let said = name_of(&image, given).expect_err("no name").to_string();
        assert!(said.contains(expected) && said.contains("--name registry.example/base:1"), "{said}");
    }
    image.name = Some("example.org/app".to_owned());
    assert_eq!(name_of(&image, None).expect("a name").to_string(), "example.org/app:latest");
    let name = format!("{}:1", "a".repeat(130)).parse().expect("a reference");
    let said = describe(&image, &name, Catalog::builtin()).expect_err("too long").to_string();
    assert!(said.contains("too long"), "{said}");
    image.config.os = "windows".to_owned();
    assert_eq!(describe(&image, &name, Catalog::builtin()).expect_err("Windows"), Undescribed::Windows);
    let empty = self::image(Archive::new().file("etc/hosts", 0o644, ""), &json!({}));
    assert_eq!(describe(&empty, &name, Catalog::builtin()).expect_err("empty"), Undescribed::NoPrograms);
}
