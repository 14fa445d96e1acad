//! What becomes of a request, by who began it: the table in docs/SECURITY.md.
//!
//! What a browser does before a request leaves it (which requests reach the
//! worker, with which headers the others go out) is played here as browsers do
//! it; `browser/other_sites` holds the three engines to that. The worker's part
//! is core's judgement, and the gateway is the real one.

use std::fs;

use axum::{body::Body, http::Request};
use serde_json::json;
use shell_core::{
    intercept::{self, Arrival, Judgement},
    refusal::{self, Problem, Refusal, Requester},
};
use shell_tests::environment;

use crate::fixture::Fixture;

/// Method, path, and what that is.
const ROUTES: &[(&str, &str, &str)] = &[
    ("GET", "/", "the shell's document"),
    ("POST", "/", "the same"),
    ("GET", "/callback", "where a sign-in returns"),
    ("GET", "/relay", "the window of a framed sign-in"),
    ("GET", "/sw.js", "the worker"),
    ("GET", "/config.json", "the site's configuration"),
    ("GET", "/healthz", "whether the gateway lives"),
    ("GET", "/mlflow/", "MLflow's document"),
    ("POST", "/mlflow/", "the same"),
    (
        "GET",
        "/mlflow/static-files/static/js/main.1a2b3c4d.js",
        "MLflow's released bundle",
    ),
    (
        "POST",
        "/mlflow/static-files/static/js/main.1a2b3c4d.js",
        "the same",
    ),
    ("GET", "/mlflow/get-artifact", "a file"),
    ("POST", "/mlflow/get-artifact", "the same"),
    (
        "GET",
        "/mlflow/ajax-api/2.0/mlflow/runs/get",
        "an API call that reads",
    ),
    (
        "POST",
        "/mlflow/ajax-api/2.0/mlflow/runs/create",
        "an API call that writes",
    ),
    (
        "DELETE",
        "/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/a",
        "an API call that deletes",
    ),
    (
        "PUT",
        "/mlflow/ajax-api/2.0/mlflow-artifacts/artifacts/a",
        "one that uploads",
    ),
    (
        "PATCH",
        "/mlflow/ajax-api/2.0/mlflow/runs/update",
        "one that changes something",
    ),
    (
        "HEAD",
        "/mlflow/ajax-api/2.0/mlflow/runs/get",
        "one that reads",
    ),
    (
        "OPTIONS",
        "/mlflow/ajax-api/2.0/mlflow/runs/get",
        "a question about leave (CORS)",
    ),
    (
        "GET",
        "/mlflow/ajax-api%2F2.0/mlflow/runs/get",
        "a call in another spelling",
    ),
    ("POST", "/mlflow/graphql", "a GraphQL document"),
    ("GET", "/mlflow/@none/", "a server that is not there"),
    ("POST", "/mlflow/@shell/tokens", "a token for programs"),
    (
        "GET",
        "/api/2.0/mlflow/runs/get",
        "an API call of a program",
    ),
    (
        "POST",
        "/api/2.0/mlflow/runs/create",
        "the same, one that writes",
    ),
    (
        "POST",
        "/oauth2/token",
        "the token endpoint of a gateway with no client secret; with one, as the next",
    ),
    ("POST", "/rendezvous", "a framed sign-in"),
    ("POST", "/rendezvous/take", "the same, for the frame"),
    ("GET", "/version", "MLflow's version, for programs"),
    ("POST", "/v1/traces", "spans, of programs"),
    (
        "POST",
        "/gateway/mlflow/v1/chat/completions",
        "a model behind MLflow's AI gateway, for programs",
    ),
    (
        "POST",
        "/mlflow/gateway/mlflow/v1/chat/completions",
        "the same, for pages and for programs",
    ),
    (
        "GET",
        "/mlflow/api/2.0/mlflow/runs/get",
        "an API call of a program, below `/mlflow`",
    ),
];

/// Who begins a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Initiator {
    /// A script, image or other part of a page of this site, MLflow's included.
    Part,
    /// A tab or frame that this site, or its user, takes there.
    Navigation,
    /// A link, form, frame or window of another site.
    OtherNavigation,
    /// A script, image, `fetch` or prefetch of another site.
    OtherPart,
    /// A program, with a token of its own or none.
    Program,
}

const INITIATORS: [(Initiator, &str); 5] = [
    (Initiator::Part, "a part of this site's pages"),
    (Initiator::Navigation, "a tab or frame, by this site"),
    (
        Initiator::OtherNavigation,
        "link, form, frame, window of another site",
    ),
    (
        Initiator::OtherPart,
        "image, script, `fetch` of another site",
    ),
    (Initiator::Program, "a program"),
];

/// How browsers call sites that are not this one (Fetch Metadata §2.3): one of
/// another domain, and another host or port of the same.
const ELSEWHERE: [&str; 2] = ["cross-site", "same-site"];

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_a_request_is_what_the_documentation_says() {
    let python = ("python", json!({ "access": "token" }));
    let fixture = Fixture::configured(&[python]).await;
    let mut table = head();
    for (method, path, what) in ROUTES.iter().copied() {
        let mut row = vec![format!("`{method} {path}`"), what.to_owned()];
        for (initiator, _) in INITIATORS {
            let with = outcome(&fixture, (method, path), initiator, true).await;
            let without = outcome(&fixture, (method, path), initiator, false).await;
            row.push(cell(&with, &without));
        }
        table.push(format!("| {} |", row.join(" | ")));
    }
    let manual = environment::workspace().join("docs/SECURITY.md");
    let manual = fs::read_to_string(manual).expect("the manual");
    let table = table.join("\n");
    assert!(
        manual.contains(&table),
        "docs/SECURITY.md should have\n\n{table}\n"
    );
}

fn head() -> Vec<String> {
    let names: Vec<_> = INITIATORS.iter().map(|(_, name)| *name).collect();
    let rules = "|---".repeat(2 + names.len());
    vec![
        format!("| request | what it is | {} |", names.join(" | ")),
        format!("{rules}|"),
    ]
}

fn cell(with: &str, without: &str) -> String {
    if with == without {
        with.to_owned()
    } else {
        format!("{with}; {without}")
    }
}

/// What becomes of it, wherever else it was begun.
async fn outcome(
    fixture: &Fixture,
    route: (&str, &str),
    initiator: Initiator,
    signed_in: bool,
) -> String {
    let sites = match initiator {
        Initiator::Part => &["same-origin"][..],
        // A form is always of some page.
        Initiator::Navigation if route.0 != "GET" => &["same-origin"],
        Initiator::Navigation => &["same-origin", "none"],
        Initiator::OtherNavigation | Initiator::OtherPart => &ELSEWHERE,
        Initiator::Program => &[""],
    };
    let mut outcomes = Vec::new();
    for site in sites {
        let arrival = Arriving {
            route,
            initiator,
            site,
        };
        outcomes.push(arrival.play(fixture, signed_in).await);
    }
    outcomes.dedup();
    assert_eq!(outcomes.len(), 1, "{route:?} {initiator:?}: {outcomes:?}");
    outcomes.remove(0)
}

struct Arriving<'a> {
    route: (&'a str, &'a str),
    initiator: Initiator,
    site: &'a str,
}

impl Arriving<'_> {
    async fn play(&self, fixture: &Fixture, signed_in: bool) -> String {
        let own = fixture.deployment.origin.as_str();
        match self.judge(own) {
            Judgement::Refuse(cause) => refused(&cause, self.asker()),
            Judgement::Clear(_) if signed_in => {
                let bearer = Some(fixture.admin());
                self.send(fixture, &self.of_worker(own), bearer).await
            }
            Judgement::Clear(_) => refused(&Problem::UNAUTHENTICATED, self.asker()),
            Judgement::Leave => {
                let is_program = self.initiator == Initiator::Program;
                let bearer = (is_program && signed_in).then(|| fixture.admin());
                self.send(fixture, &self.of_browser(own), bearer).await
            }
        }
    }

    /// The worker controls documents of this site, and sees what they load and
    /// whatever is to become one.
    fn judge(&self, own: &str) -> Judgement {
        let (method, path) = self.route;
        let arrival = Arrival {
            origin: own,
            path,
            query: "",
            method,
            requester: self.asker(),
        };
        match self.initiator {
            Initiator::OtherPart | Initiator::Program => Judgement::Leave,
            Initiator::Part | Initiator::Navigation | Initiator::OtherNavigation => {
                intercept::judge(own, &arrival)
            }
        }
    }

    fn asker(&self) -> Requester {
        match self.initiator {
            Initiator::Navigation | Initiator::OtherNavigation => Requester::Tab,
            Initiator::Part | Initiator::OtherPart | Initiator::Program => Requester::Script,
        }
    }

    fn accept(&self) -> &'static str {
        match self.asker() {
            Requester::Tab | Requester::Frame => "text/html,application/xhtml+xml,*/*;q=0.8",
            Requester::Script => "*/*",
        }
    }

    /// The worker makes a request of its own, and keeps what was accepted.
    fn of_worker(&self, own: &str) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("accept", self.accept().to_owned()),
            ("sec-fetch-site", "same-origin".to_owned()),
            ("sec-fetch-mode", "same-origin".to_owned()),
            ("sec-fetch-dest", "empty".to_owned()),
        ];
        if self.route.0 != "GET" {
            headers.push(("origin", own.to_owned()));
        }
        headers
    }

    fn of_browser(&self, own: &str) -> Vec<(&'static str, String)> {
        let (mode, destination) = match self.initiator {
            Initiator::Program => return vec![("accept", "*/*".to_owned())],
            Initiator::Navigation | Initiator::OtherNavigation => ("navigate", "document"),
            Initiator::Part => ("cors", "empty"),
            Initiator::OtherPart => ("no-cors", "empty"),
        };
        let mut headers = vec![
            ("accept", self.accept().to_owned()),
            ("sec-fetch-site", self.site.to_owned()),
            ("sec-fetch-mode", mode.to_owned()),
            ("sec-fetch-dest", destination.to_owned()),
        ];
        if self.route.0 != "GET" {
            let is_own = matches!(self.site, "same-origin" | "none");
            let other = "https://other.example";
            headers.push(("origin", if is_own { own } else { other }.to_owned()));
        }
        headers
    }

    async fn send(
        &self,
        fixture: &Fixture,
        headers: &[(&str, String)],
        bearer: Option<String>,
    ) -> String {
        let (method, path) = self.route;
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", fixture.deployment.origin));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if let Some(bearer) = &bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mark = fixture.reached().len();
        let answer = fixture
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        let is_html = answer.header("content-type").starts_with("text/html");
        match answer.status.as_u16() {
            _ if fixture.reached().len() > mark && bearer.is_some() => "**MLflow**".to_owned(),
            201 => "a token".to_owned(),
            200..=299 => "public".to_owned(),
            303 => SIGN_IN.to_owned(),
            status if is_html => page(status),
            status => status.to_string(),
        }
    }
}

const SIGN_IN: &str = "sign-in";

fn page(status: u16) -> String {
    format!("page {status}")
}

/// What the worker answers by itself.
fn refused(cause: &Problem, asker: Requester) -> String {
    match refusal::refuse(cause, asker, None) {
        Refusal::ToShell(_) => SIGN_IN.to_owned(),
        Refusal::Page(status, _) => page(status),
        Refusal::Json(status, _) => status.to_string(),
    }
}
