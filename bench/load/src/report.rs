//! The report: a table and JSON.

use serde_json::json;

/// One figure.
struct Line {
    what: String,
    backend: &'static str,
    value: f64,
    unit: &'static str,
    /// The goal: at least or at most this value.
    goal: Option<(bool, f64)>,
}

/// All figures, in the order of measurement.
#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

impl Report {
    /// Adds a figure without a goal.
    pub(crate) fn note(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str) {
        self.add(backend, what, value, unit, None);
    }

    /// Adds a figure that must be at least the goal.
    pub(crate) fn least(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str, goal: f64) {
        self.add(backend, what, value, unit, Some((true, goal)));
    }

    /// Adds a figure that must be at most the goal.
    pub(crate) fn most(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str, goal: f64) {
        self.add(backend, what, value, unit, Some((false, goal)));
    }

    fn add(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str, goal: Option<(bool, f64)>) {
        eprint_line(&format!("{backend}: {what}: {value:.2} {unit}"));
        self.0.push(Line { what: what.to_owned(), backend, value, unit, goal });
    }

    /// Prints the table.
    #[expect(clippy::print_stdout, reason = "this is the command's result")]
    pub(crate) fn print(&self) {
        println!("{:<20} {:<58} {:>10} {:<8} {:>12}", "on", "what", "median", "unit", "goal");
        for Line { what, backend, value, unit, goal } in &self.0 {
            let goal = match goal {
                None => String::new(),
                Some((least, goal)) => {
                    let met = if *least { value >= goal } else { value <= goal };
                    format!("{} {goal} {}", if *least { ">=" } else { "<=" }, if met { "met" } else { "MISSED" })
                }
            };
            println!("{backend:<20} {what:<58} {value:>10.2} {unit:<8} {goal:>16}");
        }
    }

    /// All figures as JSON.
    pub(crate) fn json(&self) -> String {
        let lines: Vec<_> = self
            .0
            .iter()
            .map(|line| {
                let goal = line.goal.map(|(least, goal)| json!({ if least { "least" } else { "most" }: goal }));
                json!({"on": line.backend, "what": line.what, "median": line.value, "unit": line.unit, "goal": goal})
            })
            .collect();
        json!(lines).to_string()
    }
}

#[expect(clippy::print_stderr, reason = "progress, for the person that waits")]
fn eprint_line(text: &str) {
    eprintln!("{text}");
}
