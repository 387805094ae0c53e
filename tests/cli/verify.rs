//! `barehull verify` on images made in memory, each with one thing wrong.

use barehull_image::elf::{Certificates, ElfFacts, Kind, Wants};
use barehull_image::fixture::elf::{bytes, facts, library, program, requires};
use barehull_image::fixture::image::{Archive, Builder, Compression, write_archive, write_folder};
use serde_json::{Value, json};

use super::sandbox::{Said, Sandbox};

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

/// A minimal glibc image, to which `layer` is added.
fn image(config: &Value, layer: Archive) -> Builder {
    let folders = vec!["/lib/x86_64-linux-gnu".to_owned(), "/usr/lib".to_owned()];
    let loader = ElfFacts { default_folders: folders, ..library("ld-linux-x86-64.so.2", &[]) };
    let offers = vec!["GLIBC_2.34".to_owned(), "GLIBC_2.36".to_owned()];
    let libc = ElfFacts { offers, ..library("libc.so.6", &[]) };
    let base = Archive::new().file("lib64/ld-linux-x86-64.so.2", 0o755, bytes(&loader)).file(
        "lib/x86_64-linux-gnu/libc.so.6",
        0o755,
        bytes(&libc),
    );
    let mut builder = Builder::new([base, layer]);
    builder.config["config"] = config.clone();
    builder
}

fn verify(builder: &Builder, args: &[&str]) -> Said {
    let sandbox = Sandbox::new(&[]);
    write_folder(&builder.layout(), &sandbox.path("image")).unwrap();
    sandbox.run(&[&["verify", "image"], args].concat())
}

/// The messages of a rule.
fn messages(said: &Said, rule: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(&said.out).expect("JSON");
    let findings = document["files"][0]["findings"].as_array().unwrap().clone();
    let of_rule = findings.into_iter().filter(|finding| finding["rule"] == rule);
    of_rule.map(|finding| finding["message"].as_str().unwrap().to_owned()).collect()
}

/// What is wrong with the start of an image with the file `/app`, and the exit status.
fn start(app: &[u8], mode: u32, config: &Value) -> (Vec<String>, i32) {
    let said = verify(&image(config, Archive::new().file("app", mode, app)), &["--format", "json"]);
    (messages(&said, "broken-entrypoint"), said.code)
}

#[test]
fn a_program_with_all_it_needs_is_found_nothing_wrong_with() {
    let app = program(LOADER, &["libc.so.6"]);
    let config = json!({"Entrypoint": ["/app"], "User": "65532"});
    assert_eq!(start(&bytes(&app), 0o755, &config), (Vec::new(), 0));
}

#[test]
fn what_keeps_a_program_from_starting_is_named() {
    let config = json!({"Entrypoint": ["/app"]});
    let newer = ElfFacts {
        requires: vec![requires("libc.so.6", &["GLIBC_2.38"])],
        ..program(LOADER, &["libc.so.6"])
    };
    let table: [(Vec<u8>, u32, &str); 6] = [
        (bytes(&program(LOADER, &["libpq.so.5"])), 0o755, "/app needs libpq.so.5, which is not in the image"),
        (bytes(&program("/lib/ld-musl-x86_64.so.1", &[])), 0o755, "it was linked for musl"),
        (bytes(&newer), 0o755, "has versions up to GLIBC_2.36"),
        (bytes(&facts(Kind::Static)), 0o644, "/app is not executable"),
        (b"#!/app/venv/bin/python\n".to_vec(), 0o755, "wants /app/venv/bin/python"),
        (b"echo hello\n".to_vec(), 0o755, "neither a program nor a script"),
    ];
    for (app, mode, expected) in table {
        let (said, code) = start(&app, mode, &config);
        assert!(said.len() == 1 && said[0].contains(expected) && code == 1, "{expected}: {said:?}");
    }
}

#[test]
fn a_virtual_environment_without_its_interpreter_is_named_with_the_link() {
    let layer = Archive::new().symlink("venv/bin/python", "/usr/local/bin/python3.12").file(
        "venv/bin/serve",
        0o755,
        "#!/venv/bin/python\n",
    );
    let config = json!({"Cmd": ["serve"], "Env": ["PATH=/venv/bin:/bin"]});
    let said = verify(&image(&config, layer), &["--format", "json"]);
    let found = messages(&said, "broken-entrypoint");
    assert!(found[0].contains("/venv/bin/python is a link to /usr/local/bin/python3.12"), "{found:?}");
}

#[test]
fn start_scripts_are_read() {
    let script = "#!/bin/sh\nset -e\nif [ -n \"$DB\" ]; then psql -c x; fi\nnc -z db 5432\nexec \"$@\"\n";
    let layer = Archive::new()
        .file("bin/sh", 0o755, bytes(&program(LOADER, &["libc.so.6"])))
        .file("start.sh", 0o755, script);
    let config = json!({"Entrypoint": ["/start.sh"], "Cmd": ["/app/serve"]});
    let said = verify(&image(&config, layer), &["--format", "json"]);
    let commands = messages(&said, "missing-command");
    assert!(commands.len() == 1 && commands[0].contains("starts nc"), "{commands:?}");
    let fatal = messages(&said, "broken-entrypoint");
    assert!(fatal.len() == 1 && fatal[0].contains("/app/serve is not in the image"), "{fatal:?}");
    assert_eq!(messages(&said, "shell-in-final"), ["shell in the image: sh"]);
}

#[test]
fn a_health_check_needs_its_shell() {
    let config = json!({"Entrypoint": ["/app"], "Healthcheck": {"Test": ["CMD-SHELL", "curl -f localhost"]}});
    let app = Archive::new().file("app", 0o755, bytes(&facts(Kind::Static)));
    let said = verify(&image(&config, app), &["--format", "json"]);
    let found = messages(&said, "broken-healthcheck");
    assert!(found.iter().any(|message| message.contains("/bin/sh is not in the image")), "{found:?}");
}

#[test]
fn every_format_speaks_of_the_image() {
    let layer = Archive::new().file("app", 0o644, bytes(&facts(Kind::Static)));
    let builder = image(&json!({"Entrypoint": ["/app"]}), layer);
    for (format, expected) in [
        ("text", "error[broken-entrypoint]: ENTRYPOINT starts /app, but /app is not executable"),
        ("github", "::error file=image,title=broken-entrypoint::"),
        ("sarif", "\"ruleId\":\"broken-entrypoint\""),
    ] {
        let said = verify(&builder, &["--format", format]);
        assert!(said.out.contains(expected) && said.code == 1, "{format}: {}", said.out);
    }
    let said = verify(&builder, &["--fail-on", "never", "--entrypoint", "[\"/nowhere\"]"]);
    assert!(said.out.contains("/nowhere is not in the image") && said.code == 0, "{}", said.out);
}

#[test]
fn what_is_opened_or_written_later_is_said_in_every_format() {
    let wants = Wants { certificates: Some(Certificates::Go), time_zones: true, ..Wants::default() };
    let app = bytes(&ElfFacts { wants, ..facts(Kind::Static) });
    let config = json!({
        "Entrypoint": ["/app/serve"], "User": "65532", "WorkingDir": "/app", "Volumes": {"/data": {}},
        "ExposedPorts": {"80/tcp": {}}
    });
    let builder = image(&config, Archive::new().dir("app/").file("app/serve", 0o755, app));
    let rules = [
        "missing-certificates",
        "missing-time-zones",
        "privileged-port",
        "unwritable-volume",
        "unwritable-workdir",
    ];
    for (format, around) in [
        ("text", ["[", "]: "]),
        ("json", ["\"rule\":\"", "\""]),
        ("github", ["title=", "::"]),
        ("sarif", ["\"ruleId\":\"", "\""]),
    ] {
        let said = verify(&builder, &["--format", format]);
        let out = said.out.replace("\": \"", "\":\"");
        for rule in rules {
            let expected = format!("{}{rule}{}", around[0], around[1]);
            assert!(out.contains(&expected), "{format} {expected}: {out}");
        }
        assert_eq!(said.code, 0, "none is an error");
    }
    assert_eq!(verify(&builder, &["--fail-on", "warning"]).code, 1);
}

#[test]
fn what_is_no_image_is_an_error() {
    let sandbox = Sandbox::new(&[("image", "hello")]);
    for path in ["image", "nowhere"] {
        let said = sandbox.run(&["verify", path]);
        assert!(said.code == 2 && !said.err.is_empty() && said.out.is_empty(), "{path}: {}", said.err);
    }
}

/// A program that was not linked to anything.
fn tool() -> Vec<u8> {
    bytes(&facts(Kind::Static))
}

/// `dpkg`'s list of packages.
fn status(packages: &[(&str, &str)]) -> String {
    let lines = packages.iter().map(|(name, version)| {
        format!("Package: {name}\nStatus: install ok installed\nVersion: {version}\n\n")
    });
    lines.collect()
}

/// An image with a shell, two compilers' names and a client; the other one lost the shell's and gained others.
fn before_and_after() -> [Builder; 2] {
    let config = json!({"Entrypoint": ["/app"], "User": "65532"});
    let common = Archive::new().file("app", 0o755, tool()).file("usr/bin/wget", 0o755, tool());
    let before = common
        .clone()
        .file("bin/sh", 0o755, tool())
        .file("usr/bin/gcc-12", 0o755, tool())
        .file("usr/bin/gdb", 0o755, tool())
        .file("root/.netrc", 0o600, "machine example.org login me password hunter22\n")
        .file("var/lib/dpkg/status", 0o644, status(&[("dash", "1"), ("libc6", "2.36"), ("zlib1g", "1.3")]));
    let after = common
        .file("usr/bin/gcc-14", 0o755, tool())
        .file("usr/bin/curl", 0o755, tool())
        .file("usr/sbin/sshd", 0o755, tool())
        .file("usr/bin/gdb", 0o755, tool())
        .file("var/lib/dpkg/status", 0o644, status(&[("libc6", "2.41"), ("zlib1g", "1.3"), ("curl", "8")]));
    let mut after = image(&config, after);
    after.layers.push((Archive::new().file("usr/bin/.wh.gdb", 0, "").finish(), Compression::None));
    [image(&config, before), after]
}

/// `barehull verify before --against after.tar`, of which the second is an archive of `docker save`.
fn compare(images: &[Builder; 2], args: &[&str]) -> Said {
    let sandbox = Sandbox::new(&[]);
    write_folder(&images[0].layout(), &sandbox.path("before")).unwrap();
    write_archive(&images[1].docker_archive(), &sandbox.path("after.tar")).unwrap();
    sandbox.run(&[&["verify", "before", "--against", "after.tar"], args].concat())
}

#[test]
fn two_images_are_compared() {
    let said = compare(&before_and_after(), &["--format", "json"]);
    let document: Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(said.code, 1, "sshd is an error");
    let paths: Vec<&Value> = document["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(paths, ["before", "after.tar"]);
    let comparison = &document["comparison"];
    assert_eq!(comparison["worse"], "error");
    let names = |role: &str, what: &str| -> Vec<(String, bool)> {
        let tools = comparison["surface"][role][what].as_array().unwrap().iter();
        tools.map(|tool| (tool["name"].as_str().unwrap().to_owned(), tool["carried"] == true)).collect()
    };
    let tool = |name: &str, carried: bool| vec![(name.to_owned(), carried)];
    assert_eq!(names("shell", "gone"), tool("sh", false));
    assert_eq!(names("debug-tool", "gone"), tool("gdb", true));
    assert_eq!(names("network-client", "new"), tool("curl", false));
    assert_eq!(names("network-client", "kept"), tool("wget", false));
    assert_eq!(names("remote-access", "new"), tool("sshd", false));
    // Another version is the same tool.
    assert_eq!(names("build-tool", "kept"), tool("gcc", false));
    assert_eq!(comparison["surface"]["build-tool"]["kept"][0]["after"], json!(["/usr/bin/gcc-14"]));
    let expected = json!({
        "added": ["curl 8"], "removed": ["dash 1"],
        "changed": [{"name": "libc6", "before": ["2.36"], "after": ["2.41"]}]
    });
    assert_eq!(comparison["packages"], expected);
    assert_eq!(comparison["layers"], json!({"before": 2, "after": 3, "shared": 1}));
    let rules = |what: &str| -> Vec<&str> {
        let findings = comparison["findings"][what].as_array().unwrap().iter();
        findings.map(|finding| finding["rule"].as_str().unwrap()).collect()
    };
    assert_eq!(rules("new"), ["remote-access-in-final", "network-client-in-final"]);
    assert_eq!(rules("resolved"), ["secret-in-image", "shell-in-final", "debug-tool-in-final"]);
    assert_eq!(document["summary"]["files"], 2);
}

#[test]
fn what_is_worse_decides_the_exit_status() {
    let [before, after] = before_and_after();
    // The other way round: a secret, a shell and a debugger are new.
    let table = [
        ([before.clone(), after.clone()], "warning", 1),
        ([before.clone(), after.clone()], "never", 0),
        ([after.clone(), before.clone()], "error", 1),
        ([before.clone(), before.clone()], "info", 0),
        ([after.clone(), after], "info", 0),
    ];
    for (images, fail_on, code) in &table {
        let said = compare(images, &["--fail-on", fail_on]);
        assert_eq!(said.code, *code, "{fail_on}: {}", said.out);
    }
    // Larger is not worse.
    let mut larger = before.clone();
    larger.layers.push((Archive::new().file("data", 0o644, vec![b'x'; 100_000]).finish(), Compression::Gzip));
    let said = compare(&[before, larger], &["--fail-on", "info"]);
    assert!(said.code == 0 && said.out.contains("nothing became worse"), "{}", said.out);
}

#[test]
fn a_comparison_in_every_format() {
    let images = before_and_after();
    insta::assert_snapshot!(compare(&images, &[]).out);
    let said = compare(&images, &["--format", "github"]).out;
    assert!(said.contains("::error file=after.tar,title=remote-access-in-final::"), "{said}");
    assert!(said.contains("not in the image before: curl"), "{said}");
    assert!(!said.contains("secret-in-image") && said.ends_with("worse: 1 error, 1 warning\n"), "{said}");
    let log: Value = serde_json::from_str(&compare(&images, &["--format", "sarif"]).out).expect("JSON");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 2, "{results:?}");
}

#[test]
fn folders_are_compared_with_a_configuration_for_each() {
    let sandbox = Sandbox::new(&[
        ("old/bin/sh", "#!/bin/sh\n"),
        ("new/data", ""),
        ("old.json", r#"{"config": {"Entrypoint": ["/bin/nothing"], "User": "1"}}"#),
        ("new.json", r#"{"config": {"Entrypoint": ["/data"], "User": "1"}}"#),
    ]);
    let compare = |args: &[&str]| {
        let said =
            sandbox.run(&[&["verify", "old", "--against", "new", "--format", "github"], args].concat());
        said.out
    };
    // The same start for both: what is wrong with it is not new.
    assert!(compare(&["--config", "old.json"]).contains("nothing became worse"));
    let said = compare(&["--config", "old.json", "--against-config", "new.json"]);
    assert!(said.contains("ENTRYPOINT starts /data, but /data is not executable"), "{said}");
    let said = sandbox.run(&["verify", "old", "--against", "nowhere"]);
    assert!(said.code == 2 && said.err.contains("nowhere") && said.out.is_empty(), "{}", said.err);
    let said = sandbox.run(&["verify", "old", "--against-config", "new.json"]);
    assert!(said.code == 2 && said.err.contains("--against"), "{}", said.err);
}

#[test]
fn nothing_hostile_in_an_image_reaches_the_terminal() {
    let config = json!({"Entrypoint": ["/app"], "User": "1"});
    let hostile = "\u{1b}]0;x\u{7}\u{202e}";
    let layer = || Archive::new().file("app", 0o755, tool());
    let listed = |version: &str| layer().file("var/lib/dpkg/status", 0o644, status(&[(hostile, version)]));
    let images = [image(&config, listed("1")), image(&config, listed(hostile))];
    for format in ["text", "json", "github", "sarif"] {
        let Said { out: said, code, .. } = compare(&images, &["--format", format]);
        assert!(code == 0 && !said.is_empty(), "{format}: {said}");
        assert!(!said.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{format}: {said:?}");
    }
}
