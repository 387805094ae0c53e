//! kubernetes-validate in an environment of its own below `target`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// Its version is that of the Kubernetes whose schema it has.
const PACKAGE: &str = "kubernetes-validate==1.37.0";

/// The running validator.
pub struct Validator {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    name: String,
    errors: Vec<String>,
}

impl Validator {
    /// Installs it if it is not there yet, and starts it.
    pub fn start() -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target").join(PACKAGE);
        let python = folder.join("bin/python");
        if !python.exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            run(Command::new(&python).args(["-m", "pip", "install", "-q", PACKAGE]))?;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manifests/validate.py");
        let mut child = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the validator")?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        match (input, output) {
            (Some(input), Some(output)) => Ok(Self { child, input, output: BufReader::new(output) }),
            _ => bail!("the validator has no pipes"),
        }
    }

    /// What the schema says against `text`.
    pub fn errors(&mut self, name: &str, text: &str) -> Result<Vec<String>> {
        let job = serde_json::json!({ "name": name, "text": text });
        writeln!(self.input, "{job}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Answer = serde_json::from_str(&line).context("the validator stopped")?;
        ensure!(answer.name == name, "the validator answers out of order");
        Ok(answer.errors)
    }
}

impl Drop for Validator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
