//! The module in `sw.js`: what the library exports.

use shell_worker as _;

/// Runs when the module is started, before any event.
fn main() {
    shell_web::report_panics();
}
