//! One decision by this ACL, casbin and cedar, on the same grants and entries and with equal outcomes.
//!
//! The outcomes are asserted equal before anything is timed. Both others have everything prepared in memory: casbin
//! its enforcer with roles and policies, cedar its authorizer, policies, entities and requests.

mod casbin_engine;
mod cedar_engine;

use std::collections::HashMap;
use std::hint::black_box;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Parser;
use storage_hub_bench_acl::{Goal, ROUND, Report, Size, Stopwatch, TEN_BY_TEN, World, document, user};
use storage_hub_core::acl::{Access, Entries, Subject, authorize};
use tokio::runtime::Runtime;

use cedar_engine::{Cedar, Style, request};

/// Measure decisions compared with casbin and cedar-policy, and print a table.
#[derive(Debug, Parser)]
struct Options {
    /// Write JSON to this path instead of printing the table
    #[arg(long)]
    json: Option<PathBuf>,
    /// Passed by cargo to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

const PART: &str = "engines";
const WANTED: Access = Access::Read;

fn main() -> Result<()> {
    let options = Options::parse();
    let mut report = Report::default();
    let mut stopwatch = Stopwatch::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let compared = compare(&runtime)?;
    report.note(PART, "answers that all engines gave alike", compared as f64, "");
    engines(&runtime, "10 grants x 10 entries", &World::generate(&TEN_BY_TEN, 1)?, &mut stopwatch, &mut report)?;
    let many = Size { subjects: 20, resources: 100, ..TEN_BY_TEN };
    engines(&runtime, "1,000 policies", &World::generate(&many, 2)?, &mut stopwatch, &mut report)?;
    report.hand_over(options.json.as_deref())
}

/// Asks every engine about every subject, resource and access of many worlds. Fails when one differs.
fn compare(runtime: &Runtime) -> Result<usize> {
    let (mut yes, mut no) = (0, 0);
    for seed in 0..60 {
        let number = seed as usize;
        let size = Size {
            subjects: 8,
            resources: 1 + number % 8,
            grants: number % 11,
            entries: 1 + number % 10,
            pool: 12 + number,
        };
        let world = World::generate(&size, 1_000 + seed)?;
        for wanted in Access::ALL {
            let casbin = casbin_engine::plain(runtime, &world, wanted)?;
            let cached = casbin_engine::cached(runtime, &world, wanted)?;
            let cedars = [Style::PolicyAnEntry, Style::OnePolicy].map(|style| Cedar::new(&world, wanted, style));
            let [by_entry, by_attribute] = cedars;
            let (by_entry, by_attribute) = (by_entry?, by_attribute?);
            for (subject, resource) in world.pairs(seed) {
                let ours = world.allows(subject, resource, wanted)?;
                let (user, document) = (user(subject), document(resource));
                let request = request(subject, resource, wanted)?;
                let theirs = [
                    casbin_engine::allows(&casbin, &user, &document, wanted)?,
                    casbin_engine::allows(&cached, &user, &document, wanted)?,
                    casbin_engine::allows(&cached, &user, &document, wanted)?,
                    by_entry.allows(&request),
                    by_attribute.allows(&request),
                ];
                ensure!(theirs == [ours; 5], "{seed}: {user} {wanted} {document}: {ours} here, {theirs:?} there");
                *if ours { &mut yes } else { &mut no } += 1;
            }
        }
    }
    ensure!(yes > 500 && no > 500, "{yes} times yes and {no} times no show little");
    println!("casbin (plain, cached) and cedar (a policy an entry, one policy) answer alike: {yes} yes, {no} no");
    Ok(yes + no)
}

/// Times every engine on the same round, per decision.
fn engines(runtime: &Runtime, name: &str, world: &World, stopwatch: &mut Stopwatch, report: &mut Report) -> Result<()> {
    let round = world.round(WANTED)?;
    let half = ROUND / 2;
    let each = |nanoseconds: f64| nanoseconds / ROUND as f64;

    // As a service calls it, with the subject of the session and the entries of the row.
    let pairs: Vec<(&Subject, &Entries)> =
        round.iter().filter_map(|(s, r)| world.subjects.get(*s).zip(world.resources.get(*r))).collect();
    let ask = || {
        let yes = pairs
            .iter()
            .filter(|(subject, entries)| authorize(black_box(subject), black_box(entries), WANTED).is_allowed());
        yes.count()
    };
    ensure!(ask() == half, "storage-hub in a round");
    let ours = each(stopwatch.time(&format!("{name}: storage-hub"), ask)?);
    report.note(PART, format!("{name}: storage-hub, authorize"), ours, "ns");

    // Like the others, by names.
    let subjects: HashMap<String, &Subject> = world.subjects.iter().enumerate().map(|(n, s)| (user(n), s)).collect();
    let resources: HashMap<String, &Entries> =
        world.resources.iter().enumerate().map(|(n, entries)| (document(n), entries)).collect();
    let names: Vec<(String, String)> = round.iter().map(|(s, r)| (user(*s), document(*r))).collect();
    let ask = || {
        let yes = names.iter().filter(|(user, document)| {
            let (subject, entries) = (subjects.get(black_box(user)), resources.get(black_box(document)));
            subject.zip(entries).is_some_and(|(subject, entries)| authorize(subject, entries, WANTED).is_allowed())
        });
        yes.count()
    };
    ensure!(ask() == half, "storage-hub by names in a round");
    let by_name = each(stopwatch.time(&format!("{name}: storage-hub, by name"), ask)?);
    report.note(PART, format!("{name}: storage-hub, both found by name first"), by_name, "ns");

    let casbin = casbin_engine::plain(runtime, world, WANTED)?;
    let ask = || {
        let yes = names.iter().filter(|(user, document)| {
            casbin_engine::allows(&casbin, black_box(user), black_box(document), WANTED).is_ok_and(|yes| yes)
        });
        yes.count()
    };
    ensure!(ask() == half, "casbin in a round");
    let casbin = each(stopwatch.time(&format!("{name}: casbin"), ask)?);
    report.note(PART, format!("{name}: casbin"), casbin, "ns");

    let requests = round.iter().map(|(s, r)| request(*s, *r, WANTED)).collect::<Result<Vec<_>>>()?;
    let mut cedar = |style: Style| -> Result<f64> {
        let words = style.words();
        let cedar = Cedar::new(world, WANTED, style)?;
        let ask = || requests.iter().filter(|request| cedar.allows(black_box(request))).count();
        ensure!(ask() == half, "cedar, {words}, in a round");
        let one = each(stopwatch.time(&format!("{name}: cedar, {words}"), ask)?);
        report.note(PART, format!("{name}: cedar, {words}"), one, "ns");
        Ok(one)
    };
    let by_entry = cedar(Style::PolicyAnEntry)?;
    let by_attribute = cedar(Style::OnePolicy)?;
    let goal = Goal::AtLeast(100.0);
    let faster = casbin.min(by_entry);
    report.goal(PART, format!("{name}: the faster, a policy an entry / ours by name"), faster / by_name, "times", goal);
    let fastest = faster.min(by_attribute);
    report.goal(PART, format!("{name}: the fastest of all / authorize"), fastest / ours, "times", goal);
    report.note(PART, format!("{name}: the fastest of all / ours by name"), fastest / by_name, "times");

    let cached = casbin_engine::cached(runtime, world, WANTED)?;
    let ask = || {
        let yes = names.iter().filter(|(user, document)| {
            casbin_engine::allows(&cached, black_box(user), black_box(document), WANTED).is_ok_and(|yes| yes)
        });
        yes.count()
    };
    ensure!(ask() == half, "casbin's cache in a round");
    let cached = each(stopwatch.time(&format!("{name}: casbin, answers from its cache"), ask)?);
    report.note(PART, format!("{name}: casbin, an answer that is in its cache"), cached, "ns");
    Ok(())
}
