//! What each wrapper takes before the command it runs, from its manual.

use super::{WrapperKind, options::OPERAND};

/// How a wrapper reads its words.
pub(super) struct Spec {
    pub names: &'static [&'static str],
    pub kind: WrapperKind,
    /// Letters of short options that take a value.
    pub short_values: &'static str,
    /// Long options whose value may be the next word.
    pub long_values: &'static [&'static str],
    /// Options that name the user.
    pub user_options: &'static [&'static str],
    /// Options that name the folder the command starts in.
    pub directory_options: &'static [&'static str],
    /// Options that name the command's root folder.
    pub root_options: &'static [&'static str],
    /// Options whose value is the text a shell reads.
    pub text_options: &'static [&'static str],
    /// Options with which it runs nothing.
    pub queries: &'static [&'static str],
    /// What stands between the options and the command.
    pub operands: &'static [Operand],
    /// Options that stand for the operands.
    pub operands_given_by: &'static [&'static str],
    /// `NAME=value` may stand before the command.
    pub takes_assignments: bool,
    /// Options may stand behind operands.
    pub permutes: bool,
}

/// An operand before the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    User,
    Root,
    /// A duration, a mask.
    Other,
}

/// How the program `name` wraps a command; `None` if it does not.
pub(super) fn spec_of(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.names.contains(&name))
}

/// No options with values, no operands.
const PLAIN: Spec = Spec {
    names: &[],
    kind: WrapperKind::Manner,
    short_values: "",
    long_values: &[],
    user_options: &[],
    directory_options: &[],
    root_options: &[],
    text_options: &[],
    queries: &["--help", "--version"],
    operands: &[],
    operands_given_by: &[],
    takes_assignments: false,
    permutes: false,
};

const SPECS: &[Spec] = &[
    Spec {
        names: &["sudo"],
        kind: WrapperKind::Sudo,
        short_values: "CDghpRrTtUu",
        long_values: &[
            "chdir",
            "chroot",
            "close-from",
            "command-timeout",
            "group",
            "host",
            "other-user",
            "prompt",
            "role",
            "type",
            "user",
        ],
        user_options: &["-u", "--user"],
        directory_options: &["-D", "--chdir"],
        root_options: &["-R", "--chroot"],
        queries: &["-l", "-v", "-K", "-V", "-e", "--list", "--validate", "--edit", "--version", "--help"],
        takes_assignments: true,
        ..PLAIN
    },
    Spec { names: &["doas"], kind: WrapperKind::Sudo, short_values: "uC", user_options: &["-u"], ..PLAIN },
    Spec {
        names: &["su"],
        kind: WrapperKind::SwitchUser,
        short_values: "cgGswCT",
        long_values: &["command", "session-command", "group", "supp-group", "shell", "whitelist-environment"],
        user_options: &[OPERAND],
        text_options: &["-c", "--command", "--session-command"],
        permutes: true,
        ..PLAIN
    },
    Spec {
        names: &["runuser"],
        kind: WrapperKind::SwitchUser,
        short_values: "cgGuswT",
        long_values: &[
            "command",
            "session-command",
            "group",
            "supp-group",
            "shell",
            "user",
            "whitelist-environment",
        ],
        user_options: &["-u", "--user", OPERAND],
        text_options: &["-c", "--command", "--session-command"],
        operands_given_by: &["-u", "--user"],
        permutes: true,
        ..PLAIN
    },
    Spec {
        names: &["gosu", "su-exec", "s6-setuidgid", "setuidgid"],
        kind: WrapperKind::SwitchUser,
        operands: &[Operand::User],
        ..PLAIN
    },
    Spec {
        names: &["setpriv"],
        kind: WrapperKind::SwitchUser,
        long_values: &[
            "ambient-caps",
            "apparmor-profile",
            "bounding-set",
            "egid",
            "euid",
            "groups",
            "inh-caps",
            "pdeathsig",
            "regid",
            "reuid",
            "rgid",
            "ruid",
            "securebits",
            "selinux-label",
        ],
        user_options: &["--reuid", "--ruid", "--euid"],
        queries: &["-d", "--dump", "--list-caps", "--help", "--version"],
        ..PLAIN
    },
    Spec {
        names: &["env"],
        kind: WrapperKind::Env,
        short_values: "uCS",
        long_values: &["unset", "chdir", "split-string"],
        directory_options: &["-C", "--chdir"],
        text_options: &["-S", "--split-string"],
        takes_assignments: true,
        ..PLAIN
    },
    Spec { names: &["exec"], kind: WrapperKind::Exec, short_values: "a", ..PLAIN },
    Spec { names: &["command", "builtin"], kind: WrapperKind::Builtin, queries: &["-v", "-V"], ..PLAIN },
    Spec { names: &["nohup", "setsid", "unbuffer", "eatmydata", "catchsegv"], ..PLAIN },
    Spec { names: &["nice"], short_values: "n", long_values: &["adjustment"], ..PLAIN },
    Spec {
        names: &["ionice"],
        short_values: "cnpPu",
        long_values: &["class", "classdata", "pid", "pgid", "uid"],
        queries: &["-p", "-P", "-u", "--pid", "--pgid", "--uid"],
        ..PLAIN
    },
    Spec { names: &["time"], short_values: "fo", long_values: &["format", "output"], ..PLAIN },
    Spec {
        names: &["timeout"],
        short_values: "kst",
        long_values: &["kill-after", "signal"],
        operands: &[Operand::Other],
        // Old busybox: `timeout -t seconds command`.
        operands_given_by: &["-t"],
        ..PLAIN
    },
    Spec { names: &["stdbuf"], short_values: "ioe", long_values: &["input", "output", "error"], ..PLAIN },
    Spec { names: &["fakeroot"], short_values: "lisfb", long_values: &["lib", "faked", "fd-base"], ..PLAIN },
    Spec {
        names: &["numactl"],
        short_values: "imNCpP",
        long_values: &["interleave", "membind", "cpunodebind", "physcpubind", "preferred"],
        queries: &["-s", "-H", "--show", "--hardware"],
        ..PLAIN
    },
    Spec {
        names: &["xvfb-run"],
        short_values: "efnpsw",
        long_values: &["error-file", "auth-file", "server-num", "xauth-protocol", "server-args", "wait"],
        ..PLAIN
    },
    Spec { names: &["dbus-run-session"], long_values: &["config-file", "dbus-daemon"], ..PLAIN },
    Spec {
        names: &["tini", "tini-static", "docker-init"],
        kind: WrapperKind::Init,
        short_values: "pe",
        ..PLAIN
    },
    Spec {
        names: &["dumb-init", "catatonit"],
        kind: WrapperKind::Init,
        short_values: "r",
        long_values: &["rewrite"],
        ..PLAIN
    },
    Spec {
        names: &["xargs"],
        kind: WrapperKind::Xargs,
        short_values: "adEILnPs",
        long_values: &["arg-file", "delimiter", "max-args", "max-procs", "max-chars", "process-slot-var"],
        ..PLAIN
    },
    Spec {
        names: &["chroot"],
        kind: WrapperKind::Chroot,
        long_values: &["userspec", "groups"],
        user_options: &["--userspec"],
        operands: &[Operand::Root],
        ..PLAIN
    },
    Spec { names: &["busybox", "toybox"], kind: WrapperKind::Busybox, ..PLAIN },
];
