//! Other texts for the same token, and texts that are none.

use serde_json::json;
use shell_core::{
    bounds::{TOKEN_LENGTH, check_token},
    claims::ReadError,
};
use shell_jose::VerifyError;

use super::{Attack, Forge, MALFORMED, encode, family, parts};

pub(super) fn list(forge: &Forge<'_>) -> Vec<Attack> {
    let mut attacks = family(&MALFORMED, other_shapes(forge));
    attacks.extend(family(&MALFORMED, other_letters(forge)));
    attacks.extend(family(
        &VerifyError::Unreadable(ReadError::Encrypted),
        encrypted(forge),
    ));
    attacks.extend(too_long(forge));
    attacks
}

fn other_shapes(forge: &Forge<'_>) -> Vec<(&'static str, String)> {
    let good = forge.good();
    let [header, payload, signature] = parts(&good);
    let json = json!({ "payload": payload, "signatures": [
        { "protected": header, "signature": signature } ] });
    let flat = json!({ "payload": payload, "protected": header, "signature": signature });
    vec![
        ("nothing", String::new()),
        ("a word", "token".to_owned()),
        ("one dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("ten thousand dots", ".".repeat(10_000)),
        ("one part", header.to_owned()),
        ("two parts", format!("{header}.{payload}")),
        ("no header", format!(".{payload}.{signature}")),
        ("four parts", format!("{good}.{signature}")),
        ("a dot at the end", format!("{good}.")),
        ("a dot at the beginning", format!(".{good}")),
        ("the JSON serialization", json.to_string()),
        ("the flattened JSON serialization", flat.to_string()),
        ("the JSON serialization, encoded", encode(flat.to_string())),
        ("a token within a token", forge.with_payload(&good)),
        (
            "a token within a text",
            forge.with_payload(&json!(good).to_string()),
        ),
    ]
}

/// Five parts (RFC 7516 §7.1).
fn encrypted(forge: &Forge<'_>) -> Vec<(&'static str, String)> {
    let good = forge.good();
    let [_, payload, signature] = parts(&good);
    let header = encode(r#"{"alg":"dir","enc":"A256GCM"}"#);
    vec![
        (
            "five parts, as a JWE has",
            format!("{good}.{payload}.{signature}"),
        ),
        (
            "a JWE",
            format!("{header}.{payload}.{payload}.{payload}.{signature}"),
        ),
        (
            "a JWE without a key",
            format!("{header}..{payload}.{payload}.{signature}"),
        ),
    ]
}

/// Writes a part in another way.
type Spell = fn(&str) -> String;

/// Each part in a spelling that a lenient decoder takes for the same bytes.
fn other_letters(forge: &Forge<'_>) -> Vec<(String, String)> {
    let good = forge.good();
    let parts = parts(&good);
    let spellings: [(&str, Spell); 11] = [
        ("with =", |part| format!("{part}=")),
        ("with ==", |part| format!("{part}==")),
        ("with ===", |part| format!("{part}===")),
        ("with the last bits set", other_last_bits),
        ("with a space inside", |part| insert(part, " ")),
        ("with a line end inside", |part| insert(part, "\r\n")),
        ("with a line end after it", |part| format!("{part}\n")),
        ("with a tab before it", |part| format!("\t{part}")),
        ("with a NUL after it", |part| format!("{part}\0")),
        ("percent-encoded", |part| part.replacen('J', "%4A", 1)),
        ("in letters of full width", |part| {
            part.replacen('J', "\u{ff2a}", 1)
        }),
    ];
    let mut tokens = Vec::new();
    for (index, part) in ["header", "payload", "signature"].into_iter().enumerate() {
        for (name, spell) in spellings {
            let mut spelled = parts.map(ToOwned::to_owned);
            spelled[index] = spell(&spelled[index]);
            if spelled[index] != parts[index] {
                tokens.push((format!("the {part} {name}"), spelled.join(".")));
            }
        }
    }
    tokens.extend(last_bits(forge));
    tokens.extend(standard_alphabet(forge));
    tokens
}

/// Payloads of every length by which one can leave bits unused.
fn last_bits(forge: &Forge<'_>) -> Vec<(String, String)> {
    let tokens = ["", "a", "aa"].into_iter().filter_map(|text| {
        let good = forge.claiming("x", text.into());
        let [header, payload, signature] = parts(&good);
        let other = other_last_bits(payload);
        let token = format!("{header}.{other}.{signature}");
        (other != payload).then(|| (format!("the last bits of a payload with {text:?}"), token))
    });
    tokens.collect()
}

/// The alphabet that has `+` and `/`, where it makes a difference.
fn standard_alphabet(forge: &Forge<'_>) -> Vec<(String, String)> {
    // What is between the quotes is `->` and `?~` in every alignment.
    let payload = |text: &str| {
        let mut claims = forge.claims.clone();
        claims["x"] = text.into();
        forge.with_payload(&claims.to_string())
    };
    let tokens = ["~~~~~", "?????", "~?~?~", ">>>>>"].map(|text| {
        let good = payload(text);
        let other = good.replace('-', "+").replace('_', "/");
        (format!("the standard alphabet with {text}"), other)
    });
    tokens.into()
}

fn too_long(forge: &Forge<'_>) -> Vec<Attack> {
    let megabyte = 1 << 20;
    let tokens = [
        (
            "a claim of 1 MB",
            forge.claiming("x", "x".repeat(megabyte).into()),
        ),
        (
            "a header of 1 MB",
            forge.heading("x", "x".repeat(megabyte).into()),
        ),
        ("1 MB of a letter", "A".repeat(megabyte)),
        ("1 MB of dots", ".".repeat(megabyte)),
        (
            "a claim that is just too long",
            forge.claiming("x", "x".repeat(TOKEN_LENGTH).into()),
        ),
    ];
    let attacks = tokens.into_iter().flat_map(|(name, token)| {
        let error = check_token(&token).expect_err("it is too long");
        family(&VerifyError::TooLong(error), [(name, token)])
    });
    attacks.collect()
}

fn insert(part: &str, text: &str) -> String {
    let (before, after) = part.split_at(part.len() / 2);
    [before, text, after].concat()
}

/// The same bytes with other bits in what the last letter does not need; the
/// same text if it needs them all.
fn other_last_bits(part: &str) -> String {
    let unused = match part.len() % 4 {
        2 => 4,
        3 => 2,
        _ => return part.to_owned(),
    };
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = part.chars().next_back().and_then(|last| letters.find(last));
    let other = last.expect("a letter of the alphabet") ^ (unused - 1);
    [&part[..part.len() - 1], &letters[other..=other]].concat()
}
