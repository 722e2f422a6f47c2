use std::fs;
use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use criterion::{Criterion, SamplingMode};
use serde_json::Value;
use tempfile::TempDir;

/// Criterion, and the folder for its results.
#[expect(missing_debug_implementations, reason = "criterion has none")]
pub struct Stopwatch {
    criterion: Criterion,
    folder: TempDir,
    count: usize,
}

/// Routines that take longer run fewer times.
const SLOW: Duration = Duration::from_millis(20);
/// Number of times that two routines alternate.
const TURNS: usize = 3;

impl Stopwatch {
    /// Creates one without measurements.
    ///
    /// # Errors
    /// When no temporary folder can be created.
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

    /// Returns the median time of the routine in nanoseconds.
    ///
    /// # Errors
    /// When criterion did not record its results.
    pub fn time<T>(&mut self, name: &str, mut routine: impl FnMut() -> T) -> Result<f64> {
        // Criterion derives folder names from names, and a number is valid everywhere.
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

    /// Returns the median times of two routines in nanoseconds, and the ratio of the second to the first: the medians
    /// of alternating runs, because the speed of a machine varies over time.
    ///
    /// # Errors
    /// Like [`Self::time`].
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

/// The comparison of two routines.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// Time of the first in nanoseconds.
    pub first: f64,
    /// Time of the second in nanoseconds.
    pub second: f64,
    /// Ratio of the second to the first.
    pub ratio: f64,
}
