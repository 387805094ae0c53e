//! Variables among the words of a start: `$JAVA_OPTS` becomes a variable that Java reads without a shell, others
//! become part of the command.

use super::super::launch::launch_line;
use super::super::plan::Plan;
use super::super::shape::Target;
use super::super::variables::settled;
use super::start::{OptionVariable, Runs, Start};
use crate::project::outside::Matched;

/// The variable that Java of this major version reads options from.
pub(super) fn variable(major: u32) -> &'static str {
    if major >= 9 { "JDK_JAVA_OPTIONS" } else { "JAVA_TOOL_OPTIONS" }
}

/// Does without the shell that put variables in; false, with a blocker, where that cannot be.
pub(super) fn settle(plan: &mut Plan<'_, '_>, target: &mut Target, start: &mut Start, major: u32) -> bool {
    let all: Vec<String> = start.options.iter().chain(&start.rest).cloned().collect();
    if all.iter().any(|word| word.contains("${")) {
        let Some(all) = settled(plan, &all) else { return false };
        let (options, rest) = all.split_at(start.options.len());
        if let (Runs::Jar(jar), Some(first)) = (&mut start.runs, rest.first()) {
            jar.clone_from(first);
        }
        (start.options, start.rest) = (options.to_vec(), rest.to_vec());
    }
    let variables = std::mem::take(&mut start.variables);
    let own: Vec<&OptionVariable> = variables.iter().filter(|v| !is_read_by_java(&v.name, major)).collect();
    own.is_empty() || hand_over(plan, target, &own, major)
}

fn is_read_by_java(name: &str, major: u32) -> bool {
    name == "JAVA_TOOL_OPTIONS" || name == variable(major)
}

/// Declares what the image sets the variables to under the name that Java reads.
fn hand_over(
    plan: &mut Plan<'_, '_>,
    target: &mut Target,
    variables: &[&OptionVariable],
    major: u32,
) -> bool {
    let at = launch_line(plan);
    let to = variable(major);
    let config = &plan.cx.stage.config;
    let mut values: Vec<String> =
        config.env(to).filter(|v| !v.is_empty()).map(str::to_owned).into_iter().collect();
    for variable in variables {
        if outside(plan, variable, to) {
            return false;
        }
        let unresolved = config.env.iter().any(|v| v.name == variable.name && v.value.is_none());
        let value = config.env(&variable.name).filter(|v| !v.is_empty()).unwrap_or(&variable.default);
        if unresolved
            || value.contains(['"', '\'', '\\', '$'])
            || value.split_whitespace().any(|w| w == "-jar")
        {
            plan.block(
                format!(
                    "{} holds what {to} means otherwise (quotes, `-jar`): write it into the command",
                    variable.name
                ),
                at,
            );
            return false;
        }
        if !value.trim().is_empty() {
            values.push(value.trim().to_owned());
        }
        target.env_drop.insert(variable.name.clone());
    }
    if !values.is_empty() {
        target.env.push((to.to_owned(), values.join(" ")));
    }
    let names: Vec<&str> = variables.iter().map(|v| v.name.as_str()).collect();
    let names = names.join(" and ");
    let mut text = format!(
        "whoever sets {names} for a container sets {to} from now on, which Java reads without a shell"
    );
    if variables.iter().any(|v| v.behind_options) {
        text.push_str("; the options in the command win over it");
    }
    if major < 9 {
        text.push_str("; it holds options of the virtual machine only (-X, -D, -javaagent)");
    }
    plan.assume(text, Some(at));
    true
}

/// Blocks where something of the project sets the variable for this image; for another one perhaps it is an assumption.
fn outside(plan: &mut Plan<'_, '_>, variable: &OptionVariable, to: &str) -> bool {
    let cx = plan.cx;
    let mut blocked = false;
    for used in cx.uses.iter().filter(|u| cx.model.is_used_by(cx.stage.id, u)) {
        if !used.environment.iter().any(|(name, _)| *name == variable.name) {
            continue;
        }
        let who = used.name.clone().unwrap_or_else(|| used.at.path.file_name().to_owned());
        let place = cx.place(&used.at);
        if used.matched == Matched::Unmatched {
            let text = format!(
                "{who} in {} sets {} for another image (nothing says which one it runs)",
                used.at.path, variable.name
            );
            plan.assume_at(text, Some(place));
        } else {
            blocked = true;
            let reason = format!(
                "{who} in {} sets {}, which only a shell hands to Java: set {to} there, and start java in exec form",
                used.at.path, variable.name
            );
            plan.block(reason, place);
        }
    }
    blocked
}
