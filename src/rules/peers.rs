//! The policies of other tools, each with the rules that ask for the same, made from `rules/peers/` by `build.rs`.

/// Another tool.
#[derive(Debug)]
pub struct Peer {
    /// `hadolint`.
    pub tool: &'static str,
    /// As it is called by people.
    pub title: &'static str,
    /// The version whose policies these are.
    pub version: &'static str,
    /// Where they are published.
    pub source: &'static str,
    /// The day on which they were compared with that, `YYYY-MM-DD`.
    pub checked: &'static str,
    /// All of its policies on Dockerfiles.
    pub policies: &'static [PeerPolicy],
}

/// A policy of another tool.
#[derive(Debug)]
pub struct PeerPolicy {
    /// The name by which its reports and comments call it.
    pub id: &'static str,
    /// What it asks for, in our words.
    pub asks: &'static str,
    /// Our rules that ask for the same.
    pub rules: &'static [&'static str],
    /// Why there is no such rule.
    pub not: Option<&'static str>,
    /// Where ours deliberately finds less, and why.
    pub differs: Option<&'static str>,
    /// Whether the tool has it no more; comments may still name it.
    pub retired: bool,
}

/// The tools.
pub static PEERS: &[Peer] = include!(concat!(env!("OUT_DIR"), "/peers.rs"));

/// The tool called `tool`.
pub fn peer(tool: &str) -> Option<&'static Peer> {
    PEERS.iter().find(|peer| peer.tool == tool)
}

impl Peer {
    /// Its policy called `id`; letter case does not count.
    pub fn policy(&self, id: &str) -> Option<&'static PeerPolicy> {
        self.policies.iter().find(|policy| policy.id.eq_ignore_ascii_case(id))
    }
}
