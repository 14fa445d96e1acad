//! Sessions in the keyring of a Linux desktop: GNOME's, in a D-Bus session of its own,
//! where both are installed.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::fixture::{Login, Machine, READER, Site, Spec, hosted_login, shows_token};

/// A desktop's keyring, gone when dropped.
struct Desktop {
    bus: Child,
    keyring: Child,
    _sockets: TempDir,
}

impl Desktop {
    /// Starts the keyring of this person, unlocked; `None` if it is not installed.
    fn start(person: &Machine) -> Option<(Self, String)> {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut address = String::new();
        let output = bus.stdout.take().expect("a pipe");
        BufReader::new(output)
            .read_line(&mut address)
            .expect("an address");
        let address = address.trim().to_owned();
        let sockets = tempfile::tempdir().expect("a folder");
        let keyring = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env_clear()
            .env("HOME", person.home.path())
            .env("XDG_RUNTIME_DIR", sockets.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut keyring) = keyring else {
            drop((bus.kill(), bus.wait()));
            return None;
        };
        let mut password = keyring.stdin.take().expect("a pipe");
        password.write_all(b"of the keyring").expect("it reads");
        drop(password);
        until_served(&address);
        let desktop = Self {
            bus,
            keyring,
            _sockets: sockets,
        };
        Some((desktop, address))
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for process in [&mut self.keyring, &mut self.bus] {
            drop((process.kill(), process.wait()));
        }
    }
}

/// Waits until the keyring is on the bus.
fn until_served(address: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let is_served = || {
        let asked = Command::new("dbus-send")
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
            ])
            .args([
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ])
            .env("DBUS_SESSION_BUS_ADDRESS", address)
            .output();
        asked.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("true"))
    };
    while !is_served() {
        assert!(Instant::now() < deadline, "the keyring does not start");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_in_the_keyring_and_in_no_file() {
    let person = Machine::new().with("MLFLOW_SHELL_PASSPHRASE", "");
    let Some((desktop, address)) = Desktop::start(&person) else {
        return;
    };
    let person = person.with("DBUS_SESSION_BUS_ADDRESS", &address);
    let site = Site::start(Spec {
        lifetime: Some(9),
        ..Spec::default()
    })
    .await;
    let mut login = Login::begin(&person, &["login", &site.origin, "--no-browser"]);
    let callback = hosted_login(&login.url(), READER);
    let (_, code) = callback.split_once('?').expect("a query");
    let ran = login.paste(code);
    assert_eq!(ran.status, 0, "{ran:?}");

    // The refresh token is replaced there, too.
    for _ in 0..2 {
        let (token, _) = person.run(&["token", "--json"]).token();
        assert_eq!(site.api_status(&token), 200);
    }
    assert_eq!(site.provider.counts().refreshes, 2);
    let status = person.run(&["status"]);
    assert!(status.printed.ends_with(", in the keyring\n"), "{status:?}");
    for (path, _, content) in person.files() {
        assert!(!shows_token(&String::from_utf8_lossy(&content)), "{path}");
    }

    let out = person.run(&["logout"]);
    assert_eq!(out.status, 0, "{out:?}");
    assert_eq!(person.run(&["token"]).status, 3);

    drop(desktop);
    let gone = person.run(&["login", &site.origin, "--no-browser"]);
    assert!(
        gone.said.contains("mlflow-shell login URL --store file"),
        "{gone:?}"
    );
}
