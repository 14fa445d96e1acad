//! Every form that the standards leave open, and what becomes of it: the tables of
//! `docs/TOKENS.md`, row by row.

mod claims;
mod endpoint;
mod header;
mod keys;

use std::sync::LazyLock;

use serde_json::{Value, json};
use shell_core::{
    Config, Timestamp,
    claims::{Claims, Expected},
};
use shell_jose::{KeySet, SigningKey, jwks, verify};

const DOCUMENT: &str = include_str!("../../../../docs/TOKENS.md");

const NOW: u64 = 1_700_000_000;

/// What 32 bytes of 2 become.
const NONCE: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

const ACCEPTED: &str = "accepted";

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate("key+/1=").expect("a key can be made"));
static KEYS: LazyLock<KeySet> =
    LazyLock::new(|| KeySet::parse(&jwks([&*KEY]).to_string()).expect("a key set"));

/// A form, and what becomes of it.
type Row = (&'static str, String);

/// Compares rows with the table below a heading: the first column is the form, the
/// second what becomes of it, or how that begins.
fn compare(heading: &str, rows: &[Row]) {
    let (_, section) = DOCUMENT
        .split_once(&format!("\n## {heading}\n"))
        .expect("the document has this heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let written: Vec<(&str, &str)> = section.lines().filter_map(read_row).skip(1).collect();
    for ((form, becomes), (written_form, result)) in rows.iter().zip(&written) {
        assert_eq!(form, written_form, "{heading}");
        let shown = becomes.replace('|', "\\|");
        assert!(
            shown.starts_with(result.trim_end_matches(" …")),
            "{heading}: {form}: {becomes}"
        );
        assert!(
            result.ends_with('…') || shown == *result,
            "{form}: {becomes}"
        );
    }
    let forms: Vec<&str> = rows.iter().map(|(form, _)| *form).collect();
    let written: Vec<&str> = written.iter().map(|(form, _)| *form).collect();
    assert_eq!(forms, written, "{heading}");
}

fn read_row(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    Some((cells.next()?, cells.next()?))
}

/// What a token with this payload and header becomes at gateway and authorizer.
fn judge(token: &str, keys: &KeySet, config: &Config) -> Result<Claims, String> {
    let claims = verify(token, keys, &config.provider.algorithms);
    let claims = claims.map_err(|error| error.to_string())?;
    let checked = claims.check(Expected::of(config), Timestamp(NOW));
    checked.map_err(|error| error.to_string())
}

fn becomes<T>(result: Result<T, impl ToString>) -> String {
    result.map_or_else(|error| error.to_string(), |_| ACCEPTED.to_owned())
}

/// A good ID token's claims.
fn good() -> Value {
    json!({
        "iss": "https://issuer.example", "sub": "subject", "aud": "client", "nonce": NONCE,
        "groups": ["readers"], "iat": NOW, "exp": NOW + 600,
    })
}

/// The claims, with others in place of some.
fn changed(changes: &Value) -> Value {
    let mut claims = good();
    for (name, value) in changes.as_object().expect("changes are an object") {
        claims[name] = value.clone();
    }
    claims
}

fn lacking(name: &str) -> Value {
    let mut claims = good();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

fn signed(claims: &Value) -> String {
    let token = KEY.sign(claims).expect("claims are an object");
    token.expose().to_owned()
}

/// A configuration with these keys in `provider` and beside it.
fn config(provider: &Value, others: &Value) -> Config {
    let mut document = json!({
        "origin": "https://mlflow.example.com",
        "provider": {
            "domain": "https://login.example.com", "issuer": "https://issuer.example",
            "client_id": "client", "groups": [{ "claim": "groups" }],
        },
    });
    let add = |place: &mut Value, keys: &Value| {
        for (name, value) in keys.as_object().into_iter().flatten() {
            place[name] = value.clone();
        }
    };
    add(&mut document["provider"], provider);
    add(&mut document, others);
    Config::parse(&document.to_string()).expect("a configuration")
}

fn usual() -> Config {
    config(&Value::Null, &Value::Null)
}
