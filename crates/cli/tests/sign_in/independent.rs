//! The same at an independent, certified provider: with a client of the terminal's
//! own, by a port of this machine's choice, and on another device.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::json;
use tempfile::TempDir;

use crate::fixture::{
    Login, Machine, api_status, free_port, http, mlflow, serve, shows_token, until_ready,
};

const CLIENT: &str = "mlflow-shell";
const PASSWORD: &str = "Providers-dev-0nly";

/// A site of the provider, gone when dropped.
struct Independent {
    origin: String,
    issuer: String,
    processes: [Child; 2],
    _folder: TempDir,
}

impl Independent {
    /// `None` where the provider is not installed.
    async fn start() -> Option<Self> {
        let [port, site] = [(); 2].map(|()| free_port());
        let issuer = format!("http://localhost:{port}");
        let origin = format!("http://localhost:{site}");
        let provider = provider(port, &issuer, &origin)?;
        let config = json!({
            "origin": origin,
            "provider": {
                "issuer": issuer,
                "client_id": CLIENT,
                "scopes": ["openid", "email", "profile", "groups"],
                "groups": [{"claim": "groups", "value": "ml-readers", "group": "readers"}],
            },
            "python": {"access": "token", "sign_in": {"client_id": format!("{CLIENT}-terminal")}},
        });
        let folder = tempfile::tempdir().expect("a folder");
        let gateway = serve(&folder, site, &mlflow().await, &config, &issuer);
        let site = Self {
            origin,
            issuer,
            processes: [provider, gateway],
            _folder: folder,
        };
        until_ready(site.origin.rsplit(':').next()?.parse().ok()?);
        Some(site)
    }
}

impl Drop for Independent {
    fn drop(&mut self) {
        for process in &mut self.processes {
            drop((process.kill(), process.wait()));
        }
    }
}

fn provider(port: u16, issuer: &str, site: &str) -> Option<Child> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/oidc-provider");
    if !folder.join("node_modules/oidc-provider").is_dir() {
        eprintln!("not tested: the independent provider, which is not installed");
        return None;
    }
    let mut process = Command::new("node")
        .arg("usual.mjs")
        .current_dir(folder)
        .env("PORT", port.to_string())
        .env("ORIGIN", issuer)
        .env("SITE", site)
        .env("CLIENT_ID", CLIENT)
        .env("PASSWORD", PASSWORD)
        .env("LIFETIME", "3600")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(process.stdout.as_mut().expect("a pipe")).lines();
    let ready = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("ready")));
    assert!(ready.is_some(), "the provider does not start");
    Some(process)
}

/// A browser without scripts: it follows redirects within the provider, and keeps
/// cookies.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
    address: String,
}

impl Browser {
    /// Goes there; where that leads out of the provider, the address is returned.
    fn go(&mut self, site: &Independent, url: &str, form: Option<&[(&str, &str)]>) -> String {
        let (mut url, mut form) = (url.to_owned(), form);
        loop {
            if !url.starts_with(&site.issuer) {
                return url;
            }
            let cookies = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let cookies = cookies.collect::<Vec<_>>().join("; ");
            let answer = match form.take() {
                Some(form) => http()
                    .post(&url)
                    .header("cookie", cookies)
                    .send_form(form.iter().copied()),
                None => http().get(&url).header("cookie", cookies).call(),
            };
            let mut answer = answer.expect("an answer");
            for cookie in answer.headers().get_all("set-cookie") {
                let pair = cookie.to_str().expect("text").split(';').next();
                let (name, value) = pair.and_then(|pair| pair.split_once('=')).expect("a pair");
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            let to = answer.headers().get("location").cloned();
            let Some(to) = to else {
                self.address.clone_from(&url);
                return answer.body_mut().read_to_string().expect("a page");
            };
            let to = to.to_str().expect("text");
            let base = if to.starts_with('/') {
                site.issuer.as_str()
            } else {
                ""
            };
            url = format!("{base}{to}");
        }
    }

    /// Opens the address that has a device's code in it, and presses this button there.
    fn answer_code(&mut self, site: &Independent, address: &str, button: &str) {
        let page = self.go(site, address, None);
        let code = address.rsplit_once("user_code=").expect("a code").1;
        let xsrf = page.split_once("name=\"xsrf\" value=\"").expect("a form").1;
        let xsrf = xsrf.split('"').next().expect("a value");
        let form = [("xsrf", xsrf), ("user_code", code), (button, "yes")];
        self.go(site, &format!("{}/device", site.issuer), Some(&form));
    }

    /// Signs in at the page where it is.
    fn sign_in(&mut self, site: &Independent, user: &str) -> String {
        let form = [("username", user), ("password", PASSWORD)];
        let address = self.address.clone();
        self.go(site, &address, Some(&form))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_client_returns_to_any_port() {
    let Some(site) = Independent::start().await else {
        return;
    };
    let person = Machine::new().with("BROWSER", "true");
    let mut login = Login::begin(&person, &["login", &site.origin, "--store=file"]);
    let mut browser = Browser::default();
    browser.go(&site, &login.url(), None);
    let callback = browser.sign_in(&site, "ann");
    assert!(callback.starts_with("http://127.0.0.1:"), "{callback}");
    assert_eq!(http().get(&callback).call().unwrap().status(), 200);
    let ran = login.end();
    assert_eq!(ran.status, 0, "{ran:?}");

    let (token, _) = person.run(&["token", "--json"]).token();
    assert_eq!(api_status(&site.origin, &token), 200);
    let out = person.run(&["logout"]);
    assert_eq!(out.status, 0, "{out:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_on_another_device() {
    let Some(site) = Independent::start().await else {
        return;
    };
    let person = Machine::new();
    let mut login = Login::begin(
        &person,
        &["login", &site.origin, "--device", "--store=file"],
    );
    assert_eq!(login.url(), format!("{}/device", site.issuer));
    let mut browser = Browser::default();
    browser.answer_code(&site, &login.url(), "confirm");
    let page = browser.sign_in(&site, "ann");
    assert!(page.contains("Sign-in Success"), "{page}");

    let ran = login.end();
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.said.contains("ann@example.com can read everything"),
        "{ran:?}"
    );
    assert!(!shows_token(&ran.said));
    let (token, _) = person.run(&["token", "--json"]).token();
    assert_eq!(api_status(&site.origin, &token), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_no_on_another_device_is_not_signed_in() {
    let Some(site) = Independent::start().await else {
        return;
    };
    let person = Machine::new();
    let mut login = Login::begin(
        &person,
        &["login", &site.origin, "--device", "--store=file"],
    );
    login.url();
    Browser::default().answer_code(&site, &login.url(), "abort");
    let ran = login.end();
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(
        ran.said
            .contains("the sign-in was denied: begin the sign-in again"),
        "{ran:?}"
    );
    assert_eq!(person.run(&["token", "--url", &site.origin]).status, 3);
}
