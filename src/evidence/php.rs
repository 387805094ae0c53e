//! PHP: what its functions start. Files that it writes are not followed.

use super::Language;
use super::calls::{Call, Dialect, Does, Gives};

use Does::{ListOrShell, Needs, Program, Shell};

pub(super) const DIALECT: Dialect = Dialect {
    language: Language::Php,
    globals: &[
        "`",
        "exec",
        "shell_exec",
        "system",
        "passthru",
        "popen",
        "proc_open",
        "pcntl_exec",
        "mail",
        "mb_send_mail",
        "Process",
        "sprintf",
        "escapeshellcmd",
    ],
    calls: CALLS,
    methods: &[],
    values: VALUES,
    addresses: &[],
    settings: &[],
};

const CALLS: &[Call] = &[
    ("`", Shell(0)),
    ("exec", Shell(0)),
    ("shell_exec", Shell(0)),
    ("system", Shell(0)),
    ("passthru", Shell(0)),
    ("popen", Shell(0)),
    ("proc_open", ListOrShell(0)),
    ("pcntl_exec", Program(0)),
    ("mail", Needs("sendmail")),
    ("mb_send_mail", Needs("sendmail")),
    // Symfony's, which Laravel has, too.
    ("Process", ListOrShell(0)),
    ("Process.fromShellCommandline", Shell(0)),
    ("Process.run", ListOrShell(0)),
];

const VALUES: &[(&str, Gives)] = &[("sprintf", Gives::Formatted), ("escapeshellcmd", Gives::Argument(0))];
