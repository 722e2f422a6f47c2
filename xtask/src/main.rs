//! Everything that a contributor runs besides cargo itself: tests with real services, generated files, checks, CI.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool prints for its user")]

mod cli;

mod api_clients;
mod bench;
mod bench_acl;
mod ci;
mod commit_message;
mod faults;
mod fuzz;
mod openapi;
mod record_clients;
mod schemathesis;
mod test_run;
mod tidy;

mod clients;
mod deny;
mod hub;
mod services;

mod cargo;
mod guard;
mod loopback;
mod programs;
mod rare_clients;
mod tools;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
