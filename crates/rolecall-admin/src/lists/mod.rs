//! Lists for administrators, with filters, order and pages, and the roles that an actor may assign.
//!
//! A list reads the objects in place and builds only the rows of one page.

mod access;
mod applications;
mod assignable;
mod ending;
mod everyone;
mod held;
mod inactive;
mod members;
mod page;
mod people;
mod query;
mod readers;
mod requests;
mod roles;
mod seen;
mod table;
mod texts;
mod user;

pub(crate) use access::AccessList;
pub use access::{Access, Holder, PendingInvitation};
pub use applications::{LastUse, ListedApplication, ListedSecret};
pub use assignable::AssignableRole;
pub use ending::Ending;
pub use held::{HeldRole, HeldRoleState};
pub use inactive::InactiveAccount;
pub use members::Member;
pub(crate) use page::{Found, Order, page};
pub use page::{LARGEST_PAGE, PAGE, Page};
pub use people::Reveal;
pub(crate) use query::Search;
pub use query::{EndingKind, HolderKind, ListQuery, RoleSource};
pub use readers::LabelReader;
pub use requests::ListedRequest;
pub use roles::{ListedRole, RoleDetails};
pub use table::{TableRow, csv_line};
pub(crate) use texts::Texts;
pub use user::{UserDetails, UserGroup};
