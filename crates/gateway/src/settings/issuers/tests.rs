use serde_json::{Value, json};

use shell_core::config::{Python, SignIn};

use super::*;

const OTHER: &str = "https://id.example.com/realms/ml";
const POOL: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";

#[test]
fn only_cognitos_keys_have_a_place_that_is_known() {
    let table = [
        (POOL, true),
        (
            "https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
            true,
        ),
        (
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Example",
            true,
        ),
        (
            "https://cognito-idp.eu-central-1.amazonaws.com.evil.org/eu-central-1_Example",
            false,
        ),
        (
            "https://cognito-idp.eu-central-1.amazonaws.com/us-east-1_Example",
            false,
        ),
        (
            "https://cognito-idp.evil.org.amazonaws.com/x_Example",
            false,
        ),
        (
            "https://cognito.eu-central-1.amazonaws.com/eu-central-1_Example",
            false,
        ),
        (
            "https://evil.org/cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
            false,
        ),
        (
            "http://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example",
            false,
        ),
        ("https://accounts.google.com", false),
    ];
    for (issuer, is_known) in table {
        let expected = if is_known {
            KeySource::At(format!("{issuer}/.well-known/jwks.json").parse().unwrap())
        } else {
            KeySource::Discovered(issuer.to_owned())
        };
        assert_eq!(KeySource::of(issuer), expected, "{issuer}");
    }
}

/// A terminal may have a client of its own. No other audience is accepted for it.
#[test]
fn tokens_of_the_pages_and_the_terminals_client_are_accepted() {
    let mut config = config();
    let accepted = |config: &Config| {
        let [only] = &TrustedIssuer::of(config, None).issuer.accepted[..] else {
            panic!("one kind of token");
        };
        assert!(only.audiences.is_empty());
        only.client_ids.clone()
    };
    let own = config.provider.client_id.clone();
    assert_eq!(accepted(&config), std::slice::from_ref(&own));
    let sign_in = SignIn {
        client_id: Some("terminal".to_owned()),
        redirect_uri: None,
    };
    config.python = Some(Python::Token {
        lifetime: 60,
        sign_in: Some(sign_in),
    });
    assert_eq!(accepted(&config), [own, "terminal".to_owned()]);

    // Its ID tokens must not pass for access tokens.
    let mut api = given(&json!({"bearer": "access"}));
    api.audiences = vec!["terminal".to_owned()];
    let refused = TrustedIssuer::all(&config, None, &[api]).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("`audiences` must not have the app client")
    );
}

#[test]
fn several_entries_of_one_issuer_are_one_issuer() {
    let config = config();
    let mut machine = given(&json!({"issuer": config.provider.issuer, "bearer": "access"}));
    machine.client_ids = vec!["robot".to_owned()];
    let other = given(&json!({}));
    let given = [machine, other.clone(), other];

    let found = TrustedIssuer::all(&config, None, &given).unwrap();

    let names: Vec<_> = found.iter().map(|one| one.issuer.name.as_str()).collect();
    assert_eq!(names, [config.provider.issuer.as_str(), OTHER]);
    let kinds = |one: &TrustedIssuer| {
        let accepted = one.issuer.accepted.iter();
        accepted.map(|accepted| accepted.bearer).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&found[0]), [Bearer::Id, Bearer::Access]);
    assert_eq!(kinds(&found[1]), [Bearer::Id, Bearer::Id]);
}

#[test]
fn what_is_wrong_is_said_with_its_issuer() {
    let table = [
        (
            json!({"issuer": "http://id.example.com"}),
            "must use https://",
        ),
        (json!({"issuer": "https://id.example.com?a"}), "has a query"),
        (
            json!({"jwks": "http://id.example.com/keys"}),
            "`jwks` must use https://",
        ),
        (
            json!({"jwks": "http://localhost:9/keys"}),
            "`jwks` is on this machine",
        ),
        (
            json!({"jwks": "keys.json"}),
            "`jwks` is not an absolute URL",
        ),
        (json!({"client_ids": []}), "say for whom tokens are"),
        (json!({"client_ids": [" "]}), "no empty names"),
        (
            json!({"audiences": ["api"]}),
            "`audiences` are those of access tokens",
        ),
        (
            json!({"audiences": ["client"], "bearer": "access"}),
            "must not have the app client of config.json",
        ),
        (
            json!({"groups": "admins"}),
            "`groups`: has an invalid type: string",
        ),
        (
            json!({"groups": [{"value": "a"}]}),
            "`groups`: `[0].claim` is missing",
        ),
        (
            json!({"algorithms": ["RS256", "HS256"]}),
            "`algorithms` has `HS256`, which is none of RS256",
        ),
        (
            json!({"name_claims": [""]}),
            "`name_claims` must name one claim or several",
        ),
        (
            json!({"groups": [{"claim": "a", "value": "b"}]}),
            "`groups`: `[0].value` and `group`",
        ),
    ];
    for (changes, problem) in table {
        let given = given(&changes);
        let said = TrustedIssuer::all(&config(), None, std::slice::from_ref(&given));
        let said = said.unwrap_err().to_string();
        let begins = format!("`issuers`: `{}`: ", given.issuer);
        assert!(
            said.starts_with(&begins) && said.contains(problem),
            "{said}"
        );
    }
}

#[test]
fn keys_come_over_plain_http_from_this_machine_only() {
    let insecure = "must use https://";
    let table = [
        ("https://keys.example/jwks.json?v=1", None),
        ("http://localhost:9/keys", None),
        ("http://127.0.0.1:9/keys", None),
        ("http://127.8.9.10/keys", None),
        ("http://[::1]:9/keys", None),
        ("http://keys.example/jwks.json", Some(insecure)),
        ("HTTP://keys.example/jwks.json", Some(insecure)),
        ("http://10.0.0.7:8080/keys", Some(insecure)),
        ("http://128.0.0.1/keys", Some(insecure)),
        ("http://127.0.0.1.evil.test/keys", Some(insecure)),
        ("http://localhost.evil.test/keys", Some(insecure)),
        ("http://[::2]/keys", Some("has no valid host name")),
        (
            "http://localhost@evil.test/keys",
            Some("must be only scheme, host and port"),
        ),
        ("ftp://keys.example/keys", Some("must begin with https://")),
        ("/etc/keys.json", Some("is not an absolute URL")),
    ];
    for (url, problem) in table {
        let jwks = url.parse().unwrap();
        let found = TrustedIssuer::all(&config(), Some(&jwks), &[]);
        let said = found.map(drop).map_err(|error| error.to_string());
        match (said, problem) {
            (Ok(()), None) => {}
            (Err(said), Some(problem)) => {
                assert!(said.starts_with("`jwks`: `"), "{said}");
                assert!(said.contains(problem), "{said}");
                assert!(said.contains("name the https URL"), "{said}");
            }
            (said, _) => panic!("{url}: {said:?}"),
        }
    }
}

#[test]
fn keys_are_in_one_place() {
    let with_keys = |url: &str| given(&json!({"jwks": url}));
    let [one, two] = ["https://a.example/1", "https://a.example/2"].map(with_keys);
    let found = TrustedIssuer::all(&config(), None, &[one.clone(), one.clone()]);
    assert!(found.is_ok());
    let said = TrustedIssuer::all(&config(), None, &[one, two]).unwrap_err();
    assert!(said.to_string().contains("two places"), "{said}");
}

#[test]
fn an_issuers_tokens_have_one_list_of_algorithms() {
    let with =
        |issuer: &str, names: &[&str]| given(&json!({"issuer": issuer, "algorithms": names}));
    let all = |given: &[IssuerSettings]| TrustedIssuer::all(&config(), None, given);
    let listed = |given: &[IssuerSettings]| {
        let all = all(given).unwrap();
        let last = all.last().map(|one| one.issuer.algorithms.to_string());
        last.unwrap_or_default()
    };
    let es256 = with(OTHER, &["ES256"]);
    assert_eq!(listed(std::slice::from_ref(&es256)), "ES256");
    assert_eq!(listed(&[es256.clone(), es256.clone()]), "ES256");
    assert_eq!(listed(&[es256.clone(), given(&json!({}))]), "ES256");
    assert_eq!(listed(&[given(&json!({}))]), Algorithms::all().to_string());
    for two in [
        [es256, with(OTHER, &["RS256"])],
        // The sign-in's takes all.
        [with(POOL, &["RS256"]), given(&json!({}))],
    ] {
        let said = all(&two).unwrap_err().to_string();
        assert!(said.contains("algorithms differ in two places"), "{said}");
    }
}

#[test]
fn the_clock_is_this_machines_whoever_issued_the_token() {
    let mut config = config();
    config.provider.clock_leeway = 7;
    let all = TrustedIssuer::all(&config, None, &[given(&json!({}))]).unwrap();
    assert!(all.iter().all(|one| one.issuer.leeway == 7));
}

/// A good entry, with `changes`.
fn given(changes: &Value) -> IssuerSettings {
    let mut given = json!({
        "issuer": OTHER, "client_ids": ["app"], "groups": [{"claim": "groups"}],
    });
    for (name, value) in changes.as_object().unwrap() {
        given[name] = value.clone();
    }
    serde_json::from_value(given).unwrap()
}

fn config() -> Config {
    let text = json!({
        "origin": "https://mlflow.example.com",
        "provider": {
            "domain": "https://login.example.com", "issuer": POOL, "client_id": "client",
        },
    });
    Config::parse(&text.to_string()).unwrap()
}
