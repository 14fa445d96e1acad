//! A good token, spelt in ways that no good token is.

use serde_json::json;

use super::Attacks;
use crate::forgery::{Key, trailing_bits};

pub(super) fn of(key: &Key) -> Attacks {
    let good = key.good();
    let parts: Vec<&str> = good.split('.').collect();
    let [header, body, signature] = parts[..] else {
        panic!("three parts")
    };
    let large = key.claiming(&json!({"filler": "x".repeat(1 << 20)}));
    let mut all = vec![
        ("a megabyte", large),
        ("a megabyte of dots", ".".repeat(1 << 20)),
        ("a megabyte of nothing", "a".repeat(1 << 20)),
        ("no signature", format!("{header}.{body}.")),
        ("no body", format!("{header}..{signature}")),
        ("two parts", format!("{header}.{body}")),
        ("four parts", format!("{good}.{signature}")),
        (
            "five parts, as encrypted",
            format!("{good}.{signature}.{signature}"),
        ),
        ("padding", format!("{good}==")),
        (
            "padding of the body",
            format!("{header}.{body}=.{signature}"),
        ),
        ("trailing bits", trailing_bits(&good)),
        (
            "the other alphabet",
            format!("{header}.{body}.{}", signature.replacen('_', "/", 1)),
        ),
        (
            "a plus for a minus",
            format!("{header}.{body}.{}", signature.replacen('-', "+", 1)),
        ),
        ("a space inside", good.replacen('.', ". ", 1)),
        ("a line end inside", good.replacen('.', ".\n", 1)),
        ("a null inside", good.replacen('.', ".\u{0}", 1)),
        ("not ASCII", good.replacen('.', ".é", 1)),
        ("two tokens", format!("{good},{good}")),
        (
            "two tokens with a scheme each",
            format!("{good}, Bearer {good}"),
        ),
        (
            "JSON serialization",
            json!({"protected": header, "payload": body, "signature": signature}).to_string(),
        ),
    ];
    let ends = (0..good.len()).step_by(37).chain([good.len() - 1]);
    all.extend(ends.map(|end| ("truncated", good[..end].to_owned())));
    // Only what differs is an attack.
    all.retain(|(_, token)| *token != good);
    all
}
