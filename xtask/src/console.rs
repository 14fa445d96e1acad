//! What a person reads while a developer command runs.

/// Prints one line of progress.
#[expect(clippy::print_stdout, reason = "developer commands talk to a person")]
pub(crate) fn say(line: impl AsRef<str>) {
    println!("{}", line.as_ref());
}
