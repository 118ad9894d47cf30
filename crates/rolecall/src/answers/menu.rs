//! Resolves menus to the items that a session sees.
//!
//! - An item that is `always` visible is visible. Any other item is visible if its `needs` are met and, if it has items,
//!   one of them is visible.
//! - An item that is not visible is left out, or included as disabled if the policy sets that.
//! - A `tabs` item gets the link of its first visible tab. If only one tab is visible, it gets its title too.
//! - Any other item without a link gets the first visible link below it. So every entry of a menu leads somewhere.

use crate::policy::{MenuNode, Needs};
use crate::storage::bits::Bits;
use crate::types::decision::{Menu, MenuItem};
use alloc::vec::Vec;

/// An item of the policy without its needs and its items.
pub(crate) struct Head<'m> {
    pub(crate) id: &'m str,
    pub(crate) title: &'m str,
    pub(crate) href: Option<&'m str>,
    pub(crate) always: bool,
    pub(crate) disable: bool,
    pub(crate) tabs: bool,
    pub(crate) branch: bool,
}

/// Returns the menu with these items.
pub(crate) fn of(items: Vec<MenuItem<'_>>) -> Menu<'_> {
    Menu { landing: first_link(&items), items, valid_until: None }
}

pub(crate) fn resolve<'m>(nodes: &'m [MenuNode], allowed: &Bits) -> Menu<'m> {
    of(nodes.iter().filter_map(|node| item(node, allowed)).collect())
}

pub(crate) fn item<'m>(node: &'m MenuNode, allowed: &Bits) -> Option<MenuItem<'m>> {
    each_included(node, allowed, &mut |_| ())
}

/// Resolves an item, and calls `one` with its id and the ids below it, as far as each resolves to an item.
pub(crate) fn each_included<'m>(
    node: &'m MenuNode,
    allowed: &Bits,
    one: &mut dyn FnMut(&'m str),
) -> Option<MenuItem<'m>> {
    let holds = match &node.needs {
        Needs::Nothing => true,
        Needs::Any(permissions) => permissions.iter().any(|permission| allowed.contains(permission.bit())),
        Needs::All(permissions) => permissions.iter().all(|permission| allowed.contains(permission.bit())),
    };
    let head = Head {
        id: &node.id,
        title: &node.title,
        href: node.href.as_deref(),
        always: node.always,
        disable: node.disable,
        tabs: node.tabs,
        branch: node.branch,
    };
    let below = node.items.iter().filter_map(|below| each_included(below, allowed, one)).collect();
    let item = included(&head, holds, below);
    if item.is_some() {
        one(&node.id);
    }
    item
}

/// Returns the item of a menu, if it is included. `holds` is whether its needs are met, `items` are those below it.
pub(crate) fn included<'m>(head: &Head<'m>, holds: bool, items: Vec<MenuItem<'m>>) -> Option<MenuItem<'m>> {
    let mut visible = items.iter().filter(|item| !item.disabled);
    let (first, second) = (visible.next(), visible.next());
    let mut item = MenuItem { id: head.id, title: head.title, href: None, items: Vec::new(), disabled: true };
    if !head.always && !(holds && (!head.branch || first.is_some())) {
        return head.disable.then_some(item);
    }
    match first.filter(|_| head.tabs) {
        Some(tab) => {
            if second.is_none() {
                item.title = tab.title;
            }
            item.href = tab.href.or(head.href);
        }
        None => item.href = head.href.or_else(|| first_link(&items)),
    }
    Some(MenuItem { items, disabled: false, ..item })
}

/// Returns the first link of visible items. The link of an item comes before those below it.
fn first_link<'m>(items: &[MenuItem<'m>]) -> Option<&'m str> {
    items.iter().filter(|item| !item.disabled).find_map(|item| item.href.or_else(|| first_link(&item.items)))
}
