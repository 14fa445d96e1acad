//! WebKitGTK: its driver knows no headless browser and does not tell its port.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use anyhow::Result;
use serde_json::{Value, json};

use super::{HEIGHT, Programs, WIDTH};
use crate::{child::Program, client, server::free_port, wait};

/// Starts a display and, in front of it, the driver; returns its port.
///
/// The browser saves downloads in `home`, and its profile too, which an
/// automated one leaves empty.
pub(super) async fn launch(driver: &Path, xvfb: &Path, home: &Path) -> Result<(Programs, u16)> {
    let (screen, display) = start_display(xvfb)?;
    let port = free_port()?;
    let mut command = Command::new(driver);
    command
        .arg(format!("--port={port}"))
        .env("DISPLAY", format!(":{display}"))
        .env("HOME", home)
        // Containers have neither the rights that the sandbox needs nor a GPU.
        .env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("GDK_BACKEND", "x11")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let programs = Programs {
        _driver: Program::spawn(&mut command)?,
        _display: Some(screen),
    };
    let status = format!("http://127.0.0.1:{port}/status");
    wait::until("WebKit's driver", async || {
        client::get(&status, &[]).await?;
        Ok(Some(()))
    })
    .await?;
    Ok((programs, port))
}

/// What the driver is told of the browser.
pub(super) fn options(program: &Path) -> Value {
    json!({ "binary": program, "args": ["--automation"] })
}

/// Starts a display of its own number, which it chooses and tells.
fn start_display(xvfb: &Path) -> Result<(Program, u32)> {
    let mut command = Command::new(xvfb);
    command
        .args(["-displayfd", "1", "-nolisten", "tcp"])
        .args(["-screen", "0", &format!("{WIDTH}x{HEIGHT}x24")])
        .stderr(Stdio::null());
    Program::start(&mut command, |line| line.trim().parse().ok())
}
