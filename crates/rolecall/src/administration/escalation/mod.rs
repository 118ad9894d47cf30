//! Prevents escalation: compares the rights that a change grants with those that its grantor holds, at every scope and
//! at every time from now on.
//!
//! A right is one of these: a permission together with the boundary values and the labels it applies to, a label to
//! read, a lifted boundary, or login by a mailed link. A grantor can grant a right only at a time and a scope at which
//! they hold it themselves. A permission to grant anything, held at the scope or above, lifts this rule.
//!
//! Rules that an audit should know:
//!
//! - *Times.* Rights change only when an assignment begins or ends. The comparison visits now and every later time at
//!   which an assignment of the grantor or of the grantee begins or ends. So a grantor whose role ends cannot grant
//!   anything that lasts longer.
//! - *Scopes.* Rights at a scope are also rights below it. The comparison visits every scope at which the grantee holds
//!   something. Below such a scope the grantor holds at least as much, except where active roles are separated, and
//!   except for assignments with `below: false`. Where the grantor or the grantee has one, the comparison also visits
//!   the place just below the scope, without these assignments. So they never let their holder grant anything below.
//! - *Values.* A grantee who gains a permission can use it for their own values. A grantee who gains a value can use
//!   all their permissions for it. The grantor needs the permission and all these values.
//! - *Labels.* A permission applies to an item only if all labels of the item are read. A grantee who gains a
//!   permission can use it for all labels that they read. A grantee who gains a label can use all their permissions for
//!   it. The grantor needs the permission and the labels, together with the values.
//! - *Everyone.* A role for everyone is compared with all values, because any user may be listed later. So roles that
//!   everyone has are not compared again when a subject is listed or its values change.
//! - *The grantee's status is ignored.* Roles of invited and suspended subjects are compared as if the subject were
//!   active. So to accept an invitation or to resume a subject grants nothing new. Removed and unlisted subjects hold
//!   nothing.
//! - *Guards on the grantee.* The `standalone` and `support` guards can make rights unusable. The comparison runs with
//!   and without them: a change may neither grant a right nor make an existing one usable.
//! - *Guards on the grantor.* All guards count, except those that need connection details.
//! - *Support staff* have access only while the tenant is open to them, and the end of that is unknown. So they cannot
//!   grant their rights to anyone else, because the grant would outlast them. Unlisted support staff cannot grant
//!   anything to listed subjects, themselves included.

mod alike;
mod check;
mod compare;
mod grantor;
mod parties;
mod person;
mod place;
mod places;
mod rights;

pub use alike::Kinds;
pub use check::EscalationCheck;
pub use parties::{Escalation, Grantor};
