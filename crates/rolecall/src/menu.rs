//! Which part of a menu is seen.
//!
//! An item is visible if it is `always` there, or if its `needs` hold and, where it has items, one of them is visible.
//! An item that is not visible vanishes, or is told as disabled where it asks for that. A `tabs` item takes the link of
//! its first visible tab and, where only one is visible, that tab's title; any other item without a link of its own
//! takes the first one visible below it, so that every entry of a menu leads somewhere.

use crate::bits::Bits;
use crate::decision::{Menu, MenuItem};
use crate::policy::{MenuNode, Needs};
use alloc::string::String;
use alloc::vec::Vec;

pub(crate) fn resolve(nodes: &[MenuNode], allowed: &Bits) -> Menu {
    let items: Vec<MenuItem> = nodes.iter().filter_map(|node| item(node, allowed)).collect();
    let landing = first_link(&items);
    Menu { items, landing, valid_until: None }
}

pub(crate) fn item(node: &MenuNode, allowed: &Bits) -> Option<MenuItem> {
    let items: Vec<MenuItem> = node.items.iter().filter_map(|below| item(below, allowed)).collect();
    let visible: Vec<&MenuItem> = items.iter().filter(|item| !item.disabled).collect();
    let filled = !node.branch || !visible.is_empty();
    let visible_at_all = node.always || (holds(&node.needs, allowed) && filled);
    if !visible_at_all {
        return node.disable.then(|| MenuItem {
            id: String::from(&*node.id),
            title: String::from(&*node.title),
            href: None,
            items: Vec::new(),
            disabled: true,
        });
    }
    let own = node.href.as_deref().map(String::from);
    let (title, href) = match visible.as_slice() {
        [only] if node.tabs => (only.title.clone(), only.href.clone().or(own)),
        [first, ..] if node.tabs => (String::from(&*node.title), first.href.clone().or(own)),
        _ => (String::from(&*node.title), own.or_else(|| first_link(&items))),
    };
    Some(MenuItem { id: String::from(&*node.id), title, href, items, disabled: false })
}

fn holds(needs: &Needs, allowed: &Bits) -> bool {
    match needs {
        Needs::Nothing => true,
        Needs::Any(permissions) => permissions.iter().any(|permission| allowed.contains(permission.bit())),
        Needs::All(permissions) => permissions.iter().all(|permission| allowed.contains(permission.bit())),
    }
}

/// The first link of visible items, an item's own before those below it.
fn first_link(items: &[MenuItem]) -> Option<String> {
    items.iter().filter(|item| !item.disabled).find_map(|item| item.href.clone().or_else(|| first_link(&item.items)))
}
