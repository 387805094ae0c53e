//! `barehull explain`: why a rule matters and what to do, or what a recipe does.

use anyhow::{Result, bail};
use barehull::recipes::RECIPES;
use barehull::report::{recipebook, rulebook};
use barehull::rules;

use super::args::no_such_rule;
use super::exit::Exit;
use super::output::Output;

/// Say why a rule matters and what to do, or what a recipe makes and when.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The rule's id.
    #[arg(value_name = "RULE", required_unless_present = "recipe", conflicts_with = "recipe")]
    rule: Option<String>,
    /// The recipe's name; without one, all recipes in the order in which they are tried.
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    recipe: Option<String>,
}

pub fn run(args: &Args, output: &mut Output) -> Result<Exit> {
    let text = match (&args.rule, args.recipe.as_deref()) {
        (Some(id), _) => {
            let Some(rule) = rules::meta(id) else { bail!("{id}: {}", no_such_rule(id)) };
            rulebook::explain(rule, output.look())
        }
        (None, None | Some("")) => recipebook::list(output.look()),
        (None, Some(name)) => {
            let Some(recipe) = RECIPES.iter().find(|recipe| recipe.id == name) else {
                bail!("{name}: {}", recipebook::no_such_recipe())
            };
            recipebook::explain(recipe, output.look())
        }
    };
    output.print(&text)?;
    Ok(Exit::Clean)
}
