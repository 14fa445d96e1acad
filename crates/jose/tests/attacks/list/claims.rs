//! Claims of the issuer's own tokens that are not for us, not now, or none.

use serde_json::{Value, json};
use shell_core::claims::{CLOCK_LEEWAY, ClaimsError};
use shell_jose::VerifyError;

use super::{Attack, Forge, Reason, family};

pub(super) fn list(forge: &Forge<'_>) -> Vec<Attack> {
    let mut attacks = unfit(forge);
    attacks.extend(family(&VerifyError::Malformed, odd(forge)));
    attacks.extend(family(&VerifyError::Malformed, missing(forge)));
    attacks.extend(family(&VerifyError::Malformed, twice(forge)));
    attacks.extend(family(&VerifyError::Malformed, broken(forge)));
    attacks
}

/// Claims of the right kind that say the wrong thing.
fn unfit(forge: &Forge<'_>) -> Vec<Attack> {
    use ClaimsError::{Client, Expired, Groups, Issuer, NotYetValid, Use};
    let issuer = forge.claims["iss"].as_str().expect("claims have an issuer");
    let client = forge.claims["aud"]
        .as_str()
        .expect("claims have an audience");
    let table = [
        (Issuer, "iss", json!("https://attacker.example")),
        (Issuer, "iss", json!("")),
        (Issuer, "iss", json!(format!("{issuer}/"))),
        (Issuer, "iss", json!(format!("{issuer}.attacker.example"))),
        (Issuer, "iss", json!(format!("{issuer}\0"))),
        (Issuer, "iss", json!(issuer.to_ascii_uppercase())),
        (Issuer, "iss", json!(issuer[..issuer.len() - 1])),
        (Client, "aud", json!("another-client")),
        (Client, "aud", json!("")),
        (Client, "aud", json!("*")),
        (Client, "aud", json!([])),
        (Client, "aud", json!(["another-client", ""])),
        (Client, "aud", json!(format!("{client} "))),
        (Client, "aud", json!(client.to_ascii_uppercase())),
        (Client, "aud", json!(format!("{client},another-client"))),
        (Client, "aud", Value::Null),
        (Use, "token_use", json!("access")),
        (Use, "token_use", json!("refresh")),
        (Use, "token_use", json!("ID")),
        (Use, "token_use", json!("id ")),
        (Use, "token_use", json!("")),
        (Expired, "exp", json!(0)),
        (Expired, "exp", json!(forge.now - CLOCK_LEEWAY)),
        (Expired, "exp", json!(forge.now - 86_400)),
        (NotYetValid, "nbf", json!(forge.now + 600)),
        (NotYetValid, "nbf", json!(u64::MAX)),
        (Groups, "cognito:groups", json!("admins")),
        (Groups, "cognito:groups", json!({ "admins": true })),
        (Groups, "cognito:groups", json!([["admins"]])),
        (Groups, "cognito:groups", json!(["admins", 1])),
        // Milliseconds, as another library would have them.
        (NotYetValid, "nbf", json!(forge.now * 1_000)),
    ];
    let attack = |(error, name, value): (ClaimsError, &str, Value)| Attack {
        name: format!("{name} {value}"),
        token: forge.claiming(name, value),
        reason: Reason::Claims(error),
    };
    let mut attacks: Vec<Attack> = table.into_iter().map(attack).collect();
    attacks.push(access_token(forge, client));
    attacks
}

/// Addressed as an access token is, and not said to be one.
fn access_token(forge: &Forge<'_>, client: &str) -> Attack {
    let mut claims = forge.claims.clone();
    let fields = claims.as_object_mut().expect("claims are an object");
    fields.remove("aud");
    fields.remove("token_use");
    fields.insert("client_id".to_owned(), client.into());
    Attack {
        name: "client_id in place of aud".to_owned(),
        token: forge.with_payload(&claims.to_string()),
        reason: Reason::Claims(ClaimsError::Client),
    }
}

/// Claims of another kind than theirs.
fn odd(forge: &Forge<'_>) -> Vec<(String, String)> {
    let later = forge.now + 600;
    let table = [
        ("exp", json!(later.to_string())),
        ("exp", json!(-1)),
        ("exp", json!(1e18)),
        ("exp", json!(99_999_999_999.5)),
        ("exp", json!(1e300)),
        ("exp", json!(true)),
        ("exp", json!([later])),
        ("exp", Value::Null),
        ("nbf", json!("0")),
        ("nbf", json!(-1)),
        ("nbf", json!(0.5)),
        ("nbf", json!([])),
        ("iat", json!("now")),
        ("iat", json!(-1)),
        ("iat", json!(1.5)),
        ("iat", json!({})),
        ("iss", json!(7)),
        ("iss", json!([forge.claims["iss"]])),
        ("iss", Value::Null),
        ("sub", json!(0)),
        ("sub", json!(["a"])),
        ("aud", json!(7)),
        ("aud", json!(true)),
        ("aud", json!({ "shell": forge.claims["aud"] })),
        ("aud", json!([forge.claims["aud"], 7])),
        ("aud", json!([[forge.claims["aud"]]])),
        ("token_use", json!(["id"])),
        ("token_use", json!(1)),
        ("client_id", json!([])),
        ("email", json!({ "a": "b" })),
        ("cognito:username", json!(1)),
        ("nonce", json!(1)),
    ];
    let tokens = table.map(|(name, value)| {
        let title = format!("{name} {value}");
        (title, forge.claiming(name, value))
    });
    tokens.into()
}

fn missing(forge: &Forge<'_>) -> Vec<(String, String)> {
    let tokens = ["iss", "sub", "exp"].map(|name| (format!("no {name}"), forge.lacking(name)));
    tokens.into()
}

/// Two claims of one name, of which two readers might take one each.
fn twice(forge: &Forge<'_>) -> Vec<(String, String)> {
    let own = forge.claims.to_string();
    let again = |name: &str| format!(r#""{name}":{}"#, forge.claims[name]);
    let second = [
        again("iss"),
        again("exp"),
        again("aud"),
        again("token_use"),
        again("cognito:groups"),
        r#""iss":"https://attacker.example""#.to_owned(),
        r#""\u0069ss":"https://attacker.example""#.to_owned(),
        r#""exp":99999999999"#.to_owned(),
        r#""e\u0078p":0"#.to_owned(),
        r#""aud":["another-client"]"#.to_owned(),
        r#""cognito:groups":["admins"]"#.to_owned(),
        r#""cognito\u003agroups":["admins"]"#.to_owned(),
        r#""cognito:group\u0073":null"#.to_owned(),
        r#""x":1,"x":1"#.to_owned(),
        r#""x":[{"y":1,"\u0079":2}]"#.to_owned(),
    ];
    let tokens = second.into_iter().flat_map(|second| {
        let inside = &own[1..own.len() - 1];
        [
            format!("{{{inside},{second}}}"),
            format!("{{{second},{inside}}}"),
        ]
        .map(|payload| (second.clone(), payload))
    });
    let tokens = tokens.map(|(second, payload)| {
        let title = format!("claims and once more {second}");
        (title, forge.with_payload(&payload))
    });
    tokens.collect()
}

/// Payloads that are no JSON object.
fn broken(forge: &Forge<'_>) -> Vec<(String, String)> {
    let own = forge.claims.to_string();
    let deep = format!(
        r#"{{"x":{}{},{}"#,
        "[".repeat(1_500),
        "]".repeat(1_500),
        &own[1..]
    );
    let payloads = [
        String::new(),
        "null".to_owned(),
        "true".to_owned(),
        "7".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        format!("[{own}]"),
        json!(own).to_string(),
        own[..own.len() - 1].to_owned(),
        format!("{own}{own}"),
        format!("{own}\0"),
        format!("\u{feff}{own}"),
        format!("{own}//"),
        own.replacen(r#""exp":"#, r#""exp":0"#, 1),
        own.replacen(r#""exp":"#, r#""exp":+"#, 1),
        own.replacen(r#""exp":"#, r#""exp":0x"#, 1),
        own.replacen(r#""exp":"#, r#""exp":1e400,"x":"#, 1),
        own.replacen(r#""sub":""#, r#""sub":"\ud800"#, 1),
        own.replacen(r#""sub":""#, "\"sub\":\"\n", 1),
        deep,
        // Too long to be looked at, and deep enough for any stack.
        "[".repeat(100_000),
        r#"{"a":"#.repeat(100_000),
    ];
    let named = |(index, payload): (usize, String)| {
        let shown: String = payload.chars().take(40).collect();
        (
            format!("broken payload {index}: {shown}"),
            forge.with_payload(&payload),
        )
    };
    payloads.into_iter().enumerate().map(named).collect()
}
