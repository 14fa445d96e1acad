use super::*;

const API: &str = "/api/2.0/mlflow/runs/get";
type Headers<'a> = &'a [(&'a str, &'a str)];

const CHAT: &str = "/gateway/mlflow/v1/chat/completions";

fn found(
    path: &str,
    query: &str,
    is_browser: bool,
    headers: &[(&str, &str)],
) -> Result<String, Reason> {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()));
    let sender = Sender {
        path,
        query,
        is_browser,
    };
    of_program(headers, sender).map(|token| token.expose().to_owned())
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", Base64::encode_string(credentials.as_bytes()))
}

#[test]
fn a_token_is_found_where_clients_have_it_and_nowhere_else() {
    use Reason::{Browser, Malformed, Missing, Password};
    let authorization = |value: &str| vec![("authorization", value.to_owned())];
    let key = |name| vec![(name, "mlflow_a".to_owned())];
    let table = [
        ("none", API, Vec::new(), Err(Missing)),
        (
            "bearer",
            API,
            authorization("Bearer mlflow_a"),
            Ok("mlflow_a"),
        ),
        ("any bearer", API, authorization("bearer x"), Ok("x")),
        (
            "a password",
            API,
            authorization(&basic("me:mlflow_a")),
            Ok("mlflow_a"),
        ),
        (
            "without a name",
            API,
            authorization(&basic(":mlflow_a")),
            Ok("mlflow_a"),
        ),
        (
            "a signed one",
            API,
            authorization(&basic("me:eyJh.b.c")),
            Ok("eyJh.b.c"),
        ),
        (
            "a real password",
            API,
            authorization(&basic("me:secret")),
            Err(Password),
        ),
        (
            "dots in it",
            API,
            authorization(&basic("me:a.b.c")),
            Err(Password),
        ),
        (
            "none in it",
            API,
            authorization(&basic("me:")),
            Err(Password),
        ),
        (
            "the name",
            API,
            authorization(&basic("mlflow_a:")),
            Err(Password),
        ),
        (
            "no colon",
            API,
            authorization(&basic("mlflow_a")),
            Err(Malformed),
        ),
        (
            "no base64",
            API,
            authorization("Basic mlflow_a!"),
            Err(Malformed),
        ),
        (
            "another scheme",
            API,
            authorization("Digest a"),
            Err(Malformed),
        ),
        ("no scheme", API, authorization("mlflow_a"), Err(Malformed)),
        ("Anthropic's", CHAT, key("x-api-key"), Ok("mlflow_a")),
        ("Gemini's", CHAT, key("x-goog-api-key"), Ok("mlflow_a")),
        ("Azure's", CHAT, key("api-key"), Ok("mlflow_a")),
        ("elsewhere", API, key("x-api-key"), Err(Missing)),
        ("another header", CHAT, key("x-token"), Err(Missing)),
        (
            "MLflow's placeholder",
            CHAT,
            authorization("Bearer mlflow-gateway-auth"),
            Err(Missing),
        ),
    ];
    for (case, path, headers, expected) in table {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let expected = expected.map(ToOwned::to_owned);
        assert_eq!(found(path, "", false, &headers), expected, "{case}");
        let is_basic = headers.iter().any(|(_, value)| value.starts_with("Basic"));
        let of_browser = if is_basic { Err(Browser) } else { expected };
        assert_eq!(
            found(path, "", true, &headers),
            of_browser,
            "{case}, of a browser"
        );
    }
}

#[test]
fn several_count_if_they_are_the_same() {
    use Reason::{Conflict, Password};
    let password = basic("me:mlflow_a");
    let table: [(Headers<'_>, Result<&str, Reason>); 6] = [
        (
            &[
                ("authorization", "Bearer mlflow_a"),
                ("x-api-key", "mlflow_a"),
            ],
            Ok("mlflow_a"),
        ),
        (
            &[("authorization", &password), ("api-key", "mlflow_a")],
            Ok("mlflow_a"),
        ),
        (
            &[
                ("authorization", "Bearer mlflow_a"),
                ("x-api-key", "mlflow_b"),
            ],
            Err(Conflict),
        ),
        (
            &[
                ("authorization", "Bearer mlflow_a"),
                ("authorization", "Bearer b"),
            ],
            Err(Conflict),
        ),
        (
            &[("x-api-key", "sk-1"), ("authorization", &password)],
            Err(Conflict),
        ),
        (
            &[("x-api-key", "mlflow_a"), ("authorization", &basic("a:b"))],
            Err(Password),
        ),
    ];
    for (headers, expected) in table {
        let expected = expected.map(ToOwned::to_owned);
        assert_eq!(found(CHAT, "", false, headers), expected, "{headers:?}");
    }
}

#[test]
fn a_key_in_the_address_is_refused() {
    let headers = [("authorization", "Bearer mlflow_a")];
    let table = [
        (CHAT, "key=mlflow_a", Err(Reason::Address)),
        (CHAT, "alt=sse&%6bey=x", Err(Reason::Address)),
        (CHAT, "alt=sse", Ok("mlflow_a".to_owned())),
        (API, "key=loss", Ok("mlflow_a".to_owned())),
        (API, "run_id=a&access_token=mlflow_a", Err(Reason::Address)),
    ];
    for (path, query, expected) in table {
        assert_eq!(
            found(path, query, false, &headers),
            expected,
            "{path}?{query}"
        );
    }
}

#[test]
fn reasons_have_names_of_their_own() {
    let mut names: Vec<_> = Reason::ALL.map(Reason::as_str).to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Reason::ALL.len());
}
