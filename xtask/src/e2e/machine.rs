//! What the command takes from the machine at run time: rights, packages, mirrors, the package clients' settings.
//! None of it is written into the repository, an image or the output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The Debian mirrors of this machine, as `sources.list` names them.
#[derive(Clone, Debug)]
pub struct Mirrors {
    /// Of `bookworm`, `trixie` and their updates.
    pub debian: String,
    /// Of `bookworm-security` and the like.
    pub security: String,
}

/// Where Debian is found when this machine's own sources are not Debian's.
const PUBLIC: (&str, &str) = ("http://deb.debian.org/debian", "http://deb.debian.org/debian-security");

impl Mirrors {
    /// Those of apt's own sources.
    pub fn of_this_machine() -> Result<Self> {
        let mut targets = index_targets()?;
        if targets.is_empty() {
            // apt names them only once it has fetched its lists.
            apt_get(&["update", "-q"])?;
            targets = index_targets()?;
        }
        let find = |wanted: &dyn Fn(&str, &str) -> bool| {
            targets.lines().find_map(|line| {
                let (uri, rest) = line.split_once(' ')?;
                let (release, component) = rest.split_once(' ')?;
                (component == "main" && wanted(uri, release)).then(|| in_full(uri))
            })
        };
        let is_debian = |uri: &str| uri.trim_end_matches('/').ends_with("debian") || uri.contains("/debian/");
        let debian = find(&|uri, release| is_debian(uri) && !release.contains('-'));
        let security = find(&|uri, release| uri.contains("debian") && release.ends_with("-security"));
        Ok(Self {
            debian: debian.unwrap_or_else(|| PUBLIC.0.to_owned()),
            security: security.unwrap_or_else(|| PUBLIC.1.to_owned()),
        })
    }

    /// The lines of a `sources.list` for a release.
    pub fn sources(&self, codename: &str) -> Vec<String> {
        let Self { debian, security } = self;
        vec![
            format!("deb {debian} {codename} main"),
            format!("deb {debian} {codename}-updates main"),
            format!("deb {security} {codename}-security main"),
        ]
    }
}

/// Address, release and component of each list of packages, one a line.
fn index_targets() -> Result<String> {
    let format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
    let args = ["indextargets", "--format", format, "Created-By: Packages"];
    let output = Command::new("apt-get").args(args).output().context("apt-get")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first mirror of a list that apt reads its mirrors from (`mirror+file:/etc/apt/mirrors/debian.list`).
fn in_full(uri: &str) -> String {
    let uri = uri.trim_end_matches('/');
    let list = uri.strip_prefix("mirror+file:").and_then(|path| fs::read_to_string(path).ok());
    let first = list.as_deref().and_then(|list| list.split_whitespace().next());
    first.unwrap_or(uri).to_owned()
}

/// Settings of apt, pip and npm that reach the package registries, as files to be mounted into RUN steps.
#[derive(Debug)]
pub struct Clients {
    folder: PathBuf,
    /// Host names and addresses that no log shows.
    private: Vec<String>,
}

/// Where a build finds the machine's certificates.
const CERTIFICATES: &str = "/run/e2e/ca.crt";

impl Clients {
    /// Writes the files below `folder`.
    pub fn write(folder: &Path, mirrors: &Mirrors) -> Result<Self> {
        let lists = folder.join("mirrors");
        fs::create_dir_all(&lists)?;
        fs::write(lists.join("debian.list"), format!("{}\n", mirrors.debian))?;
        fs::write(lists.join("debian-security.list"), format!("{}\n", mirrors.security))?;
        fs::write(folder.join("apt.conf"), apt_settings()?)?;
        let pip = settings(&["index-url", "extra-index-url", "trusted-host", "proxy"], &pip_files(), "PIP_");
        fs::write(
            folder.join("pip.conf"),
            format!("[global]\ncert = {CERTIFICATES}\n{}", lines(&pip, " = ")),
        )?;
        let npm = settings(&["registry", "proxy", "https-proxy", "strict-ssl"], &npm_files(), "NPM_CONFIG_");
        let tokens = npm_tokens();
        let npmrc = format!("cafile={CERTIFICATES}\n{}{tokens}", lines(&npm, "="));
        fs::write(folder.join("npmrc"), npmrc)?;
        let bundle = Path::new("/etc/ssl/certs/ca-certificates.crt");
        let certificates = std::env::var_os("SSL_CERT_FILE").map_or(bundle.to_owned(), PathBuf::from);
        fs::write(folder.join("ca.crt"), fs::read(certificates).unwrap_or_default())?;

        let values = pip.iter().chain(&npm).map(|(_, value)| value.as_str());
        let mut private: Vec<String> =
            values.chain([mirrors.debian.as_str(), &mirrors.security]).filter_map(host).collect();
        private.extend(proxies().filter_map(|(_, value)| host(&value)));
        private.extend(tokens.lines().filter_map(|line| Some(line.split_once('=')?.1.to_owned())));
        private.retain(|host| !is_public(host));
        Ok(Self { folder: folder.to_owned(), private })
    }

    /// The `--volume` values of a build; `inside` is the folder as the build engine sees it.
    pub fn volumes(inside: &str) -> Vec<String> {
        [
            ("mirrors", "/etc/apt/mirrors"),
            ("apt.conf", "/etc/apt/apt.conf.d/99e2e"),
            ("pip.conf", "/etc/pip.conf"),
            ("npmrc", "/usr/local/etc/npmrc"),
            ("ca.crt", CERTIFICATES),
        ]
        .map(|(file, place)| format!("{inside}/{file}:{place}:ro"))
        .to_vec()
    }

    /// apt's settings for downloads, one `Name "value"` a line. Those of dpkg are no business of mmdebstrap, which has
    /// apt start it through `env`.
    pub fn download_settings(&self) -> Result<Vec<String>> {
        let text = fs::read_to_string(self.folder.join("apt.conf"))?;
        Ok(text.lines().filter(|line| line.starts_with("Acquire::")).map(str::to_owned).collect())
    }

    /// The text without what belongs to this machine alone.
    pub fn redact(&self, text: &str) -> String {
        self.private.iter().fold(text.to_owned(), |text, private| text.replace(private, "<private>"))
    }
}

/// The variables that name proxies.
pub fn proxies() -> impl Iterator<Item = (String, String)> {
    std::env::vars().filter(|(name, _)| {
        matches!(name.to_ascii_lowercase().as_str(), "http_proxy" | "https_proxy" | "no_proxy" | "all_proxy")
    })
}

/// Proxies and certificates, that mirrors may be frozen, and that no package waits for the disk.
fn apt_settings() -> Result<String> {
    let output = Command::new("apt-config").arg("dump").output().context("apt-config")?;
    let dump = String::from_utf8_lossy(&output.stdout).into_owned();
    let wanted = |line: &&str| {
        let name = line.split_once(' ').map_or(*line, |(name, _)| name).to_ascii_lowercase();
        name.starts_with("acquire::http") && !line.ends_with("\"\";")
    };
    let own: Vec<&str> = dump.lines().filter(wanted).collect();
    let fixed = "Acquire::Check-Valid-Until \"false\";\nDPkg::Options:: \"--force-unsafe-io\";";
    Ok(format!("{fixed}\n{}\n", own.join("\n")))
}

fn home(path: &str) -> PathBuf {
    std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(path)
}

fn pip_files() -> Vec<PathBuf> {
    let named = std::env::var_os("PIP_CONFIG_FILE").map(PathBuf::from);
    [home(".config/pip/pip.conf"), home(".pip/pip.conf"), PathBuf::from("/etc/pip.conf")]
        .into_iter()
        .chain(named)
        .collect()
}

fn npm_files() -> Vec<PathBuf> {
    vec![home(".npmrc"), PathBuf::from("/usr/etc/npmrc"), PathBuf::from("/etc/npmrc")]
}

/// Lines of npm's settings that let it into a registry.
fn npm_tokens() -> String {
    let texts = npm_files().into_iter().filter_map(|file| fs::read_to_string(file).ok());
    texts
        .flat_map(|text| {
            text.lines().filter(|l| l.starts_with("//")).map(|l| format!("{l}\n")).collect::<Vec<_>>()
        })
        .collect()
}

/// The settings that the environment or one of the files gives, the environment's first.
fn settings(names: &[&str], files: &[PathBuf], prefix: &str) -> Vec<(String, String)> {
    let texts: Vec<String> = files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let in_files = |name: &str| {
        texts.iter().flat_map(|text| text.lines()).find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key.trim() == name).then(|| value.trim().to_owned())
        })
    };
    let found = |name: &str| {
        let variable = format!("{prefix}{}", name.replace('-', "_").to_ascii_uppercase());
        let value = std::env::var(&variable).or_else(|_| std::env::var(variable.to_ascii_lowercase()));
        value.ok().or_else(|| in_files(name))
    };
    names.iter().filter_map(|name| Some(((*name).to_owned(), found(name)?))).collect()
}

fn lines(settings: &[(String, String)], between: &str) -> String {
    let lines: Vec<String> =
        settings.iter().map(|(name, value)| format!("{name}{between}{value}\n")).collect();
    lines.concat()
}

/// The host of an address, with the user before it.
fn host(address: &str) -> Option<String> {
    let rest = address.split_once("://")?.1;
    rest.split('/').next().filter(|host| !host.is_empty()).map(str::to_owned)
}

fn is_public(host: &str) -> bool {
    ["deb.debian.org", "security.debian.org", "pypi.org", "registry.npmjs.org"].contains(&host)
}

/// Fails with what is missing; installs what Debian offers.
pub fn prepare() -> Result<()> {
    let output = Command::new("id").arg("-u").output().context("id")?;
    let root = output.stdout.trim_ascii() == b"0";
    ensure!(root, "real builds need root, for mounts and chroot: run as root, or set BAREHULL_E2E=skip");
    let apt = Command::new("apt-get").arg("--version").stdout(Stdio::null()).status();
    ensure!(
        apt.is_ok_and(|status| status.success()),
        "real builds compose their base images with apt: run on Debian, or set BAREHULL_E2E=skip"
    );
    ensure!(
        Path::new("/usr/share/keyrings/debian-archive-keyring.gpg").exists(),
        "the package debian-archive-keyring is missing: install it, or set BAREHULL_E2E=skip"
    );
    let missing: Vec<&str> =
        ["mmdebstrap", "uidmap"].into_iter().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    eprintln!("installing {}", missing.join(" "));
    apt_get(&["update", "-q"])?;
    apt_get(&[&["install", "-qy", "--no-install-recommends"], missing.as_slice()].concat())
}

fn is_installed(package: &str) -> bool {
    let query = Command::new("dpkg-query").args(["-W", "-f", "${db:Status-Status}", package]).output();
    query.is_ok_and(|output| output.stdout == b"installed")
}

fn apt_get(args: &[&str]) -> Result<()> {
    let output = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output()
        .context("apt-get")?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("apt-get {} failed: {}", args[0], words.lines().last().unwrap_or_default());
    }
    Ok(())
}
