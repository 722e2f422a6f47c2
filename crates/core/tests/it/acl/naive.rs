//! A second, plain implementation of the rules, with recursion, sets and copies. The engine is compared with it here and
//! by the fuzzer. It uses nothing of the engine.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// How documents are guarded.
pub(super) struct Naive<'a> {
    /// The names of the path to the grants.
    pub(super) field: &'a [&'a str],
    /// Whether every level is met on its own.
    pub(super) each_level: bool,
    /// Whether the document itself must have grants.
    pub(super) root_must_have_grants: bool,
    /// What the subject holds, `public` included.
    pub(super) held: BTreeSet<String>,
}

impl Naive<'_> {
    /// Whether the subject may have the whole document.
    pub(super) fn passes(&self, document: &Value) -> bool {
        if self.lacks_root_grants(document) {
            return false;
        }
        let mut levels = Vec::new();
        self.collect(document, &mut levels);
        let Some(levels) = levels.into_iter().collect::<Option<Vec<_>>>() else { return false };
        if self.each_level {
            return !levels.is_empty() && levels.iter().all(|level| !level.is_disjoint(&self.held));
        }
        match levels.into_iter().reduce(|common, level| common.intersection(&level).cloned().collect()) {
            Some(common) => !common.is_disjoint(&self.held),
            None => false,
        }
    }

    /// Whether a query would find the document.
    pub(super) fn finds(&self, document: &Value) -> bool {
        matches!(self.own(document), Some(Some(grants)) if !grants.is_disjoint(&self.held))
    }

    /// The document as the subject may see it; none when nothing may be shown. For single names only.
    pub(super) fn redacted(&self, document: &Value) -> Option<Value> {
        let mut levels = Vec::new();
        self.collect(document, &mut levels);
        (!levels.is_empty() && !self.lacks_root_grants(document)).then(|| self.shown(document))
    }

    fn lacks_root_grants(&self, document: &Value) -> bool {
        self.root_must_have_grants && self.own(document).is_none()
    }

    fn shown(&self, value: &Value) -> Value {
        match (self.own(value), value) {
            (Some(None), _) => json!({self.field[0]: []}),
            (Some(Some(grants)), _) if grants.is_disjoint(&self.held) => json!({self.field[0]: value[self.field[0]]}),
            (_, Value::Object(object)) => {
                object.iter().map(|(name, inner)| (name.clone(), self.shown(inner))).collect()
            }
            (_, Value::Array(items)) => items.iter().map(|item| self.shown(item)).collect(),
            _ => value.clone(),
        }
    }

    /// The grants of an object itself: `None` when it has none, `Some(None)` when they are not an array of strings.
    pub(super) fn own(&self, value: &Value) -> Option<Option<BTreeSet<String>>> {
        let mut at = value.as_object()?.get(self.field[0])?;
        for name in &self.field[1..] {
            let Some(object) = at.as_object() else { return Some(None) };
            at = object.get(*name)?;
        }
        let list = at.as_array();
        Some(list.and_then(|list| list.iter().map(|item| item.as_str().map(str::to_owned)).collect()))
    }

    fn collect(&self, value: &Value, levels: &mut Vec<Option<BTreeSet<String>>>) {
        levels.extend(self.own(value));
        match value {
            Value::Object(object) => object.values().for_each(|inner| self.collect(inner, levels)),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item, levels)),
            _ => {}
        }
    }
}
