//! What the provider's endpoints answer (RFC 6749 §5, OpenID Connect Core §3.1.3.3,
//! §12), and what sign-out needs of it.

use serde_json::{Value, json};
use shell_core::{
    Config, Entropy, Route, Timestamp,
    oauth::{
        Grant, Response,
        authorization::{Callback, Draws, Transaction},
        logout, token,
    },
};

use super::{NOW, Row, becomes, changed, compare, config, good, lacking, signed, usual};

#[test]
fn answers_to_a_code() {
    let rows: Vec<(&'static str, Value)> = vec![
        ("as the standards have it", answer(&json!({}))),
        (
            "`token_type` in any case",
            answer(&json!({ "token_type": "bEARER" })),
        ),
        (
            "`token_type`: absent, or another (`DPoP`)",
            answer(&json!({ "token_type": "DPoP" })),
        ),
        (
            "`expires_in`: a text or a fraction",
            answer(&json!({ "expires_in": "299.5" })),
        ),
        (
            "`expires_in`: absent or null",
            answer(&json!({ "expires_in": null })),
        ),
        (
            "`expires_in` and `iat`: both absent",
            answer(&json!({ "expires_in": null, "id_token": signed(&lacking("iat")) })),
        ),
        (
            "`expires_in`: 0 or negative",
            answer(&json!({ "expires_in": 0 })),
        ),
        (
            "`scope`: absent, or other than asked",
            answer(&json!({ "scope": ["x"] })),
        ),
        (
            "`refresh_token`: absent",
            answer(&json!({ "refresh_token": null })),
        ),
        ("`id_token`: absent", answer(&json!({ "id_token": null }))),
        (
            "`id_token`: encrypted",
            answer(&json!({ "id_token": "a.b.c.d.e" })),
        ),
        (
            "`id_token`: nested (`cty`)",
            answer(&json!({ "id_token": nested() })),
        ),
        (
            "`id_token`: of another algorithm",
            answer(&json!({ "id_token": hmac() })),
        ),
        (
            "`id_token`: longer than 61,440 bytes",
            answer(&json!({ "id_token": signed(&changed(&json!({ "x": "x".repeat(61_440) }))) })),
        ),
        (
            "`id_token`: not valid before a later time",
            answer(&json!({ "id_token": signed(&changed(&json!({ "nbf": NOW + 999 }))) })),
        ),
        (
            "`nonce`: absent, or another",
            answer(&json!({ "id_token": signed(&lacking("nonce")) })),
        ),
        (
            "`access_token`: opaque",
            answer(&json!({ "access_token": "opaque" })),
        ),
        (
            "`access_token`: absent",
            answer(&json!({ "access_token": null })),
        ),
        ("unknown members", answer(&json!({ "x": [1] }))),
    ];
    let judged = |(form, body): (&'static str, Value)| (form, becomes(accept(&body, &usual())));
    let mut rows: Vec<Row> = rows.into_iter().map(judged).collect();
    let twice = answer(&json!({})).to_string();
    let twice = twice.replacen('{', r#"{"expires_in":1,"#, 1);
    rows.push((
        "a member twice",
        becomes(accept_text(200, &twice, &usual())),
    ));
    rows.push((
        "an error with another status than 200",
        refused(400, r#"{"error":"invalid_grant"}"#),
    ));
    rows.push(("an error without a reason", refused(400, "")));
    compare("The answer to a code", &rows);
}

#[test]
fn renewals() {
    let rows: Vec<(&'static str, Value)> = vec![
        (
            "`refresh_token`: another",
            answer(&json!({ "refresh_token": "r2" })),
        ),
        (
            "`refresh_token`: absent",
            answer(&json!({ "refresh_token": null })),
        ),
        (
            "`id_token` without `nonce`",
            answer(&json!({ "id_token": signed(&lacking("nonce")) })),
        ),
        (
            "`id_token` of another user",
            answer(&json!({ "id_token": signed(&changed(&json!({ "sub": "other" }))) })),
        ),
    ];
    let before = accept(&answer(&json!({})), &usual()).expect("a grant");
    let judged = |(form, body): (&'static str, Value)| {
        let body = body.to_string();
        let response = Response {
            status: 200,
            body: &body,
        };
        (
            form,
            becomes(token::renew(response, &before, &usual(), Timestamp(NOW))),
        )
    };
    let rows: Vec<Row> = rows.into_iter().map(judged).collect();
    compare("The answer to a refresh token", &rows);
}

#[test]
fn sign_out() {
    let endpoints = |changes: Value| {
        let mut all = json!({
            "authorization": "https://login.example.com/a", "token": "https://login.example.com/t",
            "revocation": "https://login.example.com/r", "end_session": "https://login.example.com/e",
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            if value.is_null() {
                all.as_object_mut().expect("an object").remove(name);
            }
        }
        config(&json!({ "endpoints": all }), &Value::Null)
    };
    let revokes = |config: &Config| {
        let refresh = shell_core::Secret::new("r");
        match logout::revoke(&refresh, config) {
            Some(_) => "the refresh token is revoked".to_owned(),
            None => "nothing is revoked".to_owned(),
        }
    };
    let leads = |config: &Config| match logout::url(config) {
        url if url.starts_with("https://login.example.com/e?") => "the provider's session ends",
        _ => "only the shell's session ends",
    };
    let rows: Vec<Row> = vec![
        (
            "`revocation_endpoint`: there",
            revokes(&endpoints(json!({}))),
        ),
        (
            "`revocation_endpoint`: absent",
            revokes(&endpoints(json!({ "revocation": null }))),
        ),
        (
            "`end_session_endpoint`: there",
            leads(&endpoints(json!({}))).to_owned(),
        ),
        (
            "`end_session_endpoint`: absent",
            leads(&endpoints(json!({ "end_session": null }))).to_owned(),
        ),
    ];
    compare("Sign-out", &rows);
}

/// A good answer of the token endpoint, with `changes`; null leaves a member out.
fn answer(changes: &Value) -> Value {
    let mut answer = json!({
        "access_token": "a", "id_token": signed(&good()), "refresh_token": "r",
        "token_type": "Bearer", "expires_in": 300,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        answer[name] = value.clone();
    }
    answer
        .as_object_mut()
        .expect("an object")
        .retain(|_, value| !value.is_null());
    answer
}

fn accept(body: &Value, config: &Config) -> Result<Grant, String> {
    accept_text(200, &body.to_string(), config)
}

/// What a sign-in makes of the answer, from its beginning.
fn accept_text(status: u16, body: &str, config: &Config) -> Result<Grant, String> {
    let draw = |byte| Entropy([byte; 32]);
    let draws = Draws {
        state: draw(1),
        nonce: draw(2),
        verifier: draw(3),
    };
    let transaction = Transaction::begin(draws, Route::default(), false, Timestamp(NOW));
    let url = transaction.url(config, [0; 32]);
    let state = url
        .split(['?', '&'])
        .find_map(|pair| pair.strip_prefix("state="));
    let query = format!("code=c&state={}", state.expect("it has one"));
    let callback = Callback::parse(&query, "").expect("a code");
    let redemption = callback.accept(Some(transaction), config, Timestamp(NOW));
    let (_, pending) = token::exchange(redemption.expect("it is ours"), config);
    let response = Response { status, body };
    let accepted = token::accept(response, &pending, config, Timestamp(NOW));
    accepted.map_err(|error| error.to_string())
}

fn refused(status: u16, body: &str) -> String {
    becomes(accept_text(status, body, &usual()))
}

fn nested() -> String {
    of_header(&json!({ "alg": "RS256", "cty": "JWT" }))
}

fn hmac() -> String {
    of_header(&json!({ "alg": "HS256" }))
}

fn of_header(header: &Value) -> String {
    let token = super::KEY.sign_unchecked(&header.to_string(), &good().to_string());
    token.expose().to_owned()
}
