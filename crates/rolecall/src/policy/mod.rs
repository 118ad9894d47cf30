//! The policy: permissions, the roles that grant them, guards that deny them, and menus.
//!
//! Each part of a policy has a file with its types and queries. `compiled` combines the parts, `read` reads them from a
//! document, and `codec` encodes and decodes them.

mod administration;
mod codec;
mod compiled;
mod guards;
mod menu;
mod read;
mod requirement;
mod resource;
mod role;

pub use administration::ADMINISTRATION;
pub use compiled::Policy;
pub(crate) use guards::{Boundary, GuardRules, Separation};
pub(crate) use menu::{MENU_FLAGS, MenuNode, Needs, encode_nodes};
pub(crate) use read::{OverlaySpec, RoleSpec, link, read_custom, read_overlay, report_unmet};
pub use resource::PermissionId;
pub(crate) use resource::Resources;
pub use role::RoleReport;
pub(crate) use role::{EVERY_INSTANCE, Role, shortest_paths};
