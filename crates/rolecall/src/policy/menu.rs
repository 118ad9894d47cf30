//! The menus of a policy.

use super::PermissionId;
use crate::storage::codec;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::vec::Vec;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MenuNode {
    pub(crate) id: Box<str>,
    pub(crate) title: Box<str>,
    pub(crate) href: Option<Box<str>>,
    pub(crate) always: bool,
    pub(crate) needs: Needs,
    /// An item that is not visible is shown as disabled, instead of left out.
    pub(crate) disable: bool,
    pub(crate) tabs: bool,
    /// It has items in the policy and is visible only if one of them is.
    pub(crate) branch: bool,
    pub(crate) items: Vec<MenuNode>,
}

/// The permissions that an item requires.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Needs {
    Nothing,
    Any(Vec<PermissionId>),
    All(Vec<PermissionId>),
}

/// The number of flags of a stored item, below the kind of its requirement.
pub(crate) const MENU_FLAGS: u64 = 5;

pub(crate) fn encode_nodes(out: &mut codec::Encoder, nodes: &[MenuNode]) {
    out.count(nodes.len());
    for node in nodes {
        let (kind, needs) = match &node.needs {
            Needs::Nothing => (0, [].as_slice()),
            Needs::Any(needs) => (1, needs.as_slice()),
            Needs::All(needs) => (2, needs.as_slice()),
        };
        let flags = [node.always, node.disable, node.tabs, node.branch, node.href.is_some(), kind == 1, kind == 2];
        out.flags(&flags);
        out.text(&node.id);
        out.text(&node.title);
        if let Some(href) = &node.href {
            out.text(href);
        }
        if kind > 0 {
            PermissionId::encode(out, needs);
        }
        if node.branch {
            encode_nodes(out, &node.items);
        }
    }
}

/// Decodes the items of [`encode_nodes`] for a policy with `permissions` permissions.
pub(super) fn decode_nodes(from: &mut codec::Decoder<'_>, permissions: usize, depth: usize) -> Vec<MenuNode> {
    let mut nodes = Vec::new();
    from.check(depth <= limits::MENU_DEPTH);
    from.each(&mut |from| {
        let [always, disable, tabs, branch, has_href, any, all] = from.flags();
        let (id, title) = (from.text().into(), from.text().into());
        let href = has_href.then(|| from.text().into());
        let needs = match (any, all) {
            (false, false) => Needs::Nothing,
            (true, _) => Needs::Any(PermissionId::decode(from, permissions)),
            (false, true) => Needs::All(PermissionId::decode(from, permissions)),
        };
        let items = if branch { decode_nodes(from, permissions, depth + 1) } else { Vec::new() };
        nodes.push(MenuNode { id, title, href, always, needs, disable, tabs, branch, items });
    });
    nodes
}
