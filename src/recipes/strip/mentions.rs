//! Calls that start programs, in sources of languages that are only searched for such calls: PHP, Ruby, Perl, R, Lua,
//! Elixir, and in settings of uWSGI. What is found is taken for true, but for lines that are comments: it only makes more
//! stay.

use barehull_syntax::{Location, Span};

use crate::finding::Place;
use crate::project::outside::Matched;
use crate::project::{BuildContext, Kind, ProjectPath};
use crate::recipes::RecipeCx;

/// Files and bytes that are looked at.
const MAX_FILES: usize = 4_000;
const MAX_BYTES: usize = 16 << 20;

/// A language: the ends of its files' names, and how its sources start programs.
struct Language {
    ends: &'static [&'static str],
    calls: &'static [&'static str],
}

const LANGUAGES: [Language; 8] = [
    // uWSGI gives what it starts beside the application to /bin/sh.
    Language {
        ends: &[".ini"],
        calls: &[
            "attach-daemon",
            "exec:",
            "exec-asap",
            "exec-as-",
            "exec-pre-",
            "exec-post-",
            "cron2",
            "cron =",
        ],
    },
    Language {
        ends: &[".php", ".phtml", ".inc"],
        calls: &[
            "exec(",
            "shell_exec(",
            "system(",
            "passthru(",
            "proc_open(",
            "popen(",
            "pcntl_exec(",
            "mail(",
        ],
    },
    Language {
        ends: &[".rb", ".ru"],
        calls: &["system(", "system ", "exec(", "%x(", "%x{", "%x[", "IO.popen", "Open3.", "spawn(", "`"],
    },
    // Rake has words of its own.
    Language {
        ends: &[".rake", "Rakefile"],
        calls: &[
            "system(", "system ", "exec(", "%x(", "%x{", "%x[", "IO.popen", "Open3.", "spawn(", "`", "sh(",
            "sh \"", "sh '", "sh %w[", "sh %w(", "sh *%w[", "sh *%w(", "ruby \"", "ruby '", "ruby(",
        ],
    },
    Language {
        ends: &[".pl", ".pm", ".cgi", ".psgi"],
        calls: &["system(", "system ", "exec(", "qx", "`", "IPC::"],
    },
    Language { ends: &[".r", ".R"], calls: &["system(", "system2(", "shell("] },
    Language { ends: &[".lua"], calls: &["os.execute", "io.popen"] },
    Language {
        ends: &[".ex", ".exs", ".erl"],
        calls: &["System.cmd", "System.shell", "Port.open", "os:cmd", "open_port"],
    },
];

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The first call of each file.
    pub calls: Vec<Call>,
    /// Whether any file of these languages is in the image.
    pub any: bool,
    /// Whether all were read.
    pub complete: bool,
}

/// A call that starts a program.
#[derive(Debug)]
pub(super) struct Call {
    /// The program, where it stands in the call as text.
    pub program: Option<String>,
    /// Where.
    pub place: Place,
}

/// Searches the files that the image gets from the build context. Dependencies and tests are left out.
pub(super) fn search(cx: &RecipeCx<'_>) -> Found {
    let mut found = Found { complete: true, ..Found::default() };
    let mut files = cx.files.borrow_mut();
    let Some(context) = files.context() else { return Found::default() };
    let (mut listed, mut bytes_read) = (Vec::new(), 0);
    for stage in cx.model.behind(cx.stage.id) {
        let (more, complete) = files.context_files(stage);
        found.complete &= complete;
        listed.extend(more.into_iter().map(|(_, from)| from));
    }
    for folder in mounted(cx) {
        found.complete &= below(context, &folder, &mut listed);
    }
    listed.sort();
    listed.dedup();
    let mut looked = 0;
    for path in listed {
        let text = path.to_string();
        let Some(language) = language(&text) else { continue };
        found.any |= language.ends != [".ini"];
        if looked == MAX_FILES || bytes_read > MAX_BYTES {
            found.complete = false;
            break;
        }
        looked += 1;
        let Ok(bytes) = context.read(&path) else {
            found.complete = false;
            continue;
        };
        bytes_read += bytes.len();
        let source = String::from_utf8_lossy(&bytes);
        for (at, program) in calls(&source, language) {
            let file = files.add(&path, &bytes);
            let span = if source.len() == bytes.len() { Span::at(at as u32) } else { Span::default() };
            found.calls.push(Call { program, place: Place::Source(Location::new(file, span)) });
        }
    }
    found
}

/// Folders of the project that its services mount into the image: what the application is made of may come so.
fn mounted(cx: &RecipeCx<'_>) -> Vec<ProjectPath> {
    let uses =
        cx.uses.iter().filter(|u| u.matched != Matched::Unmatched && cx.model.is_used_by(cx.stage.id, u));
    uses.flat_map(|u| &u.mounts).filter_map(|m| m.source.clone()).collect()
}

/// Adds the files below a folder; whether these are all.
fn below(context: &BuildContext, folder: &ProjectPath, listed: &mut Vec<ProjectPath>) -> bool {
    let mut waiting = vec![folder.clone()];
    let mut folders = 0;
    while let Some(folder) = waiting.pop() {
        folders += 1;
        if folders > MAX_FILES {
            return false;
        }
        // A file that is mounted, or a folder that is not there before it is.
        let Ok((entries, true)) = context.list(&folder) else {
            if context.exists(&folder) == Some(true) {
                listed.push(folder);
            }
            continue;
        };
        for (path, kind) in entries {
            match kind {
                Kind::Folder => waiting.push(path),
                Kind::File => listed.push(path),
                Kind::Link | Kind::Other => {}
            }
        }
    }
    true
}

fn language(path: &str) -> Option<&'static Language> {
    let aside = ["vendor", "node_modules", "test", "tests", "spec", "specs", "examples", "docs"];
    if path.split('/').any(|part| aside.contains(&part)) {
        return None;
    }
    LANGUAGES.iter().find(|language| language.ends.iter().any(|end| path.ends_with(end)))
}

/// The calls in a source: where each stands, and the program that it names.
fn calls(source: &str, language: &Language) -> Vec<(usize, Option<String>)> {
    let mut found = Vec::new();
    for call in language.calls {
        for (at, _) in source.match_indices(call) {
            let before = &source[..at];
            // `curl_exec(`, `$statement->exec(`, `function system(` are others; a closing backtick is the same call.
            let part_of =
                before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '>' | ':' | '.' | '$'));
            let defined = before.trim_end().ends_with("function") || before.trim_end().ends_with("def");
            let closing =
                *call == "`" && before.lines().last().is_some_and(|l| l.matches('`').count() % 2 == 1);
            if (part_of && !call.starts_with('`')) || defined || closing || is_comment(before, language) {
                continue;
            }
            found.push((at, program(&source[at + call.len()..], call)));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Whether what stands behind `before` is in a comment that is all of its line.
fn is_comment(before: &str, language: &Language) -> bool {
    let line = before.rsplit('\n').next().unwrap_or(before).trim_start();
    let marks: &[&str] = match language.ends[0] {
        ".php" => &["//", "# "],
        ".lua" => &["--"],
        _ => &["#"],
    };
    marks.iter().any(|mark| line.starts_with(mark)) && !line.starts_with("#{") && !line.starts_with("#!")
}

/// The first word of the text that a call is given.
fn program(behind: &str, call: &str) -> Option<String> {
    let quoted = |text: &str| text.strip_prefix(['"', '\'']).map(str::to_owned);
    let text = match call {
        "mail(" => return Some("sendmail".to_owned()),
        "ruby \"" | "ruby '" | "ruby(" => return Some("ruby".to_owned()),
        "`" | "%x(" | "%x{" | "%x[" | "sh \"" | "sh '" | "sh %w[" | "sh %w(" | "sh *%w[" | "sh *%w(" => {
            behind.to_owned()
        }
        _ => quoted(behind.trim_start())?,
    };
    let end =
        text.find(|c: char| c.is_whitespace() || "\"'`,)}];|&".contains(c)).unwrap_or(text.len().min(64));
    let word = text.get(..end)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    (!word.is_empty() && word.chars().all(plain)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_names_that_look_like_them() {
        let php = &LANGUAGES[1];
        let program = |source: &str| calls(source, php).into_iter().map(|(_, p)| p).collect::<Vec<_>>();
        assert_eq!(program("exec('convert a b');"), [Some("convert".to_owned())]);
        assert_eq!(program("$x = shell_exec($command);"), [None]);
        assert_eq!(program("curl_exec($c); $pdo->exec('x'); function system($a) {} Foo::exec(1)"), []);
        assert_eq!(program("mail($to, $subject, $text)"), [Some("sendmail".to_owned())]);
        let ruby = &LANGUAGES[2];
        assert_eq!(calls("  # both answer to `git`\n", ruby), []);
        let found: Vec<_> =
            calls("a = `git log`\nb = 1\nsystem \"ls\", x\n", ruby).into_iter().map(|c| c.1).collect();
        assert_eq!(found, [Some("git".to_owned()), Some("ls".to_owned())]);
        let rake = "task(:tree) { sh \"pstree `cat #{path}`\" }\nsh %w[git log]\nruby 'a.rb'\nfinish \"x\"\nsh command\n";
        let found: Vec<_> = calls(rake, &LANGUAGES[3]).into_iter().filter_map(|c| c.1).collect();
        assert_eq!(found, ["pstree", "cat", "git", "ruby"]);
        let uwsgi = "smart-attach-daemon = /run/x.pid ./w.py\nhook-pre-app = exec:./manage.py migrate\nexecutor = 1\n";
        assert_eq!(calls(uwsgi, &LANGUAGES[0]).len(), 2);
    }
}
