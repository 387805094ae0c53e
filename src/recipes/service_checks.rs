//! Health checks of compose services: where one calls a client or a shell that the new image has not, the compose file
//! gets the check that the recipe would give HEALTHCHECK.

use std::collections::BTreeMap;

use barehull_syntax::MappedText;

use super::plan::Plan;
use super::probe::{Probe, probe};
use super::{RecipeCx, manifest_edits, outside};
use crate::finding::Place;
use crate::manifest::{self, Data, Service, ServiceChange};
use crate::model::Launch;
use crate::project::outside::{Command, HealthCheck, Matched, OutsideUse};
use crate::project::{FileKind, ProjectPath, Sited, Spot};

/// The checks of the services that run a stage, once they are settled.
pub struct Settled(Vec<Rewrite>);

/// The check of a service as it shall be.
pub struct Rewrite {
    service: Service,
    /// As compose reads it.
    test: Vec<String>,
    /// The program that asks.
    pub program: String,
    /// Whether the service builds its image.
    builds: bool,
    at: Spot,
}

/// Stand for the variables of compose while a check is read, one for each: no file of people has them.
const MARKS: std::ops::Range<u32> = 0xE000..0xF8FF;

/// Settles the checks of all services that run the stage. `programs`: what the new image has under these names;
/// `client`: its own program asking, nothing where it cannot.
pub fn settle(
    plan: &mut Plan<'_, '_>,
    programs: &[&str],
    mut client: impl FnMut(&mut Plan<'_, '_>, &Probe) -> Option<Vec<String>>,
) -> Settled {
    let cx = plan.cx;
    let mut rewrites = Vec::new();
    for used in services(cx) {
        let Some(check) = command(used) else { continue };
        let Some(missing) = outside::missing(check.value, programs) else { continue };
        let rewrite = rewrite(cx, used, |launch| {
            let asked = probe(launch)?;
            client(plan, &asked).ok_or_else(|| "nothing that the new image has can ask instead".to_owned())
        });
        match rewrite {
            Ok(rewrite) => {
                note_image(plan, &rewrite);
                rewrites.push(rewrite);
            }
            Err(why) => plan.block(
                format!(
                    "{} checks its health with {missing}, which the new base has not ({why}): check with the application itself, or from outside",
                    title(used)
                ),
                cx.place(&Spot { path: used.at.path.clone(), span: check.span }),
            ),
        }
    }
    Settled(rewrites)
}

impl Settled {
    /// Has the fix change the compose files.
    pub fn write(self, plan: &mut Plan<'_, '_>) {
        edit(plan, self.0);
    }
}

/// Nothing of the image is a client: only a check that calls one of `programs` itself can be written without a shell.
pub fn own(programs: &[&str], asked: &Probe) -> Option<Vec<String>> {
    let Probe::Own(argv) = asked else { return None };
    let name = argv.first()?.rsplit('/').next()?;
    programs.contains(&name).then(|| argv.clone())
}

/// The compose services that run the stage and stay as they are.
pub fn services<'a>(cx: &RecipeCx<'a>) -> impl Iterator<Item = &'a OutsideUse> + use<'a> {
    let (model, stage) = (cx.model, cx.stage.id);
    cx.uses.iter().filter(move |used| {
        used.kind == FileKind::Compose
            && used.matched != Matched::Unmatched
            && !used.development.is_beside()
            && !used.interactive
            && model.is_used_by(stage, used)
    })
}

/// Where services are checked with a command: each becomes another one, or is a blocker.
pub fn places(cx: &RecipeCx<'_>) -> Vec<Place> {
    let checked = services(cx).filter_map(|used| Some((used, command(used)?)));
    checked.map(|(used, check)| cx.place(&Spot { path: used.at.path.clone(), span: check.span })).collect()
}

/// The command that a service is checked with.
pub fn command(used: &OutsideUse) -> Option<Sited<&Command>> {
    used.health_checks.iter().find_map(|check| match &check.value {
        HealthCheck::Command(command) => Some(Sited::new(command, check.span)),
        _ => None,
    })
}

/// The services that wait until one that runs the stage is healthy by the image's own check, with that one.
pub fn waiting<'a>(cx: &RecipeCx<'a>) -> Vec<(String, &'a OutsideUse)> {
    let mut found = Vec::new();
    for used in services(cx).filter(|used| used.health_checks.is_empty()) {
        let all = manifest::services(cx.project, &used.at.path).unwrap_or_default();
        let waits = all.into_iter().filter(|service| {
            let Some(Data::Map(entries)) = service.value("depends_on") else { return false };
            let own = entries.iter().find(|(name, _)| Some(name) == used.name.as_ref());
            let Some((_, Data::Map(condition))) = own else { return false };
            let healthy = |data: &Data| matches!(data, Data::Text(word) | Data::Word(word) if word == "service_healthy");
            condition.iter().any(|(key, data)| key == "condition" && healthy(data))
        });
        found.extend(waits.map(|service| (service.name, used)));
    }
    found
}

/// The check of the service that `used` is, with what `ask` makes of its command; an error in words says why it stays.
pub fn rewrite(
    cx: &RecipeCx<'_>,
    used: &OutsideUse,
    ask: impl FnOnce(&Launch) -> Result<Vec<String>, String>,
) -> Result<Rewrite, String> {
    let service = manifest::service_of(used, cx.project).ok_or("its file cannot be changed")?;
    let test = Test::of(&service).ok_or("its test is written in an unusual way")?;
    let argv = ask(&test.launch)?;
    let program = argv.first().cloned().unwrap_or_default();
    if program.is_empty() || program.contains(is_mark) {
        return Err("its program is a variable of compose".to_owned());
    }
    let words = argv.iter().map(|word| test.spelled(word));
    let test = std::iter::once("CMD".to_owned()).chain(words).collect();
    Ok(Rewrite { service, test, program, builds: used.build.is_some(), at: used.at.clone() })
}

/// Has the fix change the compose files.
pub fn edit(plan: &mut Plan<'_, '_>, rewrites: Vec<Rewrite>) {
    let mut by_file: BTreeMap<ProjectPath, Vec<(Service, ServiceChange)>> = BTreeMap::new();
    for Rewrite { service, test, .. } in rewrites {
        let change = ServiceChange { test: Some(test), ..ServiceChange::default() };
        by_file.entry(service.path.clone()).or_default().push((service, change));
    }
    for (path, changes) in by_file {
        let changes: Vec<(&Service, &ServiceChange)> = changes.iter().map(|(s, c)| (s, c)).collect();
        let edits = manifest_edits::of_file(plan, &path, |text| manifest::service_edits(text, &changes));
        plan.edit_elsewhere(edits);
    }
}

/// A service that builds nothing may run an image that was built before.
pub fn note_image(plan: &mut Plan<'_, '_>, rewrite: &Rewrite) {
    if !rewrite.builds {
        let Rewrite { service, program, at, .. } = rewrite;
        let text = format!(
            "{} in {} runs the new image from now on: its health check calls {program}, which an image that was built before may not have there",
            service.name, service.path
        );
        plan.assume_at(text, Some(plan.cx.place(at)));
    }
}

/// What a service is called in a message.
pub fn title(used: &OutsideUse) -> String {
    format!("{} in {}", used.name.as_deref().unwrap_or("a service"), used.at.path)
}

fn is_mark(c: char) -> bool {
    MARKS.contains(&u32::from(c))
}

/// The test of a service as the container gets it.
struct Test {
    launch: Launch,
    /// What each mark stands for, as it is written.
    variables: Vec<String>,
}

impl Test {
    /// Of `CMD` with words, `CMD-SHELL` with a text, or a text; nothing where it is anything else.
    fn of(service: &Service) -> Option<Self> {
        let Some(Data::Map(check)) = service.value("healthcheck") else { return None };
        let (_, test) = check.iter().find(|(key, _)| key == "test")?;
        let mut variables = Vec::new();
        let mut read = |text: &str| Some(MappedText::verbatim(&marked(text, &mut variables)?, 0));
        let launch = match test {
            Data::Text(text) => Launch::Shell(read(text)?),
            Data::List(items) => {
                let words = items.iter().map(|item| match item {
                    Data::Text(text) | Data::Word(text) => Some(text.as_str()),
                    _ => None,
                });
                let words: Vec<&str> = words.collect::<Option<_>>()?;
                match words.as_slice() {
                    ["CMD", words @ ..] => {
                        // No shell puts in what a word of the list says with `$$`.
                        let plain = !words.iter().any(|word| word.contains("$$"));
                        Launch::Exec(words.iter().filter(|_| plain).map(|w| read(w)).collect::<Option<_>>()?)
                    }
                    ["CMD-SHELL", text] => Launch::Shell(read(text)?),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Self { launch, variables })
    }

    /// A word of the new check, as compose reads it.
    fn spelled(&self, word: &str) -> String {
        let mut text = String::with_capacity(word.len());
        for c in word.chars() {
            match c {
                '$' => text.push_str("$$"),
                c if is_mark(c) => {
                    let at = (u32::from(c) - MARKS.start) as usize;
                    text.push_str(self.variables.get(at).map_or("", String::as_str));
                }
                c => text.push(c),
            }
        }
        text
    }
}

/// `text` with a mark for each variable of compose, and a dollar sign for `$$`; nothing where it cannot be told.
fn marked(text: &str, variables: &mut Vec<String>) -> Option<String> {
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        found.push_str(&rest[..at]);
        rest = &rest[at..];
        let len = match rest.as_bytes().get(1)? {
            b'$' => {
                found.push('$');
                rest = &rest[2..];
                continue;
            }
            // One that stands in the default of another is rare.
            b'{' => rest.find('}').filter(|end| !rest[2..*end].contains('$'))? + 1,
            _ => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                rest[1..].find(|c| !is_name(c)).map_or(rest.len(), |end| end + 1)
            }
        };
        let mark = MARKS.start + u32::try_from(variables.len()).ok()?;
        found.push(char::from_u32(mark).filter(|c| len > 1 && is_mark(*c))?);
        variables.push(rest[..len].to_owned());
        rest = &rest[len..];
    }
    found.push_str(rest);
    (!text.contains(is_mark)).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_compose_come_back_as_they_were() {
        let table = [
            ("curl localhost:80", Some(vec![])),
            ("curl localhost:${PORT:-80}/$PATH_OF", Some(vec!["${PORT:-80}", "$PATH_OF"])),
            ("curl localhost:$$PORT/$${X:-y}", Some(vec![])),
            ("curl localhost:${PORT:-${OTHER}}", None),
            ("curl localhost:${PORT", None),
            ("costs $", None),
            ("costs $ 1", None),
            ("a\u{E000}b", None),
        ];
        for (text, expected) in table {
            let mut variables = Vec::new();
            let read = marked(text, &mut variables);
            let expected: Option<Vec<String>> =
                expected.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(read.as_ref().map(|_| variables.clone()), expected, "{text}");
            if let Some(read) = read {
                let test = Test { launch: Launch::Exec(Vec::new()), variables };
                assert_eq!(test.spelled(&read), text);
            }
        }
    }
}
