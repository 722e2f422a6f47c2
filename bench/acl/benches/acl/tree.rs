//! The check of a document of 1,000 nodes, compared with a plain walk of it.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use storage_hub_bench_acl::{Comparison, Goal, Report, Stopwatch};
use storage_hub_core::acl::{AclOptions, GrantSet, Nesting, Subject};

const PART: &str = "tree";
const NODES: usize = 1_000;

pub(crate) fn run(stopwatch: &mut Stopwatch, report: &mut Report) -> Result<()> {
    let document = tree()?;
    let with_recursion = |document| {
        let mut found = Found::default();
        recurse(document, &mut found);
        found
    };
    ensure!(walk(&document) == with_recursion(&document), "the walks differ");
    ensure!(walk(&document).objects == NODES, "the tree has other nodes");
    let recursive = stopwatch.time("walk with recursion", || with_recursion(black_box(&document)))?;
    report.note(PART, "a walk of 1,000 nodes, with recursion", recursive, "ns");

    let subject = Subject::new(&GrantSet::parse(["team-017", "team-018", "promotions", "author-7"])?, None);
    for (nesting, words) in [(Nesting::Intersect, "intersected"), (Nesting::EachLevel, "each level on its own")] {
        let options = AclOptions::builder().nesting(nesting).build()?;
        // Allowed, so that the check visits the whole tree.
        ensure!(options.check(&subject, &document).is_ok(), "the subject may have the tree");
        let seen = |found: Found| found.objects > 0;
        let Comparison { first, second, ratio } = stopwatch.compare(
            ("walk with a list", || seen(walk(black_box(&document)))),
            (words, || options.check(&subject, black_box(&document)).is_ok()),
        )?;
        report.note(PART, "a walk of 1,000 nodes, with a list of what is left", first, "ns");
        report.note(PART, format!("a check of 1,000 nodes, {words}"), second, "ns");
        // Compared with the faster of the two walks.
        let ratio = ratio.max(second / recursive);
        report.goal(PART, format!("check / walk, {words}"), ratio, "times", Goal::AtMost(2.0));
    }
    Ok(())
}

/// Each node has ten children, three grants, a name and a number.
fn tree() -> Result<Value> {
    let mut children: Vec<Vec<Value>> = vec![Vec::new(); NODES];
    for number in (0..NODES).rev() {
        let mut inner = std::mem::take(children.get_mut(number).context("no such node")?);
        inner.reverse();
        let title = format!("node {number}");
        let grants = ["admin", "promotions", "team-017"];
        let node = json!({"title": title, "views": number, "grants": grants, "children": inner});
        match number.checked_sub(1) {
            Some(before) => children.get_mut(before / 10).context("no such parent")?.push(node),
            None => return Ok(node),
        }
    }
    Ok(Value::Null)
}

/// The result of a walk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    objects: usize,
    /// Bytes of names and strings.
    bytes: usize,
}

/// Reads every name and value, with a list of the objects and arrays to visit.
fn walk(document: &Value) -> Found {
    let mut left = vec![document];
    let mut found = Found::default();
    while let Some(value) = left.pop() {
        match value {
            Value::Object(fields) => {
                found.objects += 1;
                for (name, value) in fields {
                    found.bytes += name.len();
                    look(value, &mut found, &mut left);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| look(item, &mut found, &mut left)),
            _ => {}
        }
    }
    found
}

fn look<'a>(value: &'a Value, found: &mut Found, left: &mut Vec<&'a Value>) {
    match value {
        Value::String(text) => found.bytes += text.len(),
        Value::Object(_) | Value::Array(_) => left.push(value),
        _ => {}
    }
}

/// The same with recursion.
fn recurse(value: &Value, found: &mut Found) {
    match value {
        Value::Object(fields) => {
            found.objects += 1;
            for (name, value) in fields {
                found.bytes += name.len();
                recurse(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| recurse(item, found)),
        Value::String(text) => found.bytes += text.len(),
        _ => {}
    }
}
