//! Headers that demand something, say something twice, or are none.

use serde_json::{Value, json};
use shell_core::{bounds::check_token, claims::ClaimsError};
use shell_jose::VerifyError;

use super::{Attack, Forge, MALFORMED, Reason, family};

pub(super) fn list(forge: &Forge<'_>) -> Vec<Attack> {
    let mut attacks = family(&VerifyError::Critical, demanding(forge));
    attacks.extend(family(&MALFORMED, twice(forge)));
    attacks.extend(broken(forge));
    attacks.extend(of_other_types(forge));
    attacks
}

/// Headers that would change how the token is to be read, if anyone here
/// understood them.
fn demanding(forge: &Forge<'_>) -> Vec<(String, String)> {
    let crits = [
        json!(["b64"]),
        json!(["exp"]),
        json!(["http://openbanking.org.uk/iat"]),
        json!(["alg", "kid"]),
        json!([]),
        json!("b64"),
        json!(""),
        json!({}),
        json!(0),
        json!(false),
        Value::Null,
    ];
    let mut tokens: Vec<(String, String)> = crits
        .map(|crit| (format!("crit {crit}"), forge.heading("crit", crit)))
        .into();
    let kid = forge.key.kid();
    for (name, header) in [
        (
            "b64 false",
            json!({ "alg": "RS256", "kid": kid, "b64": false }),
        ),
        (
            "b64 true",
            json!({ "alg": "RS256", "kid": kid, "b64": true }),
        ),
        (
            "b64 false and crit",
            json!({ "alg": "RS256", "kid": kid, "b64": false, "crit": ["b64"] }),
        ),
        ("zip", json!({ "alg": "RS256", "kid": kid, "zip": "DEF" })),
        (
            "enc",
            json!({ "alg": "RS256", "kid": kid, "enc": "A256GCM" }),
        ),
    ] {
        tokens.push((name.to_owned(), forge.with_header(&header.to_string())));
    }
    tokens
}

/// Two fields of one name, of which two readers might take one each.
fn twice(forge: &Forge<'_>) -> Vec<(String, String)> {
    let kid = json!(forge.key.kid()).to_string();
    let own = format!(r#""alg":"RS256","kid":{kid}"#);
    let second = [
        r#""alg":"none""#.to_owned(),
        r#""alg":"RS256""#.to_owned(),
        r#""\u0061lg":"HS256""#.to_owned(),
        format!(r#""kid":{kid}"#),
        r#""kid":"another""#.to_owned(),
        r#""k\u0069d":"another""#.to_owned(),
        r#""typ":"JWT","typ":"JWT""#.to_owned(),
        r#""x":1,"x":2"#.to_owned(),
        r#""x":{"y":1,"y":2}"#.to_owned(),
        r#""crit":null,"crit":["b64"]"#.to_owned(),
        r#""jwk":{},"jwk":{}"#.to_owned(),
    ];
    let tokens = second
        .into_iter()
        .flat_map(|second| [format!("{{{own},{second}}}"), format!("{{{second},{own}}}")]);
    let token = |header: String| (format!("the header {header}"), forge.with_header(&header));
    tokens.map(token).collect()
}

/// Headers that are no JSON object.
fn broken(forge: &Forge<'_>) -> Vec<Attack> {
    let good = forge.header().to_string();
    let deep = |levels: usize, open: &str, close: &str| {
        let inside = [open.repeat(levels), close.repeat(levels)].concat();
        good.replacen('{', &format!(r#"{{"x":{inside},"#), 1)
    };
    let headers = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        format!("[{good}]"),
        json!(good).to_string(),
        good.replacen('}', "", 1),
        good.replacen('}', ",}", 1),
        good.replace('"', "'"),
        format!("{good}{good}"),
        format!("{good}\0"),
        format!("\u{feff}{good}"),
        format!("/**/{good}"),
        deep(1_500, "[", "]"),
        deep(1_500, r#"{"a":"#, "1}")
            .replace("1}1}", "}}")
            .replace(":}", ":1}"),
        // Too long to be looked at, and deep enough for any stack.
        "[".repeat(100_000),
        r#"{"a":"#.repeat(100_000),
    ];
    let attacks = headers.into_iter().enumerate().flat_map(|(index, header)| {
        let shown: String = header.chars().take(40).collect();
        let token = forge.with_header(&header);
        let reason = check_token(&token).map_or_else(VerifyError::TooLong, |()| MALFORMED);
        family(
            &reason,
            [(format!("broken header {index}: {shown}"), token)],
        )
    });
    attacks.collect()
}

/// Types of other tokens of the issuer, which may have an ID token's claims (RFC 8725
/// §3.11).
fn of_other_types(forge: &Forge<'_>) -> Vec<Attack> {
    let types = [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "at+jwt; charset=none",
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
    ];
    let attack = |typ: &str| Attack {
        name: format!("typ {typ}"),
        token: forge.heading("typ", typ.into()),
        reason: Reason::Claims(ClaimsError::Use),
    };
    types.map(attack).into()
}

/// What may be in a header (RFC 7515 §4): it is not even looked at.
pub(super) fn harmless(forge: &Forge<'_>) -> Vec<(String, String)> {
    let odd = [
        ("typ", json!("JWT")),
        ("typ", json!("jwt")),
        ("typ", json!("application/JWT")),
        ("typ", json!(7)),
        ("typ", json!("x".repeat(1_000))),
        ("cty", json!("JWT")),
        ("jwk", forge.impostor.public_jwk()),
        ("jku", json!("https://attacker.example/keys.json")),
        ("jku", json!([1])),
        ("x5u", json!("https://attacker.example/x.pem")),
        ("x5c", json!(["!"])),
        ("x5t", json!("!")),
        ("x", json!(-1.5e300)),
        ("Alg", json!("none")),
    ];
    let tokens = odd.map(|(name, value)| {
        let title = format!("{name} {value}").chars().take(60).collect();
        (title, forge.heading(name, value))
    });
    tokens.into()
}
