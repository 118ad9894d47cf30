//! Tokens, and what they give the right to.

use rolecall::{Network, SubjectId};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// A token, and what its bearer may do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `subject`, `sha256` and `may`")]
pub struct Token {
    /// Who bears it, such as `app:backend`: the actor in administration.
    pub subject: String,
    /// The SHA-256 of the token, as hexadecimal text: the token itself is kept nowhere.
    pub sha256: String,
    /// What the bearer may do.
    #[serde(deserialize_with = "some_rights")]
    pub may: Vec<Right>,
    /// The networks that the bearer may come from, such as `203.0.113.0/24`. Without any, the bearer may come from anywhere; a
    /// configuration leaves the key out then.
    #[serde(default, deserialize_with = "some_networks")]
    pub networks: Vec<String>,
    /// Whether the bearer speaks for others, as a backend does for its users: it may name the actor of a command in
    /// `Rolecall-Actor`, and state the connection of others (`ip`, `login`, `last_activity`, `active_roles`).
    #[serde(default)]
    pub acts_for_others: bool,
}

impl Token {
    /// Checks every token, and that no two are the same.
    pub(super) fn check_all(tokens: &[Self]) -> Result<(), String> {
        for (index, token) in tokens.iter().enumerate() {
            let digest = token.sha256.len() == 64 && token.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !digest {
                return Err(format!(
                    "tokens[{index}].sha256: 64 hexadecimal digits are needed, as `rolecall token` prints them"
                ));
            }
            let same = |other: &Self| other.sha256.eq_ignore_ascii_case(&token.sha256);
            if tokens.iter().take(index).any(same) {
                return Err(format!(
                    "tokens[{index}].sha256: the token stands twice; each bearer needs one of its own"
                ));
            }
            for (place, network) in token.networks.iter().enumerate() {
                if let Err(why) = network.parse::<Network>() {
                    return Err(format!("tokens[{index}].networks[{place}]: `{network}` is no network: {why}"));
                }
            }
            let needs_time = |right: &Right| matches!(right, Right::Evaluate | Right::Administer);
            if token.may.contains(&Right::Time) && !token.may.iter().any(needs_time) {
                return Err(format!(
                    "tokens[{index}].may: `time` is about questions and commands, which need `evaluate` or `administer` as well"
                ));
            }
            if let Err(fault) = SubjectId::parse(&token.subject) {
                return Err(format!("tokens[{index}].subject: {fault}"));
            }
        }
        Ok(())
    }
}

/// Reads a list that must not be empty: an empty one would say the opposite of what it means here.
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D, empty: &str) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(D::Error::custom(empty)) } else { Ok(list) }
}

fn some_networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    some(deserializer, "an empty list names no network; leave the key out to let the bearer come from anywhere")
}

pub(super) fn some_tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Token>, D::Error> {
    some(deserializer, "an empty list names no bearer; leave the key out to let everyone ask who reaches the server")
}

fn some_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Right>, D::Error> {
    some(deserializer, "an empty list gives no right; name one, such as `evaluate`, or leave the token out")
}

/// What the bearer of a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Right {
    /// Ask questions and search.
    Evaluate,
    /// Get passes, for anyone.
    Pass,
    /// Get everything, as a snapshot.
    Snapshot,
    /// Administer, as far as the policy lets the actor.
    Administer,
    /// Read the trail of administration.
    Audit,
    /// Read the metrics.
    Metrics,
    /// State the instant of a question in AuthZEN, as `context.time`; without this right the server's clock counts. In
    /// administration, accept the server's time however far it is from the last event (`allow_time_jump`).
    Time,
}
