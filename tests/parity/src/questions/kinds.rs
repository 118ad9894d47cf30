//! Every kind of question, declared once.
//!
//! A line contains the name of the kind, the TypeScript type of its answer and its arguments. The positional arguments
//! come first; after a semicolon follow those that JavaScript and Python pass by name. Bindings call the method with
//! the kind's name in `tests/api-names.yaml`. A kind with [`OWN`](Kind::own) takes several steps, for which each
//! language has a function.

use super::argument::{Argument, Json};
use super::wire::Parts;
use anyhow::{Result, bail};
use serde_json::{Map, Value};

/// A kind of question, without its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The name of the call: `who_can`, `session.redact`, `portable.can`.
    pub call: &'static str,
    /// The TypeScript type of the answer.
    pub answer: &'static str,
    /// Whether bindings pass and receive JSON text, by the method whose name ends with `_json`.
    pub text: bool,
    /// Whether only an engine that compiles documents answers it, unlike `rolecall/snapshot`.
    pub compiled: bool,
    /// Whether the answer takes several steps, for which each language has a function.
    pub own: bool,
    /// The key in the JSON under which bindings return the value.
    pub within: Option<&'static str>,
}

impl Kind {
    const fn new(call: &'static str, answer: &'static str) -> Self {
        Self { call, answer, text: false, compiled: false, own: false, within: None }
    }

    const fn text(self) -> Self {
        Self { text: true, ..self }
    }

    const fn compiled(self) -> Self {
        Self { compiled: true, ..self }
    }

    const fn own(self) -> Self {
        Self { own: true, ..self }
    }

    const fn within(self, key: &'static str) -> Self {
        Self { within: Some(key), ..self }
    }
}

/// Declares an enum of calls with its table of kinds, its reader from a vector and both directions of its JSON.
macro_rules! calls {
    ($(#[$doc:meta])* $name:ident { $($kind:expr => $variant:ident($($given:ident: $given_type:ty),*; $($named:ident: $named_type:ty),*),)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub enum $name {
            $($variant { $($given: $given_type,)* $($named: $named_type,)* },)*
        }

        impl $name {
            /// The kinds, in the order of their declaration.
            pub const KINDS: &[Kind] = &[$($kind),*];

            pub(super) fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant { .. } => $kind,)*
                }
            }

            /// Returns the names of the arguments of a kind.
            pub(super) fn arguments(call: &str) -> &'static [&'static str] {
                $(if call == $kind.call {
                    return &[$(stringify!($given),)* $(stringify!($named),)*];
                })*
                &[]
            }

            /// Reads the arguments as a vector writes them. Other keys remain in the map.
            pub(super) fn written(call: &str, map: &mut Map<String, Value>) -> Result<Self> {
                $(if call == $kind.call {
                    return Ok(Self::$variant {
                        $($given: Argument::written(map.remove(stringify!($given)), stringify!($given))?,)*
                        $($named: Argument::written(map.remove(stringify!($named)), stringify!($named))?,)*
                    });
                })*
                bail!("`{call}` is not a kind of question")
            }

            pub(super) fn parts(&self) -> Parts {
                match self {
                    $(Self::$variant { $($given,)* $($named,)* } => Parts::of(
                        vec![$($given.sent()),*],
                        vec![$((stringify!($named), $named.sent())),*],
                    ),)*
                }
            }

            #[allow(unused_variables, unused_mut, reason = "some kinds have no arguments")]
            pub(super) fn received(call: &str, mut parts: Parts) -> Result<Self> {
                $(if call == $kind.call {
                    let mut given = parts.args.into_iter();
                    return Ok(Self::$variant {
                        $($given: Argument::received(given.next().flatten(), stringify!($given))?,)*
                        $($named: Argument::received(parts.options.remove(stringify!($named)), stringify!($named))?,)*
                    });
                })*
                bail!("`{call}` is not a kind of question")
            }
        }
    };
}

calls! {
    /// Questions to an engine.
    EngineCall {
        Kind::new("check", "rolecall.Decision").text() => Check(request: String;),
        Kind::new("explain", "rolecall.Explanation").text().compiled() => Explain(request: String;),
        Kind::new("explain_redacted", "rolecall.RedactedExplanation") => ExplainRedacted(request: Json;),
        Kind::new("menu", "rolecall.Menu").text() => Menu(name: String, who: String;),
        Kind::new("permissions", "rolecall.Permissions").text() => Permissions(who: String;),
        Kind::new("can_by_names", "boolean") => CanByNames(subject: String, permission: String, at: String, millis: i64;),
        Kind::new("who_can", "rolecall.WhoCan") => WhoCan(permission: String; at: String, time: String),
        Kind::new("where_can", "rolecall.WhereCan") => WhereCan(subject: String, permission: String; time: String),
        Kind::new("filter", "rolecall.Filter").compiled() => Filter(request: Json;),
        Kind::new("numbering", "rolecall.Numbering").compiled() => Numbering(;),
        Kind::new("granting_roles", "{ roles: rolecall.GrantingRole[] }").within("roles") => GrantingRoles(permission: String;),
        Kind::new("who_holds", "rolecall.WhoHolds").compiled()
            => WhoHolds(role: String; at: Option<String>, time: String, limit: Option<i64>, after: Option<String>),
        Kind::new("which_groups_can", "rolecall.WhichGroupsCan").compiled()
            => WhichGroupsCan(permission: String; at: String, time: String, limit: Option<i64>, after: Option<String>),
        Kind::new("assignments_of", "rolecall.AssignmentsOf").compiled()
            => AssignmentsOf(subject: String; at: Option<String>, time: String),
        Kind::new("violations", "rolecall.Violations").compiled() => Violations(; time: String),
        Kind::new("diff", "rolecall.Diff").compiled().own() => Diff(policy: String, directory: String, time: String;),
        Kind::new("apply", "{ changed: boolean[]; answer: rolecall.Permissions } | { issues: rolecall.Issue[] }").compiled().own()
            => Apply(policy: String, directory: String, changes: Vec<Json>, who: String;),
        Kind::new("snapshot", "{ length: number; sum: string; answer: rolecall.Permissions }").compiled().own()
            => Snapshot(who: String, damage: Option<usize>;),
    }
}

calls! {
    /// Questions to a session, which `who` opens.
    SessionCall {
        Kind::new("session.check", "rolecall.Decision") => Check(permission: String, item: Option<Json>;),
        Kind::new("session.effective", "rolecall.Effective") => Effective(;),
        Kind::new("session.permission_bits", "string") => PermissionBits(;),
        Kind::new("session.redact", "rolecall.Redacted") => Redact(record: Json, labels: Json; mask: Option<String>),
        Kind::new("session.to_view", "rolecall.View")
            => ToView(; menus: Option<Json>, permissions: Option<Json>, until: Option<String>),
        Kind::new("session.to_bytes", "string") => ToBytes(; scopes: Option<Json>, menus: Option<Json>, until: Option<String>),
    }
}

calls! {
    /// Questions to a portable session: the session of `who` with `coverage`, opened from its bytes at `at` and `time`.
    PortableCall {
        Kind::new("portable.coverage", "rolecall.PortableCoverage") => Coverage(;),
        Kind::new("portable.can", "boolean") => Can(permission: String, item: Option<Json>;),
        Kind::new("portable.permissions", "rolecall.Permissions") => Permissions(;),
        Kind::new("portable.menu", "rolecall.Menu") => Menu(name: String;),
        Kind::new("portable.redact", "rolecall.Redacted") => Redact(record: Json, labels: Json; mask: Option<String>),
    }
}
