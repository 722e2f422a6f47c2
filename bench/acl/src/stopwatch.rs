use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use criterion::{Criterion, SamplingMode};
use serde_json::Value;
use tempfile::TempDir;

/// Criterion, and where it writes what it found.
#[expect(missing_debug_implementations, reason = "criterion has none")]
pub struct Stopwatch {
    criterion: Criterion,
    folder: TempDir,
    count: usize,
}

/// What takes longer is not run as often.
const SLOW: Duration = Duration::from_millis(20);
/// How often two routines take turns.
const TURNS: usize = 3;

impl Stopwatch {
    /// Without anything measured.
    ///
    /// # Errors
    /// When there is no temporary folder to be had.
    pub fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let criterion = Criterion::default()
            .output_directory(folder.path())
            .without_plots()
            .with_output_color(false)
            .sample_size(30)
            .nresamples(10_000)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(1));
        Ok(Self { criterion, folder, count: 0 })
    }

    /// The median time of the routine, in nanoseconds.
    ///
    /// # Errors
    /// When criterion did not write down what it found.
    pub fn time<T>(&mut self, name: &str, mut routine: impl FnMut() -> T) -> Result<f64> {
        // Criterion makes folders of names: a number is one everywhere.
        self.count += 1;
        let number = self.count.to_string();
        println!("-- {name}");
        let started = Instant::now();
        black_box(routine());
        let mut group = self.criterion.benchmark_group(&number);
        if started.elapsed() > SLOW {
            group.sample_size(10).sampling_mode(SamplingMode::Flat);
        }
        group.bench_function("it", |bencher| bencher.iter(&mut routine));
        group.finish();
        let path = self.folder.path().join(&number).join("it").join("new").join("estimates.json");
        let text = fs::read(&path).with_context(|| format!("criterion left nothing of {name}"))?;
        let estimates: Value = serde_json::from_slice(&text)?;
        estimates.pointer("/median/point_estimate").and_then(Value::as_f64).context("criterion has no median")
    }

    /// The median times of two routines, in nanoseconds, and how many times the first the second takes: the medians of
    /// some turns of each, one after the other, since a machine is not equally fast all the time.
    ///
    /// # Errors
    /// As [`Self::time`].
    pub fn compare<T>(
        &mut self,
        (one, mut first): (&str, impl FnMut() -> T),
        (other, mut second): (&str, impl FnMut() -> T),
    ) -> Result<Comparison> {
        let mut turns = Vec::new();
        for _ in 0..TURNS {
            turns.push((self.time(one, &mut first)?, self.time(other, &mut second)?));
        }
        let median = |of: fn(&(f64, f64)) -> f64| {
            let mut times: Vec<f64> = turns.iter().map(of).collect();
            times.sort_by(f64::total_cmp);
            times.get(TURNS / 2).copied().unwrap_or(f64::NAN)
        };
        Ok(Comparison {
            first: median(|turn| turn.0),
            second: median(|turn| turn.1),
            ratio: median(|turn| turn.1 / turn.0),
        })
    }
}

/// Two routines beside each other.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// The time of the first, in nanoseconds.
    pub first: f64,
    /// The time of the second.
    pub second: f64,
    /// How many times the first the second takes.
    pub ratio: f64,
}
