use super::*;
use crate::algorithm::Algorithms;

const GOOD: &str = r#"{
    "origin": "https://mlflow.example.com",
    "provider": {
        "domain": "https://login.example.com",
        "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
        "client_id": "client"
    }
}"#;

#[test]
fn defaults_are_the_ones_documented() {
    let config = Config::parse(GOOD).unwrap();

    assert_eq!(config.bearer, Bearer::Id);
    assert_eq!(config.provider.scopes, ["openid", "email", "profile"]);
    assert_eq!(config.logout_uri(), "https://mlflow.example.com/");
    assert_eq!(config.session, Session::default());
}

#[test]
fn a_site_lacks_its_gateway_until_it_is_told_the_gateways_token_endpoint() {
    let mediated = GOOD.replace("\"client\"", "\"client\", \"via_gateway\": true");
    let mut config = Config::parse(&mediated).unwrap();
    assert!(config.lacks_gateway());
    config.provider.endpoints.token = "https://mlflow.example.com.evil.example/token".into();
    assert!(config.lacks_gateway());
    config.provider.endpoints.token = "https://mlflow.example.com/oauth2/token".into();
    assert!(!config.lacks_gateway());
    assert!(!Config::parse(GOOD).unwrap().lacks_gateway());
}

#[test]
fn a_session_kept_on_the_device_ends_after_half_a_day_unless_said() {
    let (open, device) = (Keep::WhileOpen, Keep::OnDevice);
    let table = [
        ("{}", open, None),
        (r#"{"max_age": 60}"#, open, Some(60)),
        (r#"{"keep": "on-device"}"#, device, Some(43_200)),
        (r#"{"keep": "on-device", "max_age": 60}"#, device, Some(60)),
    ];
    for (session, keep, max_age) in table {
        let config = Config::parse(&with_session(session)).unwrap();
        assert_eq!(config.session, Session { keep, max_age }, "{session}");
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(Config::parse(&written).unwrap(), config);
    }
}

/// A shell and a login on one's own machine.
fn on_this_machine() -> String {
    let there = GOOD.replace("https://mlflow.example.com", "http://localhost:8080");
    there.replace("https://login.example.com", "http://localhost:8081")
}

fn with_session(session: &str) -> String {
    with("session", session)
}

fn with(key: &str, value: &str) -> String {
    GOOD.replacen('{', &format!(r#"{{"{key}": {value},"#), 1)
}

#[test]
fn a_site_that_says_nothing_more_is_plain() {
    let config = Config::parse(GOOD).unwrap();

    assert_eq!(config.bar, Bar::Open);
    assert_eq!(config.python, None);
    assert_eq!(config.upstreams, []);
    assert_eq!(config.frame_ancestors(), "frame-ancestors 'self'");
}

#[test]
fn only_listed_sites_may_frame_it() {
    let listed = r#"["https://D-1.studio.us-east-1.sagemaker.aws/", "https://portal.example"]"#;
    let config = Config::parse(&with("frame_ancestors", listed)).unwrap();

    assert_eq!(
        config.frame_ancestors(),
        "frame-ancestors 'self' https://d-1.studio.us-east-1.sagemaker.aws https://portal.example"
    );
    let table = [
        ("https://portal.example", true),
        ("https://portal.example.evil.test", false),
        ("http://portal.example", false),
        ("null", false),
        ("", false),
    ];
    for (origin, may) in table {
        assert_eq!(config.may_frame(origin), may, "{origin}");
    }
}

#[test]
fn artifacts_come_from_this_site_unless_other_origins_are_listed() {
    let none = Config::parse(GOOD).unwrap();
    assert!(none.artifacts.is_empty());

    let lists = r#"{"store_origins": ["https://B.s3.amazonaws.com/"], "page_origins": ["https://cdn.plot.ly"]}"#;
    let config = Config::parse(&with("artifacts", lists)).unwrap();
    let [store, page] = [
        &config.artifacts.store_origins,
        &config.artifacts.page_origins,
    ]
    .map(|origins| origins[0].as_str());
    assert_eq!(
        [store, page],
        ["https://b.s3.amazonaws.com", "https://cdn.plot.ly"]
    );
    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written).unwrap(), config);
}

#[test]
fn where_a_server_is_stays_with_the_gateway() {
    let listed = r#"[{"name": "dev", "base": "http://10.0.0.7:5000"}, {"name": "central"}]"#;
    let config = Config::parse(&with("upstreams", listed)).unwrap();

    let base = config.upstreams[0].base.as_deref();
    assert_eq!(base, Some("http://10.0.0.7:5000"));
    let served = serde_json::to_string(&config).unwrap();
    assert!(!served.contains("10.0.0.7"), "{served}");
    assert!(Config::parse(&served).is_ok());
}

#[test]
fn programs_are_told_one_way() {
    let token = |sign_in| Python::Token {
        lifetime: 3600,
        sign_in,
    };
    let own = SignIn {
        client_id: Some("terminal".into()),
        redirect_uri: Some("http://localhost:8765/callback".into()),
    };
    let table = [
        (r#"{"access": "token"}"#, token(None)),
        (
            r#"{"access": "token", "sign_in": {}}"#,
            token(Some(SignIn::default())),
        ),
        (
            r#"{"access": "token", "sign_in": {"client_id": "terminal",
                "redirect_uri": "http://localhost:8765/callback"}}"#,
            token(Some(own)),
        ),
        (
            r#"{"access": "sigv4", "tracking_uri": "https://a.example/prod/"}"#,
            Python::SigV4 {
                tracking_uri: "https://a.example/prod".into(),
            },
        ),
    ];
    for (text, python) in table {
        let config = Config::parse(&with("python", text)).unwrap();
        assert_eq!(config.python, Some(python));
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(Config::parse(&written).unwrap(), config);
    }
}

/// The gateway makes token requests for pages only.
#[test]
fn beside_via_gateway_a_terminal_has_a_client_of_its_own() {
    let table = [
        (r#"{"access": "token", "sign_in": {}}"#, false),
        (
            r#"{"access": "token", "sign_in": {"client_id": "terminal"}}"#,
            true,
        ),
        (r#"{"access": "token"}"#, true),
    ];
    for (python, is_taken) in table {
        let mut config = Config::parse(&with("python", python)).unwrap();
        config.provider.via_gateway = true;
        let checked = config.check_sign_in();
        assert_eq!(checked.is_ok(), is_taken, "{python}: {checked:?}");
    }
}

#[test]
fn a_terminal_is_returned_to_on_this_machine_only() {
    let refused = [
        "https://127.0.0.1/callback",
        "http://mlflow.example.com/callback",
        "http://127.0.0.1",
        "http://127.0.0.1/callback?x",
        "http://127.0.0.1/callback#x",
        "http://me@127.0.0.1/callback",
        "mlflow:/callback",
        "",
    ];
    let empty = r#"{"access": "token", "sign_in": {"client_id": " "}}"#;
    let config = Config::parse(&with("python", empty)).unwrap();
    assert_eq!(
        config.check_sign_in(),
        Err("`python.sign_in.client_id` is empty")
    );
    for url in refused {
        let python = format!(r#"{{"access": "token", "sign_in": {{"redirect_uri": "{url}"}}}}"#);
        let config = Config::parse(&with("python", &python)).unwrap();
        let refused = config.check_sign_in().unwrap_err();
        assert!(
            refused.starts_with("`python.sign_in.redirect_uri` must be"),
            "{url}"
        );
    }
    for url in [
        "http://127.0.0.1/callback",
        "http://localhost:8765/",
        "http://[::1]:9/a/b",
    ] {
        let python = format!(r#"{{"access": "token", "sign_in": {{"redirect_uri": "{url}"}}}}"#);
        let config = Config::parse(&with("python", &python)).unwrap();
        assert_eq!(config.check_sign_in(), Ok(()), "{url}");
    }
    let signed = r#"{"access": "sigv4", "tracking_uri": "https://a.example", "sign_in": {}}"#;
    let error = Config::parse(&with("python", signed)).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"config.json: `python.sign_in` needs `access` "token""#
    );
}

#[test]
fn the_clients_of_users_are_the_pages_and_the_terminals() {
    let table = [
        (r#"{"access": "token"}"#, vec!["client"]),
        (r#"{"access": "token", "sign_in": {}}"#, vec!["client"]),
        (
            r#"{"access": "token", "sign_in": {"client_id": "client"}}"#,
            vec!["client"],
        ),
        (
            r#"{"access": "token", "sign_in": {"client_id": "native"}}"#,
            vec!["client", "native"],
        ),
    ];
    for (python, expected) in table {
        let mut config = Config::parse(&with("python", python)).unwrap();
        config.provider.client_id = "client".into();
        assert_eq!(config.client_ids(), expected, "{python}");
    }
}

#[test]
fn an_api_elsewhere_is_an_origin_and_plain_names() {
    let table = [
        ("https://A.example", "https://a.example/x?y"),
        ("https://a.example:443/prod/", "https://a.example/prod/x?y"),
        (
            "https://a.example/prod/mlflow",
            "https://a.example/prod/mlflow/x?y",
        ),
    ];
    for (api, url) in table {
        let config = Config::parse(&hosted(api)).unwrap();
        assert_eq!(config.api.as_ref().unwrap().url("/x", "?y"), url);
        let written = serde_json::to_string(&config).unwrap();
        assert_eq!(Config::parse(&written).unwrap(), config);
    }
}

/// A site with the UI among its files, and its API elsewhere.
fn hosted(api: &str) -> String {
    with("ui", &format!(r#""3.18.0", "api": "{api}""#))
}

#[test]
fn every_refusal_of_where_mlflow_is_names_the_key() {
    let twice = |key, value, more| with(key, &format!("{value}, {more}"));
    let table = [
        (
            hosted("http://a.example/prod"),
            "`api` is `http://a.example`, which must use https://",
        ),
        (
            hosted("http://localhost:9/prod"),
            "`api` is a local address, but `origin` is not",
        ),
        (hosted("a.example/prod"), "`api` is `a.example"),
        (
            hosted("https://a@b.example"),
            "`api` is `https://a@b.example`, which must be only",
        ),
        (
            hosted("https://a.example/prod/../admin"),
            "`api` has a path of other than plain names",
        ),
        (
            hosted("https://a.example//prod"),
            "`api` has a path of other than plain names",
        ),
        (
            hosted("https://a.example/prod?x"),
            "`api` has a path of other than plain names",
        ),
        (
            with("ui", r#""../x""#),
            "`ui` must be a version of MLflow, such as 3.18.0",
        ),
        (with("api", r#""https://a.example""#), "`api` needs `ui`"),
        (
            twice("ui", r#""3.18.0""#, r#""upstreams": [{"name": "dev"}]"#),
            "`ui` does not go with `upstreams`",
        ),
        (
            hosted("https://a.example").replacen('{', r#"{"python": {"access": "token"},"#, 1),
            "`api` does not go with `python.access` \"token\"",
        ),
        (
            hosted("https://a.example").replace("\"client\"", "\"client\", \"via_gateway\": true"),
            "`api` does not go with `provider.via_gateway`: a gateway has MLflow on this site",
        ),
    ];
    refuse(&table);
}

#[test]
fn what_is_written_can_be_read_again() {
    let config = Config::parse(GOOD).unwrap();

    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written).unwrap(), config);
}

#[test]
fn every_refusal_names_the_key_or_the_place() {
    let change = |from: &str, to: &str| GOOD.replace(from, to);
    let table = [
        (
            change("\"origin\"", "\"orgin\""),
            "`orgin` is not a known key, expected one of `origin`, `provider`, `bearer`, `session`, `frame_ancestors`, `bar`, `python`, `upstreams`, `api`, `ui`, `artifacts`, `roles`",
        ),
        (
            change("client_id", "clientId"),
            "`provider.clientId` is not a known key",
        ),
        (
            change("\"client\"", "\" \""),
            "`provider.client_id` is empty",
        ),
        (
            change("\"client\"", "7"),
            "`provider.client_id` has an invalid type: integer `7`, expected a string",
        ),
    ];
    refuse(&table);
}

#[test]
fn every_refusal_of_the_provider_names_the_key() {
    let change = |from: &str, to: &str| GOOD.replace(from, to);
    let table = [
        (
            change("https://login.example.com", "http://login.example.com"),
            "`provider.domain` is `http://login.example.com`, which must use https:// unless the host is localhost",
        ),
        (
            change("https://login.example.com", "http://localhost:8081"),
            "`provider.domain` is a local address, but `origin` is not",
        ),
        (
            change("https://cognito-idp", "cognito-idp"),
            "`provider.issuer` is `cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example`, which must begin with https:// (or http://localhost)",
        ),
        (
            change("https://cognito-idp", "http://cognito-idp"),
            "`provider.issuer` is `http://cognito-idp.eu-central-1.amazonaws.com`, which must use https:// unless the host is localhost",
        ),
        (
            on_this_machine().replace("https://cognito-idp", "http://cognito-idp"),
            "`provider.issuer` is `http://cognito-idp.eu-central-1.amazonaws.com`, which must use https:// unless the host is localhost",
        ),
        (
            change("\"client\"", "\"client\", \"scopes\": [\"email\"]"),
            "`provider.scopes` must have `openid` among them",
        ),
        (
            change("\"client\"", "\"client\", \"via_gateway\": \"yes\""),
            "`provider.via_gateway` has an invalid type",
        ),
        (
            change("\"client\"", "\"client\", \"post_id_token_at_logout\": 1"),
            "`provider.post_id_token_at_logout` has an invalid type",
        ),
        (
            with("bearer", "\"access\"").replace(
                "\"client\"",
                "\"client\", \"post_id_token_at_logout\": true",
            ),
            "`provider.post_id_token_at_logout` needs `bearer` \"id\"",
        ),
        (
            change("\"client_id\"", "\"groups\""),
            "`provider.groups` has an invalid type: string \"client\", expected a sequence",
        ),
    ];
    refuse(&table);
}

#[test]
fn every_refusal_of_a_kind_names_the_key_or_the_place() {
    let change = |from: &str, to: &str| GOOD.replace(from, to);
    let table = [
        (
            change("{\n    \"origin\"", "{\"bearer\": \"Id\",\"origin\""),
            "`bearer` has an unknown variant `Id`, expected `id` or `access`",
        ),
        (
            r#"{"origin": "https://a.example", "provider": 1}"#.to_owned(),
            "`provider` has an invalid type: integer `1`, expected an object",
        ),
        (
            with_session(r#"{"keep": "for-ever"}"#),
            "`session.keep` has an unknown variant `for-ever`, expected `while-open` or `on-device`",
        ),
        (
            with_session(r#"{"max_age": 0}"#),
            "`session.max_age` must be more than 0",
        ),
        (
            with_session(r#"{"maxAge": 1}"#),
            "`session.maxAge` is not a known key, expected `keep` or `max_age`",
        ),
        (
            with_session("true"),
            "`session` has an invalid type: boolean `true`, expected an object",
        ),
        ("{".to_owned(), "is not JSON: "),
        ("<!doctype html>".to_owned(), "is not JSON: "),
        (format!("{GOOD}}}"), "is not JSON: trailing"),
        (
            "[]".to_owned(),
            "has an invalid type: sequence, expected an object",
        ),
        ("{}".to_owned(), "`origin` is missing"),
    ];
    refuse(&table);
}

#[test]
fn what_derived_code_would_take_is_refused() {
    let twice = "\"client\", \"issuer\": \"https://b.example\"";
    let table = [
        (
            with_session(r#"["while-open", 60]"#),
            "`session` has an invalid type: sequence, expected an object",
        ),
        (
            with_session("null"),
            "`session` has an invalid type: null, expected an object",
        ),
        (
            with("bearer", r#"{"id": null}"#),
            "`bearer` has an invalid type: map, expected a string",
        ),
        (
            with("bearer", r#""id", "bearer": "access""#),
            "is not JSON: `bearer` is there twice at line 1",
        ),
        (
            GOOD.replace("\"client\"", twice),
            "is not JSON: `issuer` is there twice at line 7",
        ),
    ];
    refuse(&table);
}

#[test]
fn null_is_what_is_not_there() {
    let plain = Config::parse(GOOD).unwrap();
    for key in [
        "bearer",
        "frame_ancestors",
        "bar",
        "upstreams",
        "api",
        "ui",
        "roles",
    ] {
        assert_eq!(
            Config::parse(&with(key, "null")).as_ref(),
            Ok(&plain),
            "{key}"
        );
    }
    for key in ["scopes", "groups"] {
        let text = GOOD.replace("\"client\"", &format!("\"client\", \"{key}\": null"));
        assert_eq!(Config::parse(&text).as_ref(), Ok(&plain), "{key}");
    }
}

#[test]
fn every_refusal_of_what_users_are_offered_names_the_key() {
    let table = [
        (
            with("frame_ancestors", r#"["*"]"#),
            "`frame_ancestors[0]` is `*`, which must begin with https://",
        ),
        (
            with("frame_ancestors", r#""https://a.example""#),
            "`frame_ancestors` has an invalid type: string \"https://a.example\", expected a sequence",
        ),
        (
            with("artifacts", r#"{"origins": []}"#),
            "`artifacts.origins` is not a known key, expected `store_origins` or `page_origins`",
        ),
        (
            with(
                "artifacts",
                r#"{"store_origins": ["https://*.amazonaws.com"]}"#,
            ),
            "`artifacts.store_origins[0]` is `https://*.amazonaws.com`, which has no valid",
        ),
        (
            with("bar", r#""hidden""#),
            "`bar` has an unknown variant `hidden`, expected one of `open`, `collapsed`, `off`",
        ),
        (
            with("python", r#"{"access": "key"}"#),
            "`python.access` must be \"token\" or \"sigv4\"",
        ),
        (
            with("python", r#"{"access": "token", "lifetime": 86400}"#),
            "`python.lifetime` must be from 1 to 43200",
        ),
        (
            with(
                "python",
                r#"{"access": "sigv4", "tracking_uri": "http://a"}"#,
            ),
            "`python.tracking_uri` must be an https URL",
        ),
        (
            with("upstreams", r#"["dev"]"#),
            "`upstreams[0]` has an invalid type: string \"dev\", expected an object",
        ),
        (
            with("upstreams", r#"[{"name": "a/b"}]"#),
            "`upstreams[0].name` must be up to 32 of the letters",
        ),
        (
            with("upstreams", r#"[{"name": "a"}, {"name": "a"}]"#),
            "`upstreams[1].name` `a` is there twice",
        ),
        (
            with("upstreams", r#"[{"name": "shell"}]"#),
            "`upstreams[0].name` is `shell`, which is the shell's own",
        ),
    ];
    refuse(&table);
}

fn refuse(table: &[(String, &str)]) {
    for (json, expected) in table {
        let error = Config::parse(json).unwrap_err().to_string();
        let said = error.strip_prefix("config.json").unwrap();
        let said = said.trim_start_matches([':', ' ']);
        assert!(said.starts_with(expected), "{error}");
    }
}

#[test]
fn a_provider_that_is_not_cognito_says_where_it_answers() {
    let endpoints = r#"{"authorization": "https://A.example:443/auth?access_type=offline",
        "token": "https://b.example/token", "revocation": "https://c.example/revoke"}"#;
    let config = Config::parse(&with_endpoints(endpoints)).unwrap();

    let found = &config.provider.endpoints;
    assert_eq!(
        found.authorization,
        "https://a.example/auth?access_type=offline"
    );
    assert_eq!(found.end_session, "");
    let services = crate::hosting::Deployment::of(&config).services;
    let expected = [
        "https://login.example.com",
        "https://b.example",
        "https://c.example",
    ];
    assert_eq!(services, expected);
    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(Config::parse(&written).unwrap(), config);
}

#[test]
fn every_refusal_of_an_endpoint_names_the_key() {
    let with = |token: &str| {
        let authorization = "https://a.example/auth";
        with_endpoints(&format!(
            r#"{{"authorization": "{authorization}", "token": "{token}"}}"#
        ))
    };
    let table = [
        (
            with_endpoints(r#"{"token": "https://a.example/token"}"#),
            "`provider.endpoints.authorization` is missing",
        ),
        (
            with_endpoints(r#"{"authorisation": "https://a.example"}"#),
            "`provider.endpoints.authorisation` is not a known key",
        ),
        (
            with("http://a.example/token"),
            "`provider.endpoints.token` is `http://a.example`, which must use https://",
        ),
        (
            with("http://localhost:9/token"),
            "`provider.endpoints.token` is a local address, but `origin` is not",
        ),
        (
            with("https://a.example;x/token"),
            "`provider.endpoints.token` is `https://a.example;x`, which has no valid",
        ),
        (
            with("https://a.example/token#x"),
            "`provider.endpoints.token` has a space or a `#`",
        ),
        (
            with("https://a.example/to ken"),
            "`provider.endpoints.token` has a space or a `#`",
        ),
    ];
    refuse(&table);
}

fn with_endpoints(endpoints: &str) -> String {
    GOOD.replace(
        "\"client\"",
        &format!("\"client\", \"endpoints\": {endpoints}"),
    )
}

/// A configuration with these keys in its `provider`.
fn with_provider(keys: &str) -> String {
    GOOD.replacen(r#""provider": {"#, &format!(r#""provider": {{{keys}, "#), 1)
}

#[test]
fn how_tokens_are_read_is_the_usual_unless_said() {
    let usual = Config::parse(GOOD).unwrap().provider;
    assert_eq!(usual.algorithms, Algorithms::all());
    assert_eq!(usual.clock_leeway, CLOCK_LEEWAY);
    assert_eq!(usual.name_claims, NameClaims::default());
    let written = serde_json::to_string(&usual).unwrap();
    for key in ["algorithms", "clock_leeway", "name_claims"] {
        assert!(!written.contains(key), "{written}");
        let null = with_provider(&format!(r#""{key}": null"#));
        assert_eq!(Config::parse(&null).unwrap().provider, usual, "{key}");
    }

    let said = with_provider(
        r#""algorithms": ["ES256", "EdDSA"], "clock_leeway": 300, "name_claims": ["upn", "sub"]"#,
    );
    let said = Config::parse(&said).unwrap();
    assert_eq!(said.provider.algorithms.to_string(), "ES256, EdDSA");
    assert_eq!(said.provider.clock_leeway, 300);
    let written = serde_json::to_string(&said).unwrap();
    assert_eq!(Config::parse(&written), Ok(said));
}

#[test]
fn how_tokens_are_read_is_refused_by_the_key() {
    let table = [
        (
            r#""algorithms": ["RS256", "HS256"]"#,
            "`provider.algorithms` has `HS256`, which is none of RS256, RS384, RS512, PS256, \
             PS384, PS512, ES256, ES384, EdDSA",
        ),
        (
            r#""algorithms": []"#,
            "`provider.algorithms` is empty: name some of RS256",
        ),
        (
            r#""clock_leeway": 301"#,
            "`provider.clock_leeway` must be from 0 to 300 seconds",
        ),
        (
            r#""clock_leeway": -1"#,
            "`provider.clock_leeway` has an invalid value",
        ),
        (
            r#""name_claims": []"#,
            "`provider.name_claims` must name one claim or several, such as `email`",
        ),
        (
            r#""name_claims": [""]"#,
            "`provider.name_claims` must name one claim or several",
        ),
    ];
    for (keys, expected) in table {
        let refused = Config::parse(&with_provider(keys)).unwrap_err();
        let refused = refused.to_string();
        assert!(
            refused.starts_with(&format!("config.json: {expected}")),
            "{refused}"
        );
    }
}
