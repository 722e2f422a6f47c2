use serde_json::Value;

use super::AclOptions;
use super::engine::{Engine, Record, Segment};
use super::field_path::Found;
use super::fingerprint::same;

/// Shows the engine every level of a document that has grants, in the order of the document.
///
/// It does not recurse: what remains to be visited is a list of objects, and of arrays inside arrays. A document
/// without nested objects needs no memory.
pub(super) fn levels<'d, R: Record<'d>>(options: &AclOptions, document: &'d Value, engine: &mut Engine<'_, R>) {
    let field = &options.doc_grants_field;
    let mut pending = Vec::new();
    let mut next = Some((engine.record.root(), document));
    let mut is_root = true;
    while let Some((place, value)) = next {
        let already = pending.len();
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let is_path = same(name, field.first());
                    if is_path {
                        level(field.find_below(value), place, engine);
                    }
                    match value {
                        Value::Object(_) => {
                            pending.push((engine.record.child(place, Segment::Field(name)), value));
                        }
                        // A plain list of grants needs no visit: it was refused unless all items are strings, and
                        // strings contain nothing.
                        Value::Array(items) if !(is_path && field.is_plain()) => {
                            let list = engine.record.child(place, Segment::Field(name));
                            push_items(items, list, &mut pending, engine);
                        }
                        _ => {}
                    }
                }
            }
            Value::Array(items) => push_items(items, place, &mut pending, engine),
            _ => {}
        }
        if std::mem::take(&mut is_root) {
            engine.end_root(options.root_must_have_grants);
        }
        if engine.flow().is_break() {
            return;
        }
        // Visit what was found in order, because a record lists it in this order.
        if R::COMPLETE
            && let Some(found) = pending.get_mut(already..)
        {
            found.reverse();
        }
        next = pending.pop();
    }
}

fn push_items<'d, R: Record<'d>>(
    items: &'d [Value],
    list: R::Place,
    pending: &mut Vec<(R::Place, &'d Value)>,
    engine: &mut Engine<'_, R>,
) {
    for (index, item) in items.iter().enumerate().filter(|(_, item)| is_nesting(item)) {
        pending.push((engine.record.child(list, Segment::Item(index)), item));
    }
}

fn level<'d, R: Record<'d>>(found: Found<'d>, place: R::Place, engine: &mut Engine<'_, R>) {
    match found {
        Found::Nothing => {}
        Found::Value(Value::Array(list)) if list.iter().all(Value::is_string) => {
            engine.level(place, list.iter().filter_map(Value::as_str));
        }
        Found::Value(_) | Found::Blocked => engine.fault(place),
    }
}

const fn is_nesting(value: &Value) -> bool {
    matches!(value, Value::Object(_) | Value::Array(_))
}
