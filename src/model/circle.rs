//! Stages that wait for each other: BuildKit refuses the file.

use barehull_syntax::Location;

use super::{Model, Stage, StageId};

/// A stage that is built from its own result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The instruction that reads files of a stage which comes later, or of its own.
    pub at: Location,
    /// The stages of the circle, each of which reads files of the next, the last one of the first.
    pub stages: Vec<StageId>,
}

/// One stage waits for another.
struct Edge {
    to: StageId,
    at: Location,
}

/// What BuildKit sees of a stage's place in its search.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    No,
    /// On the way from the stage the search started at.
    OnPath,
    Done,
}

/// One circle for each stage that a search from the first stage on meets again, as BuildKit searches. Iterative:
/// the chain of stages can be as long as the file.
pub(super) fn find(model: &Model) -> Vec<Circle> {
    let edges: Vec<Vec<Edge>> = model.stages.iter().map(|stage| edges(model, stage)).collect();
    let mut seen = vec![Seen::No; edges.len()];
    let mut circles = Vec::new();
    for start in 0..edges.len() {
        if seen[start] != Seen::No {
            continue;
        }
        // The stages on the path, each with the number of its edges that were followed.
        let mut path = vec![(start, 0)];
        seen[start] = Seen::OnPath;
        while let Some((stage, followed)) = path.last_mut() {
            let Some(edge) = edges[*stage].get(*followed) else {
                seen[*stage] = Seen::Done;
                path.pop();
                continue;
            };
            *followed += 1;
            let to = edge.to.index();
            match seen[to] {
                Seen::No => {
                    seen[to] = Seen::OnPath;
                    path.push((to, 0));
                }
                Seen::OnPath => {
                    let first = path.iter().position(|(on, _)| *on == to).unwrap_or(0);
                    circles.extend(circle(&path[first..], &edges));
                }
                Seen::Done => {}
            }
        }
    }
    circles
}

/// The circle that the followed edges of `path` make. One of them leads forward.
fn circle(path: &[(usize, usize)], edges: &[Vec<Edge>]) -> Option<Circle> {
    let forward = path.iter().find_map(|(stage, followed)| {
        let edge = &edges[*stage][followed - 1];
        (edge.to.index() >= *stage).then_some(edge.at)
    });
    let stages = path.iter().map(|(stage, _)| StageId(*stage as u32)).collect();
    Some(Circle { at: forward?, stages })
}

/// The stages that `stage` waits for.
fn edges(model: &Model, stage: &Stage) -> Vec<Edge> {
    let at = |instruction: usize| model.at(model.dockerfile.instructions()[instruction].span);
    let base = stage.base_stage().map(|to| Edge { to, at: at(stage.from) });
    let steps = stage.steps.iter().flat_map(|step| {
        step.kind
            .sources()
            .iter()
            .filter_map(move |s| Some(Edge { to: s.stage()?, at: at(step.instruction) }))
    });
    base.into_iter().chain(steps).collect()
}
