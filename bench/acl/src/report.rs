use std::path::Path;

use anyhow::Result;
use serde_json::json;

/// One figure.
#[derive(Debug)]
struct Line {
    part: &'static str,
    what: String,
    value: f64,
    unit: &'static str,
    goal: Option<Goal>,
}

/// The goal of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Goal {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
}

impl Goal {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtLeast(goal) => value >= goal,
            Self::AtMost(goal) => value <= goal,
        }
    }

    fn words(self, value: f64) -> String {
        let met = if self.is_met(value) { "met" } else { "MISSED" };
        match self {
            Self::AtLeast(goal) => format!(">= {goal} {met}"),
            Self::AtMost(goal) => format!("<= {goal} {met}"),
        }
    }
}

/// All figures, in the order of measurement.
#[derive(Debug, Default)]
pub struct Report(Vec<Line>);

impl Report {
    /// Adds a figure without a goal.
    pub fn note(&mut self, part: &'static str, what: impl Into<String>, value: f64, unit: &'static str) {
        self.0.push(Line { part, what: what.into(), value, unit, goal: None });
    }

    /// Adds a figure with a goal.
    pub fn goal(&mut self, part: &'static str, what: impl Into<String>, value: f64, unit: &'static str, goal: Goal) {
        self.0.push(Line { part, what: what.into(), value, unit, goal: Some(goal) });
    }

    /// Writes the JSON if a path was given, and otherwise prints the table.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn hand_over(&self, json: Option<&Path>) -> Result<()> {
        match json {
            Some(path) => std::fs::write(path, self.json())?,
            None => self.print(),
        }
        Ok(())
    }

    fn print(&self) {
        println!("\n{:<14} {:<62} {:>12} {:<7} {:>14}", "of", "what", "median", "unit", "goal");
        for Line { part, what, value, unit, goal } in &self.0 {
            let goal = goal.map(|goal| goal.words(*value)).unwrap_or_default();
            println!("{part:<14} {what:<62} {value:>12.2} {unit:<7} {goal:>14}");
        }
    }

    fn json(&self) -> String {
        let lines: Vec<_> = self
            .0
            .iter()
            .map(|Line { part, what, value, unit, goal }| {
                let met = goal.map(|goal| goal.is_met(*value));
                let goal = goal.map(|goal| match goal {
                    Goal::AtLeast(goal) => json!({"least": goal}),
                    Goal::AtMost(goal) => json!({"most": goal}),
                });
                json!({"of": part, "what": what, "median": value, "unit": unit, "goal": goal, "met": met})
            })
            .collect();
        json!(lines).to_string()
    }
}
