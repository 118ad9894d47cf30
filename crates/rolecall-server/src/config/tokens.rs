//! The tokens and their rights.

use crate::hex::plain_hex;
use rolecall::{Network, SubjectId};
use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// A token and the rights of its bearer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with `subject`, `may`, and `sha256` or `certificate`")]
pub struct Token {
    /// The bearer, such as `app:backend`: the actor in administration.
    pub subject: String,
    /// The SHA-256 of the token, as hexadecimal text. The token itself is not stored.
    #[serde(default)]
    pub sha256: Option<String>,
    /// The SHA-256 of the certificate with which the bearer connects, in place of a token: 64 hexadecimal digits, with
    /// colons or without. Requires `tls.client_certificates`.
    #[serde(default)]
    pub certificate: Option<String>,
    /// The rights of the bearer.
    #[serde(deserialize_with = "some_rights")]
    pub may: Vec<Right>,
    /// The networks from which the bearer may connect, such as `203.0.113.0/24`. Without any, the bearer may connect
    /// from anywhere. A configuration omits the key then.
    #[serde(default, deserialize_with = "some_networks")]
    pub networks: Vec<String>,
    /// Whether the bearer acts for others, as a backend does for its users. It may name the actor of a command in
    /// `Rolecall-Actor`, and state the connection of others (`ip`, `login`, `second_factor`, `last_activity`,
    /// `active_roles`).
    #[serde(default)]
    pub acts_for_others: bool,
}

impl Token {
    /// Returns the key of what the bearer presents, the command that prints its digest, and the digest in one form.
    fn presented(&self, index: usize) -> Result<(&'static str, &'static str, String), String> {
        match (&self.sha256, &self.certificate) {
            (Some(digest), None) => Ok(("sha256", "`rolecall token`", digest.to_ascii_lowercase())),
            (None, Some(digest)) => {
                Ok(("certificate", "`openssl x509 -noout -fingerprint -sha256`", plain_hex(digest)))
            }
            _ => Err(format!("tokens[{index}]: give `sha256` for a token, or `certificate`")),
        }
    }

    /// Checks every token, and that no token occurs twice.
    pub(super) fn check_all(tokens: &[Self], asks_clients: bool) -> Result<(), String> {
        for (index, token) in tokens.iter().enumerate() {
            let (key, what, digest) = token.presented(index)?;
            if digest.len() != 64 || !digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(format!("tokens[{index}].{key}: 64 hexadecimal digits are needed, as {what} prints them"));
            }
            if key == "certificate" && !asks_clients {
                return Err(format!("tokens[{index}].certificate: set `tls.client_certificates: true` as well"));
            }
            let same = |other: &Self| other.presented(0).is_ok_and(|(of, _, known)| of == key && known == digest);
            if tokens.iter().take(index).any(same) {
                return Err(format!("tokens[{index}].{key}: it occurs twice; give each bearer its own"));
            }
            for (place, network) in token.networks.iter().enumerate() {
                if let Err(why) = network.parse::<Network>() {
                    return Err(format!("tokens[{index}].networks[{place}]: `{network}` is not a network: {why}"));
                }
            }
            let needs_time = |right: &Right| matches!(right, Right::Evaluate | Right::Administer);
            if token.may.contains(&Right::Time) && !token.may.iter().any(needs_time) {
                return Err(format!("tokens[{index}].may: `time` needs `evaluate` or `administer` as well"));
            }
            let needs_groups = |right: &Right| matches!(right, Right::Evaluate | Right::Pass);
            if token.may.contains(&Right::Groups) && !token.may.iter().any(needs_groups) {
                return Err(format!("tokens[{index}].may: `groups` needs `evaluate` or `pass` as well"));
            }
            if let Err(error) = SubjectId::parse(&token.subject) {
                return Err(format!("tokens[{index}].subject: {error}"));
            }
        }
        Ok(())
    }
}

/// Deserializes a list that must not be empty: an empty list would mean the opposite of its intent.
fn some<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D, empty: &str) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() { Err(D::Error::custom(empty)) } else { Ok(list) }
}

fn some_networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    some(deserializer, "an empty list names no network; leave the key out to allow any network")
}

pub(super) fn some_tokens<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Token>, D::Error> {
    some(deserializer, "an empty list names no bearer; leave the key out to accept requests without a token")
}

fn some_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Right>, D::Error> {
    some(deserializer, "an empty list gives no right; name one, such as `evaluate`, or leave the token out")
}

/// A right of a bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Right {
    /// Evaluate requests and search.
    Evaluate,
    /// Create passes for any subject.
    Pass,
    /// Read snapshots of all data.
    Snapshot,
    /// Administer, within the actor's permissions.
    Administer,
    /// Read the whole audit log of administration. Actors read the events of scopes where the policy permits
    /// `view-audit`, without this right.
    Audit,
    /// Read the metrics.
    Metrics,
    /// State the time of a request in AuthZEN, as `context.time`; without this right the server's clock applies. In
    /// administration, accept the server's time even if it is far from the last event (`allow_time_jump`).
    Time,
    /// State the groups of subjects in evaluations, filters and passes, as `context.groups`, which their login proved.
    Groups,
}
