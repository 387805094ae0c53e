//! Links that a package's installation makes, mostly through update-alternatives: file lists do not have them.
//! Read from the packages' `postinst`.

/// Package (`*` stands for a version) and links, as the package names them; bare names lie in `/usr/bin`.
const LINKS: [(&str, &[&str]); 39] = [
    ("automake", &["automake"]),
    ("bison", &["yacc"]),
    ("byacc", &["yacc"]),
    ("clang", &["cc", "c++", "c89", "c99"]),
    ("csh", &["/bin/csh"]),
    ("ebtables", &["/usr/sbin/ebtables"]),
    ("elvis-tiny", &["vi"]),
    ("emacs-bin-common", &["emacsclient"]),
    ("emacs-gtk", &["emacs"]),
    ("emacs-lucid", &["emacs"]),
    ("emacs-nox", &["emacs"]),
    ("g++", &["c++"]),
    ("gcc", &["cc", "c89", "c99"]),
    ("gfortran", &["f77", "f95"]),
    ("inetutils-ftp", &["ftp", "pftp"]),
    ("inetutils-telnet", &["telnet"]),
    ("inetutils-traceroute", &["traceroute"]),
    ("iptables", &["/usr/sbin/iptables", "/usr/sbin/ip6tables", "/usr/sbin/ebtables"]),
    ("ksh93u+m", &["/bin/ksh", "/bin/rksh"]),
    ("mc", &["view"]),
    ("mksh", &["/bin/ksh", "/bin/rksh"]),
    ("nano", &["pico"]),
    ("ncat", &["/bin/nc", "/bin/netcat"]),
    ("neovim", &["ex", "vi", "view", "vim", "vimdiff"]),
    ("netcat-openbsd", &["/bin/nc", "/bin/netcat"]),
    ("netcat-traditional", &["/bin/nc", "/bin/netcat"]),
    ("nvi", &["ex", "vi", "view"]),
    ("openjdk-*-jdk", &["jconsole"]),
    (
        "openjdk-*-jdk-headless",
        &["javac", "jcmd", "jdb", "jhsdb", "jinfo", "jmap", "jps", "jstack", "jstat", "jstatd"],
    ),
    ("php*-dev", &["phpize"]),
    ("sysstat", &["sar"]),
    ("tcc", &["cc"]),
    ("tcsh", &["/bin/csh"]),
    ("telnet-ssl", &["telnet"]),
    ("tnftp", &["ftp"]),
    ("traceroute", &["traceroute", "traceroute6", "/usr/sbin/traceroute", "/usr/sbin/tcptraceroute"]),
    ("vile", &["vi", "view"]),
    ("vim-tiny", &["ex", "rview", "vi", "view"]),
    ("vim*", &["ex", "rview", "rvim", "vi", "view", "vim", "vimdiff"]),
];

/// Full editors among the packages that start with `vim`.
const FULL_VIM: [&str; 6] = ["vim", "vim-nox", "vim-gtk", "vim-gtk3", "vim-athena", "vim-motif"];

/// The paths of the links that the package makes.
pub fn of(package: &str, merged_usr: bool) -> impl Iterator<Item = String> {
    let links =
        LINKS.iter().find(|(pattern, _)| is_named(package, pattern)).map_or(&[][..], |(_, links)| links);
    links.iter().map(move |link| match link.strip_prefix('/') {
        Some(path) if merged_usr && !path.starts_with("usr/") => format!("/usr/{path}"),
        Some(_) => (*link).to_owned(),
        None => format!("/usr/bin/{link}"),
    })
}

fn is_named(package: &str, pattern: &str) -> bool {
    if pattern == "vim*" {
        return FULL_VIM.contains(&package);
    }
    match pattern.split_once('*') {
        Some((before, after)) => {
            package.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).is_some_and(|version| {
                !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            })
        }
        None => package == pattern,
    }
}
