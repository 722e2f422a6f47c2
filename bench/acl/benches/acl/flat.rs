//! Flat decisions of ten grants against ten: on entries, JSON and typed data. None may allocate.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use storage_hub_bench_acl::{Goal, ROUND, Report, Stopwatch, TEN_BY_TEN, World};
use storage_hub_core::acl::{Access, AclOptions, Grant, GrantSet, Guarded, Levels, Subject, authorize};

use crate::allocations::allocations_of;

const PART: &str = "flat";
const WANTED: Access = Access::Read;

struct Row(GrantSet);

impl Guarded for Row {
    fn levels<'a>(&'a self, levels: &mut Levels<'a, '_>) {
        levels.grants(&self.0);
    }
}

pub(crate) fn run(stopwatch: &mut Stopwatch, report: &mut Report) -> Result<()> {
    let world = World::generate(&TEN_BY_TEN, 1)?;
    let entries = world.resources.first().context("no resource")?;
    let round = world.round(WANTED)?;
    let subjects: Vec<&Subject> = round.iter().filter_map(|(subject, _)| world.subjects.get(*subject)).collect();
    let grants: GrantSet = entries.iter().map(|(grant, _)| grant.clone()).collect();
    let words: Vec<&str> = grants.iter().map(Grant::as_str).collect();
    let json: Value = json!({"_id": "558d4ec48d77c9f0b3ba2001", "title": "A Document", "views": 7, "grants": words});
    let typed = Row(grants);
    let options = AclOptions::default();

    let by_entries = || count(&subjects, |subject| authorize(subject, black_box(entries), WANTED).is_allowed());
    let by_json = || count(&subjects, |subject| options.check(subject, black_box(&json)).is_ok());
    let by_type = || count(&subjects, |subject| options.check_guarded(subject, black_box(&typed)).is_ok());
    let by_filter = || count(&subjects, |subject| options.filter(subject).matches(black_box(&json)));
    let routines: [(&str, &dyn Fn() -> usize); 4] = [
        ("authorize", &by_entries),
        ("check of a JSON document", &by_json),
        ("check of typed data", &by_type),
        ("a filter's match", &by_filter),
    ];
    for (name, routine) in routines {
        ensure!(routine() == ROUND / 2, "{name} in a round");
        let allocated = allocations_of(|| {
            black_box(routine());
        });
        ensure!(allocated == 0, "{name}: {allocated} allocations in a round");
        report.goal(PART, format!("{name}: allocations"), allocated as f64, "", Goal::AtMost(0.0));
        let one = stopwatch.time(name, routine)? / ROUND as f64;
        report.goal(PART, format!("{name}, 10 grants x 10"), one, "ns", Goal::AtMost(100.0));
    }
    let counted = allocations_of(|| {
        black_box(Box::new(black_box(7)));
    });
    ensure!(counted == 1, "the counter does not count: {counted}");
    Ok(())
}

fn count(subjects: &[&Subject], is_allowed: impl Fn(&Subject) -> bool) -> usize {
    subjects.iter().filter(|subject| is_allowed(black_box(subject))).count()
}
