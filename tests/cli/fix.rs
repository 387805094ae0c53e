//! `barehull fix`.

use std::fs;

use crate::sandbox::{CLEAN, GO, Said, Sandbox};

/// Whether `patch` applies in the sandbox's top folder.
fn apply(sandbox: &Sandbox, said: &Said) {
    assert!(said.out.starts_with("diff --git a/"), "{}{}", said.out, said.err);
    sandbox.write(".git/the.patch", said.out.as_bytes());
    sandbox.git(&["apply", "--check", ".git/the.patch"]);
    sandbox.git(&["apply", ".git/the.patch"]);
}

#[test]
fn a_patch_and_nothing_else_on_standard_output() {
    let sandbox = Sandbox::go_work_tree();
    let before = sandbox.read("app/Dockerfile");
    let said = sandbox.run(&["fix"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("--- a/app/Dockerfile\n+++ b/app/Dockerfile\n"), "{}", said.out);
    assert!(said.err.contains("1 of 1 Dockerfile patched"), "{}", said.err);
    assert_eq!(sandbox.read("app/Dockerfile"), before, "files stay as they are");
    apply(&sandbox, &said);
    assert_ne!(sandbox.read("app/Dockerfile"), before);
    assert_eq!(sandbox.run(&["fix"]).out, "", "a second run finds nothing to do");
}

#[test]
fn from_a_subfolder_paths_start_at_the_top_and_it_says_so() {
    let sandbox = Sandbox::go_work_tree();
    let said = sandbox.run_in("app", &["fix"], "");
    assert!(said.err.contains("run `git apply` there"), "{}", said.err);
    apply(&sandbox, &said);
}

#[test]
fn outside_a_work_tree_paths_start_at_the_working_directory() {
    let sandbox = Sandbox::new(&GO.map(|(path, text)| (path, text)));
    assert!(sandbox.run(&["fix", "Dockerfile"]).out.contains("+++ b/Dockerfile\n"));
    fs::create_dir(sandbox.path("elsewhere")).unwrap();
    let said = sandbox.run_in("elsewhere", &["fix", "../Dockerfile"], "");
    assert!(said.out.contains("+++ b/Dockerfile\n"), "{}", said.out);
    assert!(said.err.contains("run `git apply` there"), "{}", said.err);
}

#[test]
fn exit_statuses() {
    let sandbox = Sandbox::go_work_tree();
    sandbox.write("clean/Dockerfile", CLEAN.as_bytes());
    let table: [(&[&str], i32); 7] = [
        (&["fix", "app"], 0),
        (&["fix", "app", "--exit-code"], 1),
        (&["fix", "clean", "--exit-code"], 0),
        (&["fix", "missing"], 2),
        (&["fix", "missing", "app", "--exit-code"], 2),
        (&["fix", "-", "--write"], 2),
        (&["fix", "app", "--level", "bold"], 2),
    ];
    for (args, code) in table {
        assert_eq!(sandbox.run(args).code, code, "{args:?}");
    }
}

#[test]
fn standard_input_is_patched_under_the_name_it_is_given() {
    let sandbox = Sandbox::new(&[]);
    let text = GO[2].1;
    let said = sandbox.run_in("", &["fix", "-", "--level", "sketch"], text);
    assert!(said.out.contains("+++ b/Dockerfile\n"), "{}{}", said.out, said.err);
    let named = ["fix", "-", "--level", "sketch", "--stdin-filename", "deploy/app.Dockerfile"];
    assert!(sandbox.run_in("", &named, text).out.contains("+++ b/deploy/app.Dockerfile\n"));
    let bad = sandbox.run_in("", &["fix", "-", "--stdin-filename", "/etc/passwd"], text);
    assert_eq!((bad.code, bad.out.as_str()), (2, ""));
}

#[test]
fn writing_changes_the_file_and_nothing_else() {
    let sandbox = Sandbox::go_work_tree();
    let before = fs::read_dir(sandbox.path("app")).unwrap().count();
    let patch = sandbox.run(&["fix"]).out;
    let said = sandbox.run(&["fix", "--write", "--level", "review"]);
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    assert!(said.err.contains("changed app/Dockerfile"), "{}", said.err);
    assert_eq!(fs::read_dir(sandbox.path("app")).unwrap().count(), before, "nothing is left behind");
    sandbox.write(".git/the.patch", patch.as_bytes());
    sandbox.git(&["apply", "--reverse", "--check", ".git/the.patch"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn writing_keeps_the_mode_and_follows_links_inside_the_project() {
        let sandbox = Sandbox::go_work_tree();
        let dockerfile = sandbox.path("app/Dockerfile");
        fs::rename(&dockerfile, sandbox.path("app/real")).unwrap();
        symlink("real", &dockerfile).unwrap();
        fs::set_permissions(sandbox.path("app/real"), fs::Permissions::from_mode(0o640)).unwrap();
        let before = sandbox.read("app/real");
        sandbox.run(&["fix", "app/Dockerfile", "--write", "--level", "review"]);
        assert_ne!(sandbox.read("app/real"), before);
        assert!(dockerfile.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::metadata(&dockerfile).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn nothing_is_read_or_written_through_a_link_out_of_the_project() {
        let outside = Sandbox::new(&[("Dockerfile", GO[2].1)]);
        let sandbox = Sandbox::go_work_tree();
        fs::remove_file(sandbox.path("app/Dockerfile")).unwrap();
        symlink(outside.path("Dockerfile"), sandbox.path("app/Dockerfile")).unwrap();
        let said = sandbox.run(&["fix", "app/Dockerfile", "--write", "--level", "sketch"]);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains("app/Dockerfile: ") && said.err.contains("leads out"), "{}", said.err);
        assert_eq!(outside.read("Dockerfile"), GO[2].1);
    }
}

#[test]
fn a_stage_for_debugging_is_added_on_request_and_is_not_the_default() {
    let sandbox = Sandbox::go_work_tree();
    let said = sandbox.run(&["fix", "--with-debug-stage"]);
    apply(&sandbox, &said);
    let after = sandbox.read("app/Dockerfile");
    let from: Vec<&str> = after.lines().filter(|line| line.starts_with("FROM ")).collect();
    let [_, release, debug, last] = from.as_slice() else { panic!("{after}") };
    assert!(release.ends_with(" AS release"), "{after}");
    assert_eq!((*debug, *last), ("FROM release AS debug", "FROM release"), "{after}");
    assert!(
        after.contains("COPY --from=gcr.io/distroless/static-debian13:debug /busybox /busybox\n"),
        "{after}"
    );
    assert_eq!(sandbox.run(&["fix", "--with-debug-stage"]).out, "", "a second run finds nothing to do");
    let surface = sandbox.run(&["surface"]);
    assert!(surface.out.contains("no tools"), "a shell is shipped: {}{}", surface.out, surface.err);
}
