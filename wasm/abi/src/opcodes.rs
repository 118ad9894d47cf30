//! The opcodes of the calls from scripts. `cargo xtask gen` writes them to `bindings/js/api/opcodes.ts`.

/// The opcodes of one kind of call.
#[derive(Clone, Copy, Debug)]
pub struct Opcodes {
    /// The name of the kind in TypeScript.
    pub name: &'static str,
    /// The description of the kind, one text for each line.
    pub doc: &'static [&'static str],
    /// Each opcode with its name in Rust and its description.
    pub codes: &'static [(&'static str, u32, &'static [&'static str])],
}

macro_rules! opcodes {
    ($(
        $(#[doc = $doc:literal])*
        mod $module:ident as $name:ident {
            $($(#[doc = $code_doc:literal])* $code:ident = $number:literal,)*
        }
    )*) => {
        $(
            $(#[doc = $doc])*
            pub mod $module {
                $($(#[doc = $code_doc])* pub const $code: u32 = $number;)*
            }
        )*

        /// Every kind of call.
        pub const ALL: &[Opcodes] = &[$(Opcodes {
            name: stringify!($name),
            doc: &[$($doc),*],
            codes: &[$((stringify!($code), $number, &[$($code_doc),*])),*],
        }),*];
    };
}

opcodes! {
    /// A report of a portable session, as JSON.
    mod portable_report as PortableReport {
        /// Subject, scope, time and coverage: `{"subject", "at", "is_covered", "scopes", "menus", "time", "from",
        /// "until"?, "changes"?, "next"?}`. Timestamps are in milliseconds.
        COVERAGE = 0,
        /// The names of the permissions, ordered by handle: `{"names"}`.
        NAMES = 1,
        /// A menu by its name: `{"items", "landing"?, "until"?}`.
        MENU = 2,
        /// The withheld labels of the added fields: `{"labels", "until"?}`.
        WITHHELD = 3,
    }

    /// An addition to the item or to the fields of the next queries of a portable session.
    mod portable_add as PortableAdd {
        /// A label of the item.
        LABEL = 0,
        /// Adds nothing, but reports whether the boundary exists.
        BOUNDARY = 1,
        /// A value of the item in a boundary.
        VALUE = 2,
        /// A path of a field and one of its labels.
        FIELD = 3,
        /// A path of a field without labels.
        PATH = 4,
        /// Adds nothing, but the query is about an item.
        ITEM = 5,
        /// The id of the item.
        ID = 6,
    }

    /// A query that a portable session answers with a number.
    mod portable_query as PortableQuery {
        /// Removes the item and the fields.
        FORGET = 0,
        /// Whether a permission, by its handle, is allowed for the item: 1 or 0.
        CAN = 1,
        /// The number of a record as a place: 0 if nothing in it is withheld. A number is valid until a query about a
        /// place above it; afterwards everything below it counts as withheld. Records are walked depth first, so only
        /// one place is stored for each level.
        ROOT = 2,
        /// The number of the place under a key of a place: 0 if nothing in it is withheld, -1 if it is withheld itself.
        KEY = 3,
        /// The number of an item of a list, likewise.
        ITEM = 4,
    }

    /// A query to an engine of a snapshot, or to one of its sessions, with up to three texts.
    mod snapshot_query as SnapshotQuery {
        /// To an engine: the names of the permissions, ordered by handle.
        PERMISSION_NAMES = 0,
        /// The names of the roles.
        ROLE_NAMES = 1,
        /// The names of the menus.
        MENU_NAMES = 2,
        /// The handle of a permission.
        PERMISSION = 3,
        /// A decision on a request.
        CHECK = 4,
        /// An explanation of a request for the requesting person.
        EXPLAIN_REDACTED = 5,
        /// The subjects that may do something: permission, scope, timestamp.
        WHO_CAN = 6,
        /// The scopes at which a subject may do something: subject, permission, timestamp.
        WHERE_CAN = 7,
        /// The roles that hold a permission.
        GRANTING_ROLES = 8,
        /// The handle of a listed subject or scope, valid until the next change, as a list of one; an empty list for
        /// other names.
        NAME = 9,
        /// Whether a subject may do something at a scope: subject, permission, scope, and a timestamp in milliseconds.
        CAN_BY_NAMES = 10,
        /// To a session: all allowed permissions, one bit for each by its handle.
        BITS = 11,
        /// A decision: permission, item.
        SESSION_CHECK = 12,
        /// An explanation for the requesting person: permission, item.
        SESSION_EXPLAIN_REDACTED = 13,
        /// A menu by its name.
        MENU = 14,
        /// The permissions by name.
        PERMISSIONS = 15,
        /// The permissions of the active roles.
        EFFECTIVE = 16,
        /// A record without the fields that may not be read: record, labels, mask.
        REDACT = 17,
        /// The bytes of a portable session: its coverage.
        TO_BYTES = 18,
        /// A view as JSON: its coverage.
        TO_VIEW = 19,
        /// The timestamp until which every answer is valid, in milliseconds, or nothing.
        VALID_UNTIL = 20,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_kind_are_distinct() {
        for kind in ALL {
            for (position, (code, number, _)) in kind.codes.iter().enumerate() {
                assert_eq!(u32::try_from(position).unwrap(), *number, "{}::{code}", kind.name);
            }
        }
        assert_eq!(ALL.iter().map(|kind| kind.codes.len()).sum::<usize>(), 37);
    }
}
