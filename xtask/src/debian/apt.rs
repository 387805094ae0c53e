use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// apt in a folder of its own, with the sources of one release.
pub struct Apt {
    dir: PathBuf,
}

impl Apt {
    /// The folder of the release, with its lists; they are fetched once (`target/apt` removed: fetched anew).
    pub fn with_lists(codename: &str) -> Result<Self> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/apt").join(codename);
        for folder in [
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "etc/apt/trusted.gpg.d",
            "lists/partial",
            "cache/archives/partial",
        ] {
            fs::create_dir_all(target.join(folder))?;
        }
        let apt = Self { dir: target.canonicalize()? };
        fs::write(apt.dir.join("etc/apt/sources.list"), Self::sources(codename))?;
        fs::write(apt.dir.join("apt.conf"), apt.configuration())?;
        if !apt.status().exists() {
            fs::write(apt.status(), "")?;
        }
        if apt.index("Packages")?.is_empty() || apt.index("Contents-deb")?.is_empty() {
            Self::run(apt.command("apt-get").args(["--quiet", "update"]))?;
        }
        Ok(apt)
    }

    /// The text of all indexes of this kind (`Packages`, `Contents-deb`).
    pub fn index(&self, kind: &str) -> Result<String> {
        let format = ["--format", "$(FILENAME)", &format!("Identifier: {kind}")].map(str::to_owned);
        let files = Self::run(self.command("apt-get").arg("indextargets").args(format))?;
        let mut text = String::new();
        for file in files.lines().filter(|file| Path::new(file).exists()) {
            text += &Self::run(self.command("/usr/lib/apt/apt-helper").args(["cat-file", file]))?;
            text.push('\n');
        }
        Ok(text)
    }

    /// Declares these stanzas of a package list installed.
    pub fn set_installed<'a>(&self, stanzas: impl Iterator<Item = &'a str>) -> Result<()> {
        let installed: Vec<String> =
            stanzas.map(|stanza| format!("{}\nStatus: install ok installed\n", stanza.trim_end())).collect();
        Ok(fs::write(self.status(), installed.join("\n"))?)
    }

    /// The packages that apt would install for this one.
    pub fn simulate(&self, package: &str, recommends: bool) -> Result<Vec<String>> {
        let recommends = format!("APT::Install-Recommends={recommends}");
        let mut command = self.command("apt-get");
        let output = Self::run(command.args(["--simulate", "--option", &recommends, "install", package]))?;
        let names = output.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next());
        Ok(names.map(str::to_owned).collect())
    }

    fn status(&self) -> PathBuf {
        self.dir.join("status")
    }

    fn sources(codename: &str) -> String {
        let keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";
        format!("deb [signed-by={keyring} arch=amd64] http://deb.debian.org/debian {codename} main\n")
    }

    fn configuration(&self) -> String {
        let dir = self.dir.display();
        let contents = |of: &str| {
            format!(
                "Acquire::IndexTargets::deb::Contents-deb{of} {{ MetaKey \"$(COMPONENT)/Contents{of}\"; \
                 ShortDescription \"Contents{of}\"; Description \"Contents{of}\"; KeepCompressed \"true\"; \
                 Identifier \"Contents-deb\"; }};\n"
            )
        };
        format!(
            "Dir \"{dir}\";\nDir::Etc \"{dir}/etc/apt\";\nDir::State \"{dir}\";\nDir::Cache \"{dir}/cache\";\n\
             Dir::State::status \"{dir}/status\";\nAPT::Architecture \"amd64\";\nAPT::Architectures {{ \"amd64\"; }};\n\
             APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\n{}{}",
            contents("-amd64"),
            contents("-all"),
        )
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("APT_CONFIG", self.dir.join("apt.conf")).env("LC_ALL", "C");
        command
    }

    fn run(command: &mut Command) -> Result<String> {
        let output = command.output().with_context(|| format!("{command:?}"))?;
        if !output.status.success() {
            bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
