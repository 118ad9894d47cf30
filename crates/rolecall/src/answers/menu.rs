//! Which part of a menu is seen.
//!
//! An item is visible if it is `always` there, or if its `needs` hold and, where it has items, one of them is visible.
//! An item that is not visible vanishes, or is told as disabled where it asks for that. A `tabs` item takes the link of
//! its first visible tab and, where only one is visible, that tab's title; any other item without a link of its own
//! takes the first one visible below it, so that every entry of a menu leads somewhere.

use crate::policy::{MenuNode, Needs};
use crate::storage::bits::Bits;
use crate::types::decision::{Menu, MenuItem};
use alloc::vec::Vec;

/// An item as the policy has it, without what it needs and what is below it.
pub(crate) struct Head<'m> {
    pub(crate) id: &'m str,
    pub(crate) title: &'m str,
    pub(crate) href: Option<&'m str>,
    pub(crate) always: bool,
    pub(crate) disable: bool,
    pub(crate) tabs: bool,
    pub(crate) branch: bool,
}

/// The menu of its items.
pub(crate) fn of(items: Vec<MenuItem<'_>>) -> Menu<'_> {
    Menu { landing: first_link(&items), items, valid_until: None }
}

pub(crate) fn resolve<'m>(nodes: &'m [MenuNode], allowed: &Bits) -> Menu<'m> {
    of(nodes.iter().filter_map(|node| item(node, allowed)).collect())
}

pub(crate) fn item<'m>(node: &'m MenuNode, allowed: &Bits) -> Option<MenuItem<'m>> {
    each_told(node, allowed, &mut |_| ())
}

/// The same; `one` is told the id of this item and of each below it that is part of the menu on its own.
pub(crate) fn each_told<'m>(node: &'m MenuNode, allowed: &Bits, one: &mut dyn FnMut(&'m str)) -> Option<MenuItem<'m>> {
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
    let below = node.items.iter().filter_map(|below| each_told(below, allowed, one)).collect();
    let told = told(&head, holds, below);
    if told.is_some() {
        one(&node.id);
    }
    told
}

/// What is told of an item of which it is known whether its needs hold, and what is told below it.
pub(crate) fn told<'m>(head: &Head<'m>, holds: bool, items: Vec<MenuItem<'m>>) -> Option<MenuItem<'m>> {
    let mut visible = items.iter().filter(|item| !item.disabled);
    let (first, second) = (visible.next(), visible.next());
    let mut told = MenuItem { id: head.id, title: head.title, href: None, items: Vec::new(), disabled: true };
    if !head.always && !(holds && (!head.branch || first.is_some())) {
        return head.disable.then_some(told);
    }
    match first.filter(|_| head.tabs) {
        Some(tab) => {
            if second.is_none() {
                told.title = tab.title;
            }
            told.href = tab.href.or(head.href);
        }
        None => told.href = head.href.or_else(|| first_link(&items)),
    }
    Some(MenuItem { items, disabled: false, ..told })
}

/// The first link of visible items, an item's own before those below it.
fn first_link<'m>(items: &[MenuItem<'m>]) -> Option<&'m str> {
    items.iter().filter(|item| !item.disabled).find_map(|item| item.href.or_else(|| first_link(&item.items)))
}
