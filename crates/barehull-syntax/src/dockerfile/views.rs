//! Instructions as what they mean, part by part. Parts are as written: quotes and variables are not
//! resolved (see [`expand`](super::expand)).

use super::instruction::{Heredoc, Instruction, Pair};
use super::mount::Mount;
use crate::MappedText;

/// An instruction by kind. One that lacks what BuildKit demands is [`View::Unreadable`].
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is named as in the Dockerfile reference")]
pub enum View<'a> {
    Add(AddView<'a>),
    Arg(ArgView),
    Cmd(Command<'a>),
    Copy(CopyView<'a>),
    Entrypoint(Command<'a>),
    /// The variables.
    Env(&'a [Pair]),
    /// Ports, ranges of ports, with or without protocol.
    Expose(&'a [MappedText]),
    From(FromView<'a>),
    Healthcheck(HealthcheckView<'a>),
    /// The labels.
    Label(&'a [Pair]),
    /// The name.
    Maintainer(&'a MappedText),
    /// The instruction that is deferred to builds on this image.
    Onbuild(&'a Instruction),
    Run(RunView<'a>),
    /// Program and arguments that shell form is given to.
    Shell(&'a [MappedText]),
    /// The signal.
    Stopsignal(&'a MappedText),
    User(UserView<'a>),
    /// The paths.
    Volume(&'a [MappedText]),
    /// The path.
    Workdir(&'a MappedText),
    /// An unknown instruction, or one without the arguments it needs: the file has a problem at it.
    Unreadable,
}

/// `FROM image AS alias`.
#[derive(Clone, Copy, Debug)]
pub struct FromView<'a> {
    /// An image reference, or the name of an earlier stage.
    pub image: &'a MappedText,
    /// The name of the stage, in the letter case of the file; BuildKit ignores it.
    pub alias: Option<&'a MappedText>,
    /// `--platform`.
    pub platform: Option<&'a MappedText>,
}

/// A command in either form.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// Given to the shell.
    Shell(&'a MappedText),
    /// Run as it is.
    Exec(&'a [MappedText]),
}

/// `RUN`.
#[derive(Clone, Debug)]
pub struct RunView<'a> {
    /// The command; the heredocs of a shell form are apart.
    pub command: Command<'a>,
    /// Files that the command gets, or, where the command is nothing but a mark, the script.
    pub heredocs: &'a [Heredoc],
    /// Every `--mount`.
    pub mounts: Vec<Mount>,
    /// `--network`: `default`, `none` or `host`.
    pub network: Option<&'a MappedText>,
    /// `--security`: `sandbox` or `insecure`.
    pub security: Option<&'a MappedText>,
    /// Every `--device`.
    pub devices: Vec<&'a MappedText>,
}

/// Something COPY or ADD puts into the image.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A path or pattern; for ADD also a URL or a git repository.
    Path(&'a MappedText),
    /// A file that stands in the Dockerfile.
    Heredoc(&'a Heredoc),
}

/// `COPY`.
#[derive(Clone, Debug)]
pub struct CopyView<'a> {
    /// What is copied.
    pub sources: Vec<Source<'a>>,
    /// Where to.
    pub dest: &'a MappedText,
    /// `--from`: a stage (by name or number), an image or a named context.
    pub from: Option<&'a MappedText>,
    /// `--chown`.
    pub chown: Option<&'a MappedText>,
    /// `--chmod`.
    pub chmod: Option<&'a MappedText>,
    /// `--link`.
    pub link: bool,
    /// `--parents`.
    pub parents: bool,
    /// Every `--exclude`.
    pub exclude: Vec<&'a MappedText>,
}

/// `ADD`.
#[derive(Clone, Debug)]
pub struct AddView<'a> {
    /// What is added.
    pub sources: Vec<Source<'a>>,
    /// Where to.
    pub dest: &'a MappedText,
    /// `--chown`.
    pub chown: Option<&'a MappedText>,
    /// `--chmod`.
    pub chmod: Option<&'a MappedText>,
    /// `--link`.
    pub link: bool,
    /// `--checksum`.
    pub checksum: Option<&'a MappedText>,
    /// `--keep-git-dir`, if given.
    pub keep_git_dir: Option<bool>,
    /// `--unpack`, if given.
    pub unpack: Option<bool>,
    /// Every `--exclude`.
    pub exclude: Vec<&'a MappedText>,
}

/// `HEALTHCHECK`.
#[derive(Clone, Copy, Debug)]
pub enum HealthcheckView<'a> {
    /// `HEALTHCHECK NONE`: the base image's check is switched off.
    Disabled,
    /// `HEALTHCHECK CMD ...`.
    Check {
        /// The command.
        command: Command<'a>,
        /// `--interval`, a duration such as `30s`.
        interval: Option<&'a MappedText>,
        /// `--timeout`, a duration.
        timeout: Option<&'a MappedText>,
        /// `--start-period`, a duration.
        start_period: Option<&'a MappedText>,
        /// `--start-interval`, a duration.
        start_interval: Option<&'a MappedText>,
        /// `--retries`, a number.
        retries: Option<&'a MappedText>,
    },
}

/// `ARG`.
#[derive(Clone, Debug)]
pub struct ArgView {
    /// The build arguments; those without a default have no value.
    pub args: Vec<Pair>,
}

/// `USER user:group`.
#[derive(Clone, Copy, Debug)]
pub struct UserView<'a> {
    /// The whole argument.
    pub text: &'a MappedText,
}

impl UserView<'_> {
    /// The part in front of the colon: a name, a number or a variable.
    pub fn user(self) -> MappedText {
        self.text.slice(0..self.colon().unwrap_or(self.text.text().len()))
    }

    /// The part behind the colon.
    pub fn group(self) -> Option<MappedText> {
        self.colon().map(|colon| self.text.slice(colon + 1..self.text.text().len()))
    }

    /// The first colon outside `${...}`.
    fn colon(self) -> Option<usize> {
        let mut depth = 0_usize;
        self.text.text().bytes().position(|byte| {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            byte == b':' && depth == 0
        })
    }
}
