//! Reads the menus of a policy.

use crate::document::{IssueCode, Path, Reader, Value};
use crate::policy::menu::{MenuNode, Needs};
use crate::policy::{PermissionId, Policy};
use crate::storage::order;
use crate::types::limits;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use hashbrown::HashSet;

const KEYS: &[&str] = &["id", "title", "description", "href", "always", "needs", "items", "tabs", "when_denied"];

pub(super) fn read(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    at: &Path<'_>,
    policy: &Policy,
) -> Vec<(Box<str>, Vec<MenuNode>)> {
    let mut menus: Vec<(Box<str>, _)> = Vec::new();
    for (name, value) in reader.map(value, at, (limits::MENU_ITEMS, "menus")) {
        let at = at.key(name);
        reader.is_id(name, &at);
        let mut menu = MenuReader { policy, ids: HashSet::new() };
        let items = menu.items(reader, value, &at, 1);
        reader.within(menu.ids.len(), (limits::MENU_ITEMS, "menu items"), &at);
        menus.push((name.into(), items));
    }
    order::sort_by(&mut menus, |(a, _), (b, _)| a.cmp(b));
    menus
}

struct MenuReader<'v> {
    policy: &'v Policy,
    ids: HashSet<&'v str>,
}

impl<'v> MenuReader<'v> {
    fn items(&mut self, reader: &mut Reader<'_>, value: &'v Value<'v>, at: &Path<'_>, depth: usize) -> Vec<MenuNode> {
        if depth > limits::MENU_DEPTH {
            let message = format!("the menu is deeper than {} levels", limits::MENU_DEPTH);
            reader.issue(IssueCode::LimitExceeded, at, message, None);
            return Vec::new();
        }
        let mut items = Vec::new();
        for (index, value) in reader.list(value, at, (limits::MENU_ITEMS, "menu items")).iter().enumerate() {
            items.extend(self.item(reader, value, &at.index(index), depth));
        }
        items
    }

    fn item(&mut self, reader: &mut Reader<'_>, value: &'v Value<'v>, at: &Path<'_>, depth: usize) -> Option<MenuNode> {
        let object = reader.object(value, at, KEYS)?;
        let id = reader.required(&object, "id", at).and_then(|id| reader.id(id, &at.key("id")))?;
        if !self.ids.insert(id) {
            let message = format!("the menu has two items `{id}`");
            let help = Some("give one of them another id".to_string());
            reader.issue(IssueCode::MenuDuplicate, &at.key("id"), message, help);
        }
        let mut texts = [None, None, None];
        for (text, key) in texts.iter_mut().zip(["title", "href", "description"]) {
            *text = object.get(key, at).and_then(|entry| reader.prose(entry.value, &entry.at));
        }
        let mut flags = [false, false];
        for (flag, key) in flags.iter_mut().zip(["always", "tabs"]) {
            *flag = object.get(key, at).and_then(|entry| reader.flag(entry.value, &entry.at)).unwrap_or(false);
        }
        let ([title, href, _], [always, tabs]) = (texts, flags);
        let disable = object
            .get("when_denied", at)
            .and_then(|entry| reader.one_of(entry.value, &entry.at, &[("hide", false), ("disable", true)]));
        let needs = object.get("needs", at).map(|entry| self.needs(reader, entry.value, &entry.at));
        let items = object.get("items", at).map(|entry| self.items(reader, entry.value, &entry.at, depth + 1));
        let below = matches!(object.value("items"), Some(Value::List(items)) if !items.is_empty());
        if needs.is_none() && !below && !always {
            let help = "give it `needs`, `items` or `always: true`".to_string();
            reader.issue(IssueCode::MenuNeeds, at, format!("nothing makes the item `{id}` visible"), Some(help));
        }
        if tabs && !below {
            let help = Some("give it `items`, or leave `tabs` out".to_string());
            reader.issue(IssueCode::MenuTabs, at, format!("the item `{id}` has `tabs` but no items"), help);
        }
        Some(MenuNode {
            id: id.into(),
            title: title.unwrap_or(id).into(),
            href: href.map(Into::into),
            always,
            needs: needs.unwrap_or(Needs::Nothing),
            disable: disable.unwrap_or(false),
            tabs,
            branch: below,
            items: items.unwrap_or_default(),
        })
    }

    fn needs(&self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Needs {
        if let Value::Text(_) = value {
            return Needs::All(self.permission(reader, value, at).into_iter().collect());
        }
        if let Value::List(_) = value {
            let help = Some("write `{any: [...]}` or `{all: [...]}` for several permissions".to_string());
            reader.issue(IssueCode::ValueType, at, "one permission or a map is needed here, not a list", help);
            return Needs::Nothing;
        }
        let Some(object) = reader.object(value, at, &["any", "all"]) else { return Needs::Nothing };
        let mut list = |key: &'static str| {
            let entry = object.get(key, at)?;
            let items = reader.list(entry.value, &entry.at, (limits::PERMISSIONS, "permissions"));
            if items.is_empty() {
                reader.issue(IssueCode::ValueRange, &entry.at, "at least one permission is needed here", None);
            }
            let mut found = Vec::new();
            for (index, item) in items.iter().enumerate() {
                found.extend(self.permission(reader, item, &entry.at.index(index)));
            }
            Some(found)
        };
        match (list("any"), list("all")) {
            (Some(any), None) => Needs::Any(any),
            (None, Some(all)) => Needs::All(all),
            _ => {
                let help = Some("write one permission, or a map with either `any` or `all`".to_string());
                reader.issue(IssueCode::KeyMissing, at, "`needs` has neither `any` nor `all`, or both", help);
                Needs::Nothing
            }
        }
    }

    fn permission(&self, reader: &mut Reader<'_>, value: &Value<'_>, at: &Path<'_>) -> Option<PermissionId> {
        self.policy.resources.read_permission(reader, value, at)
    }
}
