//! The table and the JSON.

use serde_json::json;

/// One figure.
struct Line {
    what: String,
    backend: &'static str,
    value: f64,
    unit: &'static str,
    /// The goal, `>=` or `<=` it.
    goal: Option<(bool, f64)>,
}

/// Every figure, in the order of measuring.
#[derive(Default)]
pub(crate) struct Report(Vec<Line>);

impl Report {
    /// A figure without a goal.
    pub(crate) fn note(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str) {
        self.add(backend, what, value, unit, None);
    }

    /// A figure that is to be at least the goal.
    pub(crate) fn least(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str, goal: f64) {
        self.add(backend, what, value, unit, Some((true, goal)));
    }

    /// A figure that is to be at most the goal.
    pub(crate) fn most(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str, goal: f64) {
        self.add(backend, what, value, unit, Some((false, goal)));
    }

    fn add(&mut self, backend: &'static str, what: &str, value: f64, unit: &'static str, goal: Option<(bool, f64)>) {
        eprint_line(&format!("{backend}: {what}: {value:.2} {unit}"));
        self.0.push(Line { what: what.to_owned(), backend, value, unit, goal });
    }

    /// The table, on standard output.
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

    /// Everything as JSON.
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

#[expect(clippy::print_stderr, reason = "progress, for who waits")]
fn eprint_line(text: &str) {
    eprintln!("{text}");
}
