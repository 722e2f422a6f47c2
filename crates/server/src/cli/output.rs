//! What commands print. A reader that has seen enough, such as `head`, ends nothing: the command goes on without it.

use std::fmt;
use std::io::{self, ErrorKind, Write};

/// Prints a line to standard output, like `println!`, and returns an error only if it cannot be written although
/// somebody reads.
macro_rules! print_line {
    ($($argument:tt)*) => {
        $crate::cli::output::line(format_args!($($argument)*))
    };
}
pub(crate) use print_line;

/// Prints a line to standard output.
pub(crate) fn line(text: fmt::Arguments<'_>) -> anyhow::Result<()> {
    print(&format!("{text}\n"))
}

/// Prints text to standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(anyhow::Error::from(error).context("standard output cannot be written"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line about the command itself to standard error. There is nobody to tell when that fails.
pub(crate) fn note(text: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "storage-hub: {text}");
}
