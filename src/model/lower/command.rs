//! A command with its words resolved, as the families of programs read it.

use barehull_syntax::Location;

use crate::model::effect::Named;
use crate::model::resolve::absolute;

/// A command line, wrappers taken off, variables resolved as far as they are known.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    /// The program as written.
    pub(crate) program: String,
    /// What stands behind it.
    pub(crate) args: Vec<Argument>,
    /// The folder it runs in; absent where a `cd` could not be followed.
    pub(crate) cwd: Option<String>,
    /// Files its output goes to, absolute.
    pub(crate) writes: Vec<Option<String>>,
    /// Whether more arguments come from somewhere (xargs, `find -exec`).
    pub(crate) more_args: bool,
}

/// One argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its text; absent where it cannot be told before the build.
    pub text: Option<String>,
    /// Its place.
    pub at: Location,
    /// Whether an edit may replace just this word.
    pub exact: bool,
}

impl Command {
    /// The program without its folder.
    pub(crate) fn name(&self) -> &str {
        self.program.rsplit('/').next().unwrap_or(&self.program)
    }

    /// The literal arguments; those that cannot be told are left out.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.args.iter().filter_map(|a| a.text.as_deref())
    }

    /// Whether one of `flags` is there: long ones whole, single letters also in a cluster (`-xzf`).
    pub(crate) fn has_flag(&self, flags: &[&str]) -> bool {
        self.texts().take_while(|a| *a != "--").any(|arg| {
            flags.iter().any(|flag| {
                arg == *flag
                    || (flag.len() == 2
                        && arg.starts_with('-')
                        && !arg.starts_with("--")
                        && arg.contains(char::from(flag.as_bytes()[1])))
            })
        })
    }

    /// The value of an option, `--name value`, `--name=value` or `-nvalue`.
    pub(crate) fn option(&self, names: &[&str]) -> Option<&str> {
        let mut args = self.texts().peekable();
        while let Some(arg) = args.next() {
            for name in names {
                if arg == *name {
                    return args.peek().copied();
                }
                if let Some(value) = arg.strip_prefix(name) {
                    let value = value.strip_prefix('=').or((name.len() == 2).then_some(value));
                    if let Some(value) = value {
                        return Some(value);
                    }
                }
            }
        }
        None
    }

    /// The arguments that are no options; `with_value` lists options whose next word is their value.
    pub(crate) fn operands(&self, with_value: &[&str]) -> Vec<&Argument> {
        let mut operands = Vec::new();
        let mut options = true;
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            match arg.text.as_deref() {
                Some("--") if options => options = false,
                Some(text) if options && text.starts_with('-') && text.len() > 1 => {
                    if with_value.contains(&text) {
                        args.next();
                    }
                }
                _ => operands.push(arg),
            }
        }
        operands
    }

    /// `path` as seen from the folder the command runs in.
    pub(crate) fn path(&self, path: &str) -> Option<String> {
        if path.starts_with('~') {
            return Some(path.replacen('~', "/root", 1));
        }
        if path.starts_with('/') {
            return Some(absolute("/", path));
        }
        Some(absolute(self.cwd.as_deref()?, path))
    }

    /// An operand as a path, absolute.
    pub(crate) fn path_of(&self, argument: &Argument) -> Option<String> {
        self.path(argument.text.as_deref()?)
    }
}

impl Argument {
    /// The argument as a package, its version split off at one of `separators`.
    pub(crate) fn package(&self, separators: &[&str]) -> Option<Named> {
        let text = self.text.as_deref()?;
        let cut = separators.iter().filter_map(|s| text.find(s).filter(|at| *at > 0)).min();
        let (name, version) = match cut {
            Some(at) => {
                let version = text[at..].trim_start_matches(['=', '<', '>', '~', '@', '!', ':']);
                (&text[..at], Some(version.to_owned()))
            }
            None => (text, None),
        };
        Some(Named { name: name.to_owned(), version, at: self.at, exact: self.exact })
    }
}
