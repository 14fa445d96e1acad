use super::*;

const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
const POLICY: &str = r#"{"rules": [{"name": "all", "groups": ["g"], "allow": "everything"}]}"#;

#[test]
fn an_issuer_and_a_client_are_enough() {
    let settings = read(&[("ISSUER", ISSUER), ("CLIENT_ID", "client")]).unwrap();

    assert_eq!(issuers(&settings), [ISSUER]);
    assert_eq!(settings.client_ids, ["client"]);
    assert_eq!(settings.bearers, [Bearer::Id]);
    assert_eq!(settings.policy, Policy::built_in());
    assert_eq!(settings.algorithms, Algorithms::all());
    assert_eq!(settings.clock_leeway, CLOCK_LEEWAY);
    assert_eq!(settings.names, NameClaims::default());
    assert_eq!(settings.form, ResponseFormat::default());
    assert_eq!(settings.base_path, "");
    assert_eq!(
        settings.issuers[0].jwks_url,
        format!("{ISSUER}/.well-known/jwks.json").as_str()
    );
}

#[test]
fn what_is_set_counts() {
    let keys = "http://127.0.0.1:9000/keys?v=1";
    let settings = read(&[
        ("ISSUER", "https://issuer.example/ https://other.example"),
        ("CLIENT_ID", "one\ntwo"),
        ("BEARER", "any"),
        ("JWKS_URL", &format!("{keys} https://other.example/keys")),
        ("AUDIENCE", "https://api.example"),
        ("GROUPS", r#"[{"claim": "groups"}]"#),
        ("ALGORITHMS", "ES256 EdDSA"),
        ("CLOCK_LEEWAY", "0"),
        ("NAME_CLAIMS", "upn sub"),
        ("POLICY", POLICY),
        ("ANSWER", "user"),
        ("ANSWER_LIMIT", "65536"),
        ("SIMPLE_RESPONSES", "false"),
        ("BASE_PATH", "/team/mlflow/"),
    ]);
    let settings = settings.unwrap();

    assert_eq!(
        issuers(&settings),
        ["https://issuer.example/", "https://other.example"]
    );
    assert_eq!(settings.issuers[0].jwks_url, keys);
    assert_eq!(settings.issuers[1].jwks_url, "https://other.example/keys");
    assert_eq!(settings.audiences, ["https://api.example"]);
    assert_ne!(settings.groups, Groups::default());
    assert_eq!(settings.algorithms.to_string(), "ES256, EdDSA");
    assert_eq!(settings.clock_leeway, 0);
    assert_ne!(settings.names, NameClaims::default());
    assert_eq!(settings.client_ids, ["one", "two"]);
    assert_eq!(settings.bearers, [Bearer::Id, Bearer::Access]);
    assert_eq!(settings.policy.groups(), ["g"]);
    let form = ResponseFormat {
        scope: Scope::User,
        simple: false,
        limit: 65_536,
    };
    assert_eq!(
        (settings.form, settings.base_path.as_str()),
        (form, "team/mlflow")
    );
}

#[test]
fn the_samples_names_keep_working() {
    let keys = &*format!("{ISSUER}/keys");
    let sample = [
        ("REGION", "eu-central-1"),
        ("ACCOUNT", "123456789012"),
        ("COGNITO_USER_POOL_ID", "eu-central-1_Example"),
        ("REST_API_ID", "abcdef1234"),
        ("COGNITO_KEYS_URL", keys),
        ("APP_CLIENT_ID", "client"),
    ];
    let settings = read(&sample).unwrap();
    let updated = "https://issuer-cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";

    assert_eq!(issuers(&settings), [ISSUER, updated]);
    assert_eq!(settings.issuers[0].jwks_url, keys);
    assert_eq!(
        settings.issuers[1].jwks_url,
        format!("{updated}/.well-known/jwks.json").as_str()
    );
    assert_eq!(settings.client_ids, ["client"]);

    let china = [
        ("COGNITO_USER_POOL_ID", "cn-north-1_Example"),
        ("APP_CLIENT_ID", "client"),
    ];
    let china = read(&china).unwrap();
    assert_eq!(
        issuers(&china)[0],
        "https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_Example"
    );
    let both: Vec<_> = sample.into_iter().chain([("ISSUER", updated)]).collect();
    assert_eq!(
        issuers(&read(&both).unwrap()),
        [updated],
        "the narrower counts"
    );
}

#[test]
fn refusals_name_the_variable() {
    let good = [("ISSUER", ISSUER), ("CLIENT_ID", "client")];
    let table = [
        ("ISSUER", None, "is not set"),
        ("ISSUER", Some(""), "is empty"),
        ("ISSUER", Some("issuer.example"), "is not an absolute URL"),
        ("ISSUER", Some("http://issuer.example"), "must use https://"),
        ("ISSUER", Some("https://a@issuer.example"), "must be only"),
        ("ISSUER", Some("https://issuer.example/?a"), "must not have"),
        ("CLIENT_ID", None, "is not set"),
        ("CLIENT_ID", Some(" "), "is empty"),
        ("BEARER", Some(""), "must be `id` or `access` or `any`"),
        ("BEARER", Some("ID"), "must be `id` or `access` or `any`"),
        ("JWKS_URL", Some(""), "is empty"),
        (
            "JWKS_URL",
            Some("http://issuer.example/k"),
            "must use https://",
        ),
        (
            "JWKS_URL",
            Some("ftp://issuer.example/k"),
            "must begin with",
        ),
        (
            "JWKS_URL",
            Some("https://a.example https://b.example"),
            "must have a URL for each",
        ),
        ("AUDIENCE", Some(""), "is empty"),
        (
            "ALGORITHMS",
            Some("RS256 HS256"),
            "has `HS256`, which is none of RS256",
        ),
        ("ALGORITHMS", Some(""), "is empty"),
        ("CLOCK_LEEWAY", Some("301"), "must be from 0 to 300 seconds"),
        (
            "CLOCK_LEEWAY",
            Some("a minute"),
            "must be from 0 to 300 seconds",
        ),
        ("NAME_CLAIMS", Some(" "), "is empty"),
        ("GROUPS", Some(""), "is refused: is not JSON"),
        (
            "GROUPS",
            Some("{}"),
            "is refused: has an invalid type: map, expected a sequence",
        ),
        ("GROUPS", Some("[{}]"), "is refused: `[0].claim` is missing"),
        ("POLICY", Some(""), "is refused: the policy is not JSON"),
        (
            "POLICY",
            Some("{}"),
            "is refused: the policy's `rules` is missing",
        ),
        (
            "POLICY_FILE",
            Some("missing.json"),
            "cannot be read: entity not found",
        ),
        (
            "POLICY_FILE",
            Some("bad.json"),
            "is refused: the policy's `rules[0].allow` is empty",
        ),
        ("ANSWER", Some("all"), "must be `request` or `user`"),
        ("ANSWER_LIMIT", Some("8 KB"), "is not a number of bytes"),
        ("SIMPLE_RESPONSES", Some("yes"), "must be `false` or `true`"),
        ("BASE_PATH", Some("/"), "is no path"),
        ("BASE_PATH", Some("a/../b"), "is no path"),
        ("BASE_PATH", Some("a%20b"), "is no path"),
        (
            "COGNITO_USER_POOL_ID",
            Some("Example"),
            "must be REGION_NAME",
        ),
        (
            "COGNITO_USER_POOL_ID",
            Some("evil.example/_a"),
            "must be REGION_NAME",
        ),
    ];
    for (variable, value, problem) in table {
        let rest = good.into_iter().filter(|(name, _)| *name != variable);
        let all: Vec<_> = rest.chain(value.map(|value| (variable, value))).collect();
        let error = read(&all).unwrap_err().to_string();
        let expected = format!("environment variable `{variable}` {problem}");
        assert!(error.starts_with(&expected), "{value:?}: {error}");
    }
}

#[test]
fn contradictions_name_both_variables() {
    let pool = ("COGNITO_USER_POOL_ID", "eu-central-1_Example");
    let table = [
        (
            [("ANSWER", "user"), ("SIMPLE_RESPONSES", "true")],
            "contradict each other",
        ),
        (
            [("ISSUER", "https://issuer.example"), pool],
            "contradict each other",
        ),
        ([("REGION", "us-east-1"), pool], "contradict each other"),
        (
            [("CLIENT_ID", "a"), ("APP_CLIENT_ID", "b")],
            "contradict each other",
        ),
        (
            [
                ("JWKS_URL", "https://a.example"),
                ("COGNITO_KEYS_URL", "https://b.example"),
            ],
            "contradict each other",
        ),
        (
            [("AUDIENCE", "a b"), ("CLIENT_ID", "b")],
            "contradict each other",
        ),
        (
            [("POLICY", POLICY), ("POLICY_FILE", "good.json")],
            "are both set",
        ),
    ];
    for (two, problem) in table {
        let names = two.map(|(name, _)| name);
        let good = [("ISSUER", ISSUER), ("CLIENT_ID", "client")];
        // A pool stands for its issuer.
        let is_other = |name| !names.contains(&name) && names[0] != "REGION";
        let rest = good.into_iter().filter(|(name, _)| is_other(name));
        let all: Vec<_> = rest.chain(two).collect();
        let error = read(&all).unwrap_err().to_string();
        let expected = format!(
            "environment variables `{}` and `{}` {problem}",
            names[0], names[1]
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn a_policy_may_be_a_file() {
    let settings = read(&[
        ("ISSUER", ISSUER),
        ("CLIENT_ID", "c"),
        ("POLICY_FILE", "good.json"),
    ]);
    assert_eq!(settings.unwrap().policy.groups(), ["g"]);
}

fn issuers(settings: &Settings) -> Vec<&str> {
    settings
        .issuers
        .iter()
        .map(|issuer| issuer.name.as_str())
        .collect()
}

fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let variable = |name: &str| {
        let mut variables = variables.iter();
        let found = variables.find(|(known, _)| *known == name);
        found.map(|(_, value)| value.into())
    };
    let file = |path: &str| match path {
        "good.json" => Ok(POLICY.to_owned()),
        "bad.json" => Ok(POLICY.replace(r#""everything""#, "{}")),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    Settings::read(variable, file)
}
