//! The recipes for people: the list in the order in which they are tried, and one at length.

use std::fmt::Write;

use super::rulebook::wrapped;
use super::style::Look;
use crate::recipes::{RECIPES, Recipe};

/// Every recipe on a line.
pub fn list(look: Look) -> String {
    let width = RECIPES.iter().map(|recipe| recipe.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for recipe in RECIPES {
        let _ = writeln!(out, "{}  {}", look.strong(format!("{:<width$}", recipe.id)), recipe.title);
    }
    let how = "They are tried in this order on every final stage. Of those that have a rewrite the one with the best level \
               wins, and among equals the first. `barehull surface` and `barehull fix` say what stood in the way of the \
               others. `pod-security` makes a fix of its own beside the rewrite.";
    let _ = write!(out, "\n{}", wrapped(how, look.width));
    out
}

/// That there is no such recipe, and which there are.
pub fn no_such_recipe() -> String {
    let names: Vec<&str> = RECIPES.iter().map(|recipe| recipe.id).collect();
    format!("there is no such recipe; there are {}", names.join(", "))
}

/// One recipe at length.
pub fn explain(recipe: &Recipe, look: Look) -> String {
    format!("{}: {}\n\n{}", look.strong(recipe.id), recipe.title, wrapped(recipe.about, look.width))
}
