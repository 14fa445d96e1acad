use super::*;
use crate::{
    Config,
    refusal::{Problem, Requester},
    testing::clearance,
};

#[test]
fn every_spelling_of_a_path_has_one_place() {
    let upstream = |path| RouteTarget::Upstream(None, path);
    let file = |path| RouteTarget::StaticFile(None, path);
    let table = [
        ("/", RouteTarget::Shell),
        ("/callback", RouteTarget::Shell),
        ("/sw.js", RouteTarget::Shell),
        ("/mlflowx/ajax-api", RouteTarget::Shell),
        ("/%6dlflow/", RouteTarget::Shell),
        ("/mlflow%2Fajax-api", RouteTarget::Shell),
        ("//mlflow/", RouteTarget::Shell),
        ("/MLFLOW/", RouteTarget::Shell),
        ("/mlflow", upstream("/")),
        ("/mlflow/", upstream("/")),
        (
            "/mlflow/ajax-api/2.0/mlflow/runs/search",
            upstream("/ajax-api/2.0/mlflow/runs/search"),
        ),
        (
            "/mlflow/static-files/static/js/main.1a2b.js",
            file("/static-files/static/js/main.1a2b.js"),
        ),
        (
            "/mlflow/static-files/a%20b.png",
            file("/static-files/a%20b.png"),
        ),
        ("/mlflow/static-files", upstream("/static-files")),
        ("/mlflow/static-files/", upstream("/static-files/")),
        ("/mlflow/static-filesx/a", upstream("/static-filesx/a")),
        ("/mlflow/static-files/../graphql", RouteTarget::Nowhere),
        ("/mlflow/static-files/%2e%2e/graphql", RouteTarget::Nowhere),
        ("/mlflow/static-files/..%2fgraphql", RouteTarget::Nowhere),
        ("/mlflow/static-files/..%5cgraphql", RouteTarget::Nowhere),
        (
            "/mlflow/static-files//graphql",
            upstream("/static-files//graphql"),
        ),
        ("/mlflow/static-files/%zz", upstream("/static-files/%zz")),
        (
            "/mlflow/static-files/a%00b",
            upstream("/static-files/a%00b"),
        ),
    ];
    for (path, expected) in table {
        assert_eq!(route_target(path), expected, "{path}");
    }
}

#[test]
fn a_server_is_named_by_its_first_segment() {
    use RouteTarget::{Nowhere, Shell, StaticFile, Tokens, Upstream};
    let dev = Some("dev");
    let longest = "/mlflow/@12345678901234567890123456789012/a";
    let table = [
        ("/mlflow/@dev", Upstream(dev, "/")),
        ("/mlflow/@dev/", Upstream(dev, "/")),
        ("/mlflow/@dev/graphql", Upstream(dev, "/graphql")),
        ("/mlflow/@dev/@dev/x", Upstream(dev, "/@dev/x")),
        ("/mlflow/@dev/a%2Fb%20..c", Upstream(dev, "/a%2Fb%20..c")),
        (
            "/mlflow/@dev/static-files/a.js",
            StaticFile(dev, "/static-files/a.js"),
        ),
        ("/mlflow/@dev/static-files", Upstream(dev, "/static-files")),
        (
            "/mlflow/@dev/static-files//a",
            Upstream(dev, "/static-files//a"),
        ),
        (
            "/mlflow/static-files/@dev/a",
            StaticFile(None, "/static-files/@dev/a"),
        ),
        ("/mlflow/x/@dev/", Upstream(None, "/x/@dev/")),
        ("/mlflow//@dev/", Upstream(None, "//@dev/")),
        (
            longest,
            Upstream(Some("12345678901234567890123456789012"), "/a"),
        ),
        // What begins with @ and is no name.
        ("/mlflow/@", Nowhere),
        ("/mlflow/@/graphql", Nowhere),
        ("/mlflow/@Dev/graphql", Nowhere),
        ("/mlflow/@dev.x/graphql", Nowhere),
        ("/mlflow/@dev%2fgraphql", Nowhere),
        ("/mlflow/@d%65v/graphql", Nowhere),
        ("/mlflow/@dev\\graphql", Nowhere),
        ("/mlflow/@123456789012345678901234567890123/a", Nowhere),
        ("/mlflow/%40dev/graphql", Nowhere),
        ("/mlflow/%40", Nowhere),
        ("/mlflow/%40shell/tokens", Nowhere),
        // What would leave its server.
        ("/mlflow/@dev/..", Nowhere),
        ("/mlflow/@dev/../@central/graphql", Nowhere),
        ("/mlflow/@dev/a/../../central/graphql", Nowhere),
        ("/mlflow/@dev/%2e%2E/central/graphql", Nowhere),
        ("/mlflow/@dev/..%2fcentral/graphql", Nowhere),
        ("/mlflow/@dev/a%5c..%5ccentral", Nowhere),
        ("/mlflow/@dev/static-files/../graphql", Nowhere),
        ("/mlflow/@dev/%zz", Nowhere),
        // The gateway's own.
        ("/mlflow/@shell/tokens", Tokens),
        ("/mlflow/@shell/tokens/0123456789abcdef", Tokens),
        ("/mlflow/@shell/tokens/", Nowhere),
        ("/mlflow/@shell/tokens/0123456789abcde", Nowhere),
        ("/mlflow/@shell/tokens/0123456789abcdeF", Nowhere),
        ("/mlflow/@shell/tokens/0123456789abcdef/", Nowhere),
        ("/mlflow/@shell/tokens/..%2fa56789abcdef", Nowhere),
        ("/mlflow/@shell/token", Nowhere),
        ("/mlflow/@shell/", Nowhere),
        ("/mlflow/@shell", Nowhere),
        ("/apix/2.0", Shell),
        ("/API/2.0", Shell),
        ("api/2.0", Shell),
        ("mlflow/", Shell),
        ("", Shell),
    ];
    for (path, expected) in table {
        assert_eq!(route_target(path), expected, "{path}");
    }
}

#[test]
fn programs_call_at_the_root_or_below_a_server() {
    use RouteTarget::{Nowhere, Program, Shell, Upstream};
    let dev = Some("dev");
    let table = [
        (
            "/api/2.0/mlflow/runs/search",
            Program(None, "/api/2.0/mlflow/runs/search"),
        ),
        ("/@dev/api/2.0/x", Program(dev, "/api/2.0/x")),
        ("/@dev/api", Program(dev, "/api")),
        ("/version", Program(None, "/version")),
        ("/v1/traces", Program(None, "/v1/traces")),
        ("/@dev/version", Program(dev, "/version")),
        ("/@dev/v1/traces", Program(dev, "/v1/traces")),
        (
            "/gateway/mlflow/v1/chat/completions",
            Program(None, "/gateway/mlflow/v1/chat/completions"),
        ),
        (
            "/@dev/gateway/chat/mlflow/invocations",
            Program(dev, "/gateway/chat/mlflow/invocations"),
        ),
        ("/ajax-api/3.0/jobs/", Program(None, "/ajax-api/3.0/jobs/")),
        (
            "/@dev/ajax-api/3.0/jobs/",
            Program(dev, "/ajax-api/3.0/jobs/"),
        ),
        ("/gateway/../graphql", Nowhere),
        ("/@dev/gateway/%2e%2e/graphql", Nowhere),
        ("/@Dev/gateway/x", Nowhere),
        ("/gatewayx/x", Shell),
        ("/%67ateway/x", Shell),
        ("/mlflow/gateway/x", Upstream(None, "/gateway/x")),
        ("/@Dev/version", Nowhere),
        ("/@shell/version", Nowhere),
        ("/dev/version", Shell),
        ("/version/", Shell),
        ("/Version", Shell),
        ("/v%31/traces", Shell),
        ("/v1/traces/x", Shell),
        ("/mlflow/version", Upstream(None, "/version")),
        ("/api/../graphql", Nowhere),
        ("/@dev/api/%2e%2e/graphql", Nowhere),
        ("/@Dev/api/2.0/x", Nowhere),
        ("/@shell/api/2.0/x", Nowhere),
        ("/@dev/graphql", Shell),
        ("/@dev", Shell),
        ("/%40dev/api/2.0/x", Shell),
        ("/dev/api/2.0/x", Shell),
    ];
    for (path, expected) in table {
        assert_eq!(route_target(path), expected, "{path}");
    }
}

#[test]
fn a_client_that_is_no_browser_calls_below_mlflow_what_programs_call() {
    use RouteTarget::{Nowhere, Program, StaticFile, Tokens, Upstream};
    let dev = Some("dev");
    let table = [
        ("/mlflow/api/2.0/x", Program(None, "/api/2.0/x")),
        ("/mlflow/@dev/api/2.0/x", Program(dev, "/api/2.0/x")),
        ("/mlflow/gateway/x", Program(None, "/gateway/x")),
        ("/mlflow/version", Program(None, "/version")),
        ("/mlflow/@dev/v1/traces", Program(dev, "/v1/traces")),
        // What MLflow's pages call is theirs.
        ("/mlflow/", Upstream(None, "/")),
        ("/mlflow/ajax-api/2.0/x", Upstream(None, "/ajax-api/2.0/x")),
        ("/mlflow/graphql", Upstream(None, "/graphql")),
        ("/mlflow/get-artifact", Upstream(None, "/get-artifact")),
        ("/mlflow/version/", Upstream(None, "/version/")),
        // Another spelling is no program's.
        ("/mlflow/%61pi/2.0/x", Upstream(None, "/%61pi/2.0/x")),
        ("/mlflow/api/%zz", Upstream(None, "/api/%zz")),
        ("/mlflow//api/x", Upstream(None, "//api/x")),
        ("/mlflow/api/../graphql", Nowhere),
        (
            "/mlflow/static-files/api",
            StaticFile(None, "/static-files/api"),
        ),
        ("/mlflow/@shell/tokens", Tokens),
    ];
    for (path, expected) in table {
        let target = route_target(path);
        assert_eq!(target.of_client(false), expected, "{path}");
        assert_eq!(target.of_client(true), target, "{path}");
    }
}

#[test]
fn tokens_go_to_our_upstream_and_nowhere_else() {
    let own = "https://shell.example";
    let table = [
        ("https://shell.example", "/mlflow/graphql", "", true),
        (
            "https://shell.example",
            "/mlflow/get-artifact",
            "?path=a",
            true,
        ),
        (own, "/mlflow/@dev/graphql", "", true),
        (own, "/mlflow/@shell/tokens", "", true),
        (own, "/mlflow/@dev/static-files/main.js", "", false),
        (own, "/mlflow/@Dev/graphql", "", false),
        (own, "/mlflow/%40dev/graphql", "", false),
        (own, "/mlflow/@dev/../graphql", "", false),
        (own, "/mlflow/@shell/", "", false),
        (own, "/api/2.0/mlflow/runs/search", "", false),
        (own, "/@dev/api/2.0/mlflow/runs/search", "", false),
        (own, "/gateway/mlflow/v1/chat/completions", "", false),
        (own, "/ajax-api/3.0/jobs/", "", false),
        ("https://evil.test", "/mlflow/@shell/tokens", "", false),
        (
            "https://shell.example",
            "/mlflow/static-files/main.js",
            "",
            false,
        ),
        ("https://shell.example", "/config.json", "", false),
        (
            "https://shell.example.evil.test",
            "/mlflow/graphql",
            "",
            false,
        ),
        ("https://shell.example:8443", "/mlflow/graphql", "", false),
        ("http://shell.example", "/mlflow/graphql", "", false),
        ("null", "/mlflow/graphql", "", false),
        (
            "https://shell.example",
            "/mlflow/x",
            "?X-Amz-Signature=1",
            false,
        ),
        (
            "https://shell.example",
            "/mlflow/x",
            "?a=b&x-amz-algorithm=AWS4",
            false,
        ),
        (
            "https://shell.example",
            "/mlflow/x",
            "?X%2DAmz-Signature=1",
            false,
        ),
    ];
    for (origin, path, query, cleared) in table {
        let arrival = Arrival {
            origin,
            path,
            query,
            method: "POST",
            requester: Requester::Script,
        };
        let judgement = judge(own, &arrival);
        let is_clear = matches!(judgement, Judgement::Clear(_));
        let is_left = matches!(judgement, Judgement::Leave);
        assert_eq!([is_clear, is_left], [cleared, !cleared], "{arrival:?}");
    }
}

#[test]
fn what_another_site_may_have_begun_reads_files_or_ends_in_our_page() {
    const CLEAR: &str = "clear";
    const REFUSE: &str = "refuse";
    const LEAVE: &str = "leave";
    let table = [
        ("GET", "/mlflow/", CLEAR),
        ("GET", "/mlflow/@dev/", CLEAR),
        ("HEAD", "/mlflow", CLEAR),
        ("GET", "/mlflow/get-artifact", CLEAR),
        ("POST", "/mlflow/", REFUSE),
        ("POST", "/mlflow/@dev/", REFUSE),
        ("POST", "/mlflow/get-artifact", REFUSE),
        ("POST", "/mlflow/ajax-api/2.0/mlflow/runs/delete", REFUSE),
        ("GET", "/mlflow/ajax-api/2.0/mlflow/gateway-proxy", REFUSE),
        ("GET", "/mlflow/@dev/graphql", REFUSE),
        ("GET", "/mlflow/ajax-api%2F3.0/mlflow/gateway-proxy", REFUSE),
        ("POST", "/mlflow/@shell/tokens", REFUSE),
        ("GET", "/mlflow/@shell/tokens", REFUSE),
        // What has no token anyway.
        ("POST", "/", LEAVE),
        ("POST", "/mlflow/static-files/a.js", LEAVE),
        ("POST", "/api/2.0/mlflow/runs/delete", LEAVE),
        ("POST", "/mlflow/@Dev/graphql", LEAVE),
    ];
    let own = "https://shell.example";
    for (method, path, expected) in table {
        for requester in [Requester::Tab, Requester::Frame] {
            let arrival = Arrival {
                origin: own,
                path,
                query: "",
                method,
                requester,
            };
            let found = match judge(own, &arrival) {
                Judgement::Clear(_) => CLEAR,
                Judgement::Refuse(cause) => {
                    assert_eq!(cause, Problem::NOT_NAVIGABLE);
                    REFUSE
                }
                Judgement::Leave => LEAVE,
            };
            assert_eq!(found, expected, "{arrival:?}");
        }
    }
}

#[test]
fn leave_is_for_the_server_that_was_named() {
    let own = "https://shell.example";
    let table = [
        ("/mlflow/graphql", None, false),
        ("/mlflow/@dev/graphql", Some("dev"), false),
        ("/mlflow/@shell/tokens", None, true),
    ];
    for (path, server, gateway) in table {
        let clearance = clearance(own, path, "");
        assert_eq!(clearance.server(), server, "{path}");
        assert_eq!(clearance.is_for_gateway(), gateway, "{path}");
    }
}

#[test]
fn where_the_ui_is_hosted_no_file_takes_a_token() {
    let hosted = r#""ui": "3.18.0""#;
    let elsewhere = r#""ui": "3.18.0", "api": "https://api.example/prod/mlflow/""#;
    let api = |rest: &str| Dispatch::Api(["https://api.example/prod/mlflow", rest].concat());
    let table = [
        (
            "/mlflow/",
            "",
            Dispatch::Here,
            Dispatch::File,
            Dispatch::File,
        ),
        (
            "/mlflow",
            "?a",
            Dispatch::Here,
            Dispatch::File,
            Dispatch::File,
        ),
        (
            "/mlflow/index.html",
            "",
            Dispatch::Here,
            Dispatch::File,
            Dispatch::File,
        ),
        (
            "/mlflow/graphql",
            "",
            Dispatch::Here,
            Dispatch::Here,
            api("/graphql"),
        ),
        (
            "/mlflow/get-artifact",
            "?path=a%20b",
            Dispatch::Here,
            Dispatch::Here,
            api("/get-artifact?path=a%20b"),
        ),
        (
            "/mlflow//evil.example/x",
            "",
            Dispatch::Here,
            Dispatch::Here,
            api("//evil.example/x"),
        ),
        // Another API may be beside it.
        (
            "/mlflow/..%2f..%2fother/%zz",
            "",
            Dispatch::Here,
            Dispatch::Here,
            Dispatch::File,
        ),
        // There is no gateway.
        (
            "/mlflow/@shell/tokens",
            "",
            Dispatch::Here,
            Dispatch::Here,
            Dispatch::File,
        ),
    ];
    let own = "https://mlflow.example.com";
    let sites = ["", hosted, elsewhere].map(site);
    for (path, query, plain, hosted, elsewhere) in table {
        let clearance = clearance(own, path, query);
        for (site, dispatch) in sites.iter().zip([plain, hosted, elsewhere]) {
            assert_eq!(clearance.dispatch(site), dispatch, "{path}");
        }
    }
}

/// A configuration with more than the least.
fn site(more: &str) -> Config {
    let mut written = serde_json::to_value(crate::testing::config()).unwrap();
    let more: serde_json::Value = serde_json::from_str(&format!("{{{more}}}")).unwrap();
    for (key, value) in more.as_object().unwrap() {
        written[key] = value.clone();
    }
    Config::parse(&written.to_string()).unwrap()
}

/// Whether a pattern of [`STATIC_ROUTES`] has `path`: `:name` is a segment, and `*`
/// at the end anything.
fn has(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once(':') else {
        return path.starts_with(pattern.trim_end_matches('*'));
    };
    let tail = rest.find('/').map_or("", |at| &rest[at..]);
    let below = path
        .strip_prefix(head)
        .and_then(|below| Some(below.split_at(below.find('/')?)));
    below.is_some_and(|(segment, below)| !segment.is_empty() && has(tail, below))
}

#[test]
fn what_browsers_are_told_to_send_by_themselves_takes_no_token() {
    let rules: serde_json::Value = serde_json::from_str(STATIC_ROUTES).unwrap();
    let rules = rules.as_array().unwrap();
    assert!(rules.iter().all(|rule| rule["source"] == "network"));
    let patterns = rules
        .iter()
        .map(|rule| rule["condition"]["urlPattern"].as_str().unwrap());
    let patterns: Vec<_> = patterns.collect();
    let table = [
        ("/mlflow/static-files/static/js/main.1a2b.js", true),
        ("/mlflow/@dev/static-files/static/js/main.1a2b.js", true),
        ("/shell-app-1a2b.js", true),
        ("/boot-1a2b.js", true),
        ("/", false),
        ("/callback", false),
        ("/mlflow/", false),
        ("/mlflow/@dev/", false),
        ("/mlflow/@dev/ajax-api/a/static-files/b", false),
        ("/mlflow/ajax-api/2.0/mlflow/runs/search", false),
        ("/mlflow/ajax-api/static-files/a", false),
        ("/mlflow/@shell/tokens", false),
    ];
    for (path, expected) in table {
        let is_routed = patterns.iter().any(|pattern| has(pattern, path));
        assert_eq!(is_routed, expected, "{path}");
        let arrival = Arrival {
            origin: "https://shell.example",
            path,
            query: "",
            method: "GET",
            requester: Requester::Script,
        };
        let judgement = judge("https://shell.example", &arrival);
        assert!(
            !is_routed || matches!(judgement, Judgement::Leave),
            "{path}"
        );
    }
}
