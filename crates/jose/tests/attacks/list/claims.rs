//! Claims of the issuer's own tokens that are not for us, not now, or none.

use serde_json::{Value, json};
use shell_core::{
    bounds::check_token,
    claims::{ClaimError, ClaimsError, ReadError},
    config::CLOCK_LEEWAY,
};
use shell_jose::VerifyError;

use super::{Attack, Forge, MALFORMED, Reason, family};

pub(super) fn list(forge: &Forge<'_>) -> Vec<Attack> {
    let mut attacks = unfit(forge);
    attacks.extend(unreadable_groups(forge));
    attacks.extend(odd(forge));
    attacks.extend(missing(forge));
    attacks.extend(family(&MALFORMED, twice(forge)));
    attacks.extend(broken(forge));
    attacks
}

/// Claims of the right kind that say the wrong thing.
fn unfit(forge: &Forge<'_>) -> Vec<Attack> {
    use ClaimsError::{Client, Expired, Issuer, NotYetValid, Presenter, Use};
    let issuer = forge.claims["iss"].as_str().expect("claims have an issuer");
    let client = forge.claims["aud"]
        .as_str()
        .expect("claims have an audience");
    let early = |begins: u64| {
        let ahead = begins - forge.now;
        (NotYetValid { ahead }, "nbf", json!(begins))
    };
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
        early(forge.now + 600),
        early(u64::MAX),
        // Milliseconds, as another library would have them.
        early(forge.now * 1_000),
        (
            Use,
            "events",
            json!({ "http://schemas.openid.net/event/backchannel-logout": {} }),
        ),
    ];
    let attack = |(error, name, value): (ClaimsError, &str, Value)| Attack {
        name: format!("{name} {value}"),
        token: forge.claiming(name, value),
        reason: Reason::Claims(error),
    };
    let mut attacks: Vec<Attack> = table.into_iter().map(attack).collect();
    attacks.push(access_token(forge, client));
    attacks.push(Attack {
        name: "azp of another application".to_owned(),
        token: changed(
            forge,
            &[("aud", json!([client, "other"])), ("azp", json!("other"))],
        ),
        reason: Reason::Claims(Presenter),
    });
    attacks
}

/// Groups in a form that no rule reads: there are none.
fn unreadable_groups(forge: &Forge<'_>) -> Vec<Attack> {
    let forms = [
        json!({ "admins": true }),
        json!([["admins"]]),
        json!(["admins", 1]),
        json!([{ "name": "admins" }]),
        json!(1),
        json!(true),
    ];
    let attack = |groups: Value| Attack {
        name: format!("groups {groups}"),
        token: forge.claiming("cognito:groups", groups),
        reason: Reason::Groups,
    };
    forms.map(attack).into()
}

fn changed(forge: &Forge<'_>, changes: &[(&str, Value)]) -> String {
    let mut claims = forge.claims.clone();
    for (name, value) in changes {
        claims[name] = value.clone();
    }
    forge.with_payload(&claims.to_string())
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
fn odd(forge: &Forge<'_>) -> Vec<Attack> {
    const TIME: &str = "a time in seconds";
    const TEXT: &str = "a text";
    const TEXTS: &str = "a text or a list of texts";
    let later = forge.now + 600;
    let table = [
        ("exp", TIME, json!(later.to_string())),
        ("exp", TIME, json!(-1)),
        ("exp", TIME, json!(-0.5)),
        ("exp", TIME, json!(1e18)),
        ("exp", TIME, json!(1e300)),
        ("exp", TIME, json!(true)),
        ("exp", TIME, json!([later])),
        ("exp", TIME, Value::Null),
        ("nbf", TIME, json!("0")),
        ("nbf", TIME, json!(-1)),
        ("nbf", TIME, json!([])),
        ("iat", TIME, json!("now")),
        ("iat", TIME, json!(-1)),
        ("iat", TIME, json!({})),
        ("iss", TEXT, json!(7)),
        ("iss", TEXT, json!([forge.claims["iss"]])),
        ("iss", TEXT, Value::Null),
        ("sub", TEXT, json!(0)),
        ("sub", TEXT, json!(["a"])),
        ("aud", TEXTS, json!(7)),
        ("aud", TEXTS, json!(true)),
        ("aud", TEXTS, json!({ "shell": forge.claims["aud"] })),
        ("aud", TEXTS, json!([forge.claims["aud"], 7])),
        ("aud", TEXTS, json!([[forge.claims["aud"]]])),
        ("azp", TEXT, json!([forge.claims["aud"]])),
        ("token_use", TEXT, json!(["id"])),
        ("token_use", TEXT, json!(1)),
        ("client_id", TEXT, json!([])),
        ("nonce", TEXT, json!(1)),
    ];
    let attacks = table.into_iter().flat_map(|(name, wanted, value)| {
        let error = ReadError::Claim(ClaimError { name, wanted });
        let title = format!("{name} {value}");
        let token = forge.claiming(name, value);
        family(&VerifyError::Unreadable(error), [(title, token)])
    });
    attacks.collect()
}

fn missing(forge: &Forge<'_>) -> Vec<Attack> {
    let needed = [
        ("iss", "a text"),
        ("sub", "a text"),
        ("exp", "a time in seconds"),
    ];
    let attacks = needed.into_iter().flat_map(|(name, wanted)| {
        let error = ReadError::Claim(ClaimError { name, wanted });
        let token = forge.lacking(name);
        family(
            &VerifyError::Unreadable(error),
            [(format!("no {name}"), token)],
        )
    });
    attacks.collect()
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
fn broken(forge: &Forge<'_>) -> Vec<Attack> {
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
    let attacks = payloads
        .into_iter()
        .enumerate()
        .flat_map(|(index, payload)| {
            let shown: String = payload.chars().take(40).collect();
            let token = forge.with_payload(&payload);
            let reason = check_token(&token).map_or_else(VerifyError::TooLong, |()| MALFORMED);
            family(
                &reason,
                [(format!("broken payload {index}: {shown}"), token)],
            )
        });
    attacks.collect()
}
