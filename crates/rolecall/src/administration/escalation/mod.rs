//! Compares what a change gives with what its giver holds, at every instant from now on and at every scope.
//!
//! A right is a permission together with the boundary values and the labels it applies to, a label that is read, a lifted
//! boundary, or login by a mailed link. Nobody gives a right at an instant and a scope at which they do not hold it themselves, unless
//! they hold a permission there, or above, that lets them give anything.
//!
//! Rules that an audit should know:
//!
//! - *Instants.* Rights change only where an assignment begins or ends. The comparison visits now and every later instant
//!   at which an assignment of the giver or of the receiver begins or ends. A giver whose role ends gives nothing that
//!   lasts longer.
//! - *Scopes.* Rights at a scope hold below it. The comparison visits every scope at which the receiver holds something.
//!   The giver holds at least as much below such a scope, except where roles are separated while active.
//! - *Values.* A receiver who gains a permission applies it to their own values. A receiver who gains a value applies all
//!   their permissions to it. Both are given: the giver needs the permission and all the values.
//! - *Labels.* Items carry labels, and a permission applies to an item only where all its labels are read. A receiver who
//!   gains a permission applies it to everything they read, and one who gains a label applies all their permissions to it.
//!   The giver needs the permission and the labels, together with the values.
//! - *The receiver's status is ignored.* Roles of someone invited or suspended are compared as if they were active, so
//!   accepting an invitation and resuming someone give nothing new. Someone removed or not listed holds nothing.
//! - *Guards on the receiver.* A missing standalone role and closed support access keep rights from being used. Both are
//!   compared twice, with and without these guards: the change may neither give a right nor make a given one usable.
//! - *Guards on the giver* all count, except those that look at the connection.
//! - *Support staff* come in only as long as the tenant lets them, and nobody knows until when. What they hold is not a
//!   ground for giving to anyone else, because the gift would outlast it. Support staff who are not listed give nothing to
//!   anyone who is listed, themselves included.

mod check;
mod compare;
mod giver;
mod parties;
mod person;
mod rights;

pub use check::EscalationCheck;
pub use parties::{Escalation, Grantor};
