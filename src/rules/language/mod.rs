//! The language of rules that need no code: conditions on what a Dockerfile does, messages and fixes made of what
//! was found. Built-in rules and a user's are the same types, read by the same compiler (`schema`).

mod change;
mod holds;
mod ran;
mod regular;
mod run;
mod schema;
mod site;

pub(crate) use change::replace;
pub(crate) use run::{Active, RuleFix, ShippedStages, findings, one_line};
pub use schema::{
    Change, EffectName, Field, FixLevel, FixTemplate, Group, KEYS, List, MatchText, Matcher, Mode, Needs,
    Origin, Part, Pattern, Piece, Reach, Template, Test, Trigger,
};
