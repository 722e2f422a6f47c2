//! Which key was meant by a name that is not one.

use strsim::osa_distance;

use super::keys::KEYS;
use super::sources::{Source, variable};

/// How many edits a name may be away from the key that is suggested.
const MAX_DISTANCE: usize = 2;

/// What to say about an unknown key after "there is no such key": the nearest one, or what there is.
pub(super) fn hint(unknown: &str, at: &Source) -> String {
    let spelt = |key: &str| match at {
        Source::Environment(_) => variable(key),
        Source::File { .. } | Source::Flag(_) => key.to_owned(),
    };
    if let Some(key) = nearest(unknown) {
        return format!("did you mean {}?", spelt(key));
    }
    let section = unknown.split('.').next().unwrap_or_default();
    let siblings: Vec<_> = KEYS.iter().filter_map(|key| key.name.strip_prefix(section)?.strip_prefix('.')).collect();
    if !siblings.is_empty() {
        return format!("{section} has {}", siblings.join(", "));
    }
    let mut sections: Vec<_> = KEYS.iter().filter_map(|key| Some(key.name.split_once('.')?.0)).collect();
    sections.dedup();
    format!("there are data_dir and the sections {}; `storage-hub config` prints every key", sections.join(", "))
}

/// Whether keys begin with this name and a dot.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| key.name.split_once('.').is_some_and(|(section, _)| section == name))
}

/// The environment variable that was meant by one without `__`, of which this is the name without the prefix.
pub(super) fn variable_near(rest: &str) -> Option<String> {
    let rest = rest.to_ascii_lowercase();
    let near = |name: &str| osa_distance(&rest, &name.replace('.', "_"));
    let key = KEYS.iter().map(|key| key.name).min_by_key(|name| near(name))?;
    (near(key) <= MAX_DISTANCE).then(|| variable(key))
}

/// The key whose name is almost this one, or whose last part is, for a name without a section.
fn nearest(unknown: &str) -> Option<&'static str> {
    let unknown = unknown.to_ascii_lowercase();
    let distance = |name: &'static str| match name.split_once('.') {
        Some((_, last)) if !unknown.contains('.') => osa_distance(&unknown, last).min(osa_distance(&unknown, name)),
        _ => osa_distance(&unknown, name),
    };
    let key = KEYS.iter().map(|key| key.name).min_by_key(|name| distance(name))?;
    (distance(key) <= MAX_DISTANCE).then_some(key)
}
