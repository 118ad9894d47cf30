//! Lists for administrators, with filters, order and pages, and the roles that an actor may assign.
//!
//! A list reads the objects in place and builds only the rows of one page.

mod access;
mod applications;
mod assignable;
mod held;
mod members;
mod page;
mod people;
mod query;
mod roles;
mod seen;
mod table;
mod texts;
mod user;

pub use access::{Access, Holder, PendingInvitation};
pub use applications::{LastUse, ListedApplication, ListedSecret};
pub use assignable::AssignableRole;
pub use held::{HeldRole, HeldRoleState};
pub use members::Member;
pub use page::{LARGEST_PAGE, PAGE, Page};
pub use people::Reveal;
pub use query::{HolderKind, ListQuery, RoleSource};
pub use roles::{ListedRole, RoleDetails};
pub use table::{TableRow, csv_line};
pub use user::{UserDetails, UserGroup};
