//! A folder of its own for each test, and the program run in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A Go service in one stage, as it is often written; there is a patch for it.
pub const GO: [(&str, &str); 3] = [
    ("go.mod", "module example.com/hello\n\ngo 1.24\n"),
    ("main.go", "package main\n\nfunc main() { println(\"hello\") }\n"),
    (
        "Dockerfile",
        "FROM golang:1.24\nWORKDIR /src\nCOPY . .\nRUN go build -o /usr/local/bin/hello .\nCMD [\"hello\"]\n",
    ),
];

/// A Dockerfile that nothing is found in.
pub const CLEAN: &str = "FROM scratch\nCOPY hello /hello\nUSER 65532:65532\nENTRYPOINT [\"/hello\"]\n";

/// A folder that goes away with the test.
pub struct Sandbox(TempDir);

/// What a run said.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Sandbox {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let sandbox = Self(TempDir::new().expect("a temporary folder"));
        for (path, text) in files {
            sandbox.write(path, text.as_bytes());
        }
        sandbox
    }

    /// A git work tree with the Go service in `app`.
    pub fn go_work_tree() -> Self {
        let sandbox = Self::new(&[]);
        for (path, text) in GO {
            sandbox.write(&format!("app/{path}"), text.as_bytes());
        }
        sandbox.git(&["init", "-q"]);
        sandbox
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Runs git in the sandbox, and panics unless it succeeds.
    pub fn git(&self, args: &[&str]) {
        let status = Command::new("git").args(args).current_dir(self.0.path()).status().expect("git runs");
        assert!(status.success(), "git {args:?}");
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.run_in("", args, "")
    }

    /// Runs the program in the folder `folder` with `input` on standard input.
    pub fn run_in(&self, folder: &str, args: &[&str], input: &str) -> Said {
        said(self.command(folder, args), input)
    }

    /// The program, in surroundings that are the same everywhere.
    pub fn command(&self, folder: &str, args: &[&str]) -> Command {
        let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_barehull")));
        command.args(args).current_dir(self.path(folder));
        for variable in ["GITHUB_ACTIONS", "NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
            command.env_remove(variable);
        }
        command
    }
}

/// Runs `command` to its end.
pub fn said(mut command: Command, input: &str) -> Said {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // It may end without having read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    Said {
        code: output.status.code().expect("an exit status, not a signal"),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
