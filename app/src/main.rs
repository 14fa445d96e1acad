//! Starts the page.

fn main() {
    shell_app::start();
}
