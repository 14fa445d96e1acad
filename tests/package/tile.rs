//! The tile for `JupyterLab`'s launcher, from the wheel: what jupyter-server-proxy finds,
//! and what the process answers that it starts.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use shell_tests::{environment, wait};
use tokio::{task::spawn_blocking, time::timeout};

use crate::wheel::Installed;

const URL: &str = "MLFLOW_SHELL_URL";

/// Loads what is in the wheel for jupyter-server-proxy, as that does.
const TILES: &str = "
import json
from importlib.metadata import entry_points
found = entry_points(group='jupyter_serverproxy_servers')
print(json.dumps({tile.name: tile.load()() for tile in found}))
";

/// Asks for the pages to these addresses.
const ANSWERS: &str = "
import json, sys
from mlflow_auth_shell.jupyter.page import respond
answers = map(respond, json.loads(sys.argv[1]))
print(json.dumps([(status, body.decode()) for status, _, body in answers]))
";

/// More than the process takes to see that Jupyter's server has ended.
const END: Duration = Duration::from_mins(1);

fn installed() -> Installed {
    Installed::by(&environment::pythons().swap_remove(0))
}

/// The tile, in an environment with this address.
fn tile(installed: &Installed, url: &str) -> Value {
    let mut command = installed.command("python", &["-c", TILES]);
    let output = command.env(URL, url).output().expect("it starts");
    let mut tiles: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    tiles["mlflow-shell"].take()
}

#[test]
fn there_is_a_tile_where_the_shells_address_is_known() {
    let installed = installed();
    for (url, is_shown) in [("", false), ("https://mlflow.example.com", true)] {
        let entry = &tile(&installed, url)["launcher_entry"];
        assert_eq!(entry["enabled"], is_shown, "{url}");
        assert_eq!(entry["title"], "MLflow");
        let icon = entry["icon_path"].as_str().expect("a path");
        assert!(Path::new(icon).is_file(), "{icon}");
    }
}

#[test]
fn an_address_that_no_shell_is_at_is_named() {
    let table = [
        ("", "is not set: set it to"),
        ("http://mlflow.example.com", "must begin with https://"),
        ("https://", "is no address of a site: &#x27;https://&#x27;"),
        ("javascript:alert(1)", "is no address of a site"),
        ("https://a.example/\"", "is no address of a site"),
        ("https://a.example:x/", "is no address of a site"),
        ("https://user:secret@a.example", "has a user name in it"),
        ("https://a.example\\@b.example", "has a user name in it"),
    ];
    let answers = answers(&table.map(|(url, _)| url));
    for ((url, words), (status, page)) in table.iter().zip(answers) {
        assert_eq!(status, 500, "{url}");
        assert!(page.contains(words), "{url}: {page}");
        assert!(!page.contains("secret") && !page.contains("<a"), "{page}");
    }
}

#[test]
fn an_address_that_the_shell_may_be_at_is_linked_as_it_is() {
    let table = [
        ("https://mlflow.example.com", "https://mlflow.example.com"),
        ("http://localhost:5000/", "http://localhost:5000/"),
        (
            "https://a.example/?upstream=b&amp='#/experiments",
            "https://a.example/?upstream=b&amp;amp=&#x27;#/experiments",
        ),
    ];
    let answers = answers(&table.map(|(url, _)| url));
    for ((url, link), (status, page)) in table.iter().zip(answers) {
        assert_eq!(status, 200, "{url}");
        let link = format!("<a href=\"{link}\" ");
        assert!(page.contains(&link), "{url}: {page}");
    }
}

/// The status and the page for each address.
fn answers(urls: &[&str]) -> Vec<(u64, String)> {
    let urls = serde_json::to_string(urls).expect("JSON");
    let printed = installed().run("python", &["-c", ANSWERS, &urls]);
    serde_json::from_str(&printed).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_process_behind_the_tile_ends_with_jupyters_server() {
    let installed = installed();
    let socket = installed.program("socket");
    let mut server = serve(&installed, "https://mlflow.example.com", &socket);
    let mut stream = connect(&socket).await;
    let request = b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: of-jupyter\r\n\r\n";
    stream.write_all(request).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    assert!(answer.contains("frame-ancestors 'self'"), "{answer}");

    drop(server.stdin.take());

    let printed = end(server).await;
    // Jupyter's cookies are in the requests.
    assert_eq!(printed, "", "it keeps no log");
}

/// Starts the process in a shell, which has Jupyter's part: it ends with its input.
fn serve(installed: &Installed, url: &str, socket: &Path) -> Child {
    let tile = tile(installed, url);
    let command = tile["command"].as_array().expect("a command");
    let words: Vec<_> = command.iter().filter_map(Value::as_str).collect();
    assert_eq!(words.last(), Some(&"{unix_socket}"));
    let mut shell = Command::new("/bin/sh");
    shell
        .args([
            "-c",
            "\"$0\" \"$1\" \"$2\" 2>&1 & read -r _",
            words[0],
            words[1],
        ])
        .arg(socket)
        .env_clear()
        .env(URL, url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    shell.spawn().expect("there is a shell")
}

async fn connect(socket: &Path) -> UnixStream {
    let stream = wait::until("the process behind the tile", async || {
        Ok(UnixStream::connect(socket).ok())
    });
    stream.await.expect("it listens")
}

/// Waits until the process has ended after Jupyter's server, and returns what it said.
async fn end(mut server: Child) -> String {
    let reading = spawn_blocking(move || {
        let mut printed = String::new();
        let mut output = server.stdout.take().expect("it is a pipe");
        output.read_to_string(&mut printed).expect("text");
        server.wait().expect("it was started");
        printed
    });
    timeout(END, reading)
        .await
        .expect("it ends")
        .expect("it was read")
}
