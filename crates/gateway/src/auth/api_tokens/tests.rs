use shell_core::credentials::is_api_token;

use super::*;
use crate::settings::TokenSettings;

const NOW: Timestamp = Timestamp(1_000);

const ID: &str = "0123456789abcdef";

#[test]
fn a_token_is_marked_and_good_for_its_time() {
    let keys = TokenKeys::draw().unwrap();
    let token = issue(&keys, "a");

    let text = token.expose();
    assert!(is_api_token(text) && text.len() < 192, "{text}");
    let table = [(NOW, true), (NOW.plus(59), true), (NOW.plus(60), false)];
    for (now, good) in table {
        assert_eq!(keys.open(text, now).is_ok(), good, "{now:?}");
    }
}

#[test]
fn a_token_is_its_users_at_whatever_gateway_has_the_key() {
    let keys = TokenKeys::draw().unwrap();
    let another = keys.clone();
    let stranger = TokenKeys::draw().unwrap();
    for user in ["a", "b"] {
        let token = issue(&keys, user);
        for gateway in [&keys, &another] {
            let found = gateway.open(token.expose(), NOW).unwrap();
            assert_eq!(found.claims, claims(user, &["readers"]));
            assert_eq!(found.id.as_deref(), Some(ID));
        }
        assert_eq!(stranger.open(token.expose(), NOW), Err(Reason::Unknown));
    }
}

#[test]
fn who_has_it_cannot_read_it_and_no_two_are_alike() {
    let keys = TokenKeys::draw().unwrap();
    let [one, two] = [issue(&keys, "somebody"), issue(&keys, "somebody")];
    assert_ne!(one.expose(), two.expose());
    let text = one.expose().strip_prefix(PREFIX).unwrap();
    let bytes = BASE64.decode(text).unwrap();
    let contains = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    assert!(!contains(b"somebody") && !contains(b"readers"));
}

#[test]
fn a_token_that_was_changed_anywhere_is_none() {
    let keys = TokenKeys::draw().unwrap();
    let token = issue(&keys, "a");
    let text = token.expose();
    for place in 0..text.len() {
        for letter in ["A", "B", "-", "=", "."] {
            let mut changed = text.to_owned();
            changed.replace_range(place..=place, letter);
            assert!(
                changed == text || keys.open(&changed, NOW).is_err(),
                "{changed}"
            );
        }
        assert!(keys.open(&text[..place], NOW).is_err());
    }
    for more in ["A", "=", " "] {
        assert!(keys.open(&[text, more].concat(), NOW).is_err());
    }
    let long = [PREFIX, &"A".repeat(MAX_LENGTH)].concat();
    for other in ["mlflow_", "", "mlflow_AAAA", &text[1..], &long] {
        assert!(keys.open(other, NOW).is_err(), "{other}");
    }
}

#[test]
fn a_token_is_no_longer_than_a_header() {
    let keys = TokenKeys::draw().unwrap();
    let groups = |count: usize| vec!["00000000-0000-0000-0000-000000000000"; count];
    let long = |count| keys.issue(&claims("a", &groups(count)), ID, 60, NOW);
    let length = long(100).unwrap().expose().len();
    assert!((3000..MAX_LENGTH).contains(&length), "{length}");
    assert_eq!(long(200), Err(TooLong));
}

#[test]
fn nothing_of_it_is_printed() {
    let keys = TokenKeys::draw().unwrap();
    let token = issue(&keys, "somebody");
    assert_eq!(
        format!("{keys:?} {token:?}"),
        "TokenKeys([redacted]) [redacted]"
    );
}

fn issue(keys: &TokenKeys, user: &str) -> Secret {
    keys.issue(&claims(user, &["readers"]), ID, 60, NOW)
        .unwrap()
}

fn claims(user: &str, groups: &[&str]) -> Claims {
    Claims {
        issuer: "https://issuer.example".into(),
        subject: user.into(),
        name: user.into(),
        groups: groups.iter().map(|&group| group.into()).collect(),
        groups_error: None,
        issued_at: None,
        expires_at: NOW.plus(60),
        nonce: None,
    }
}

/// As versions without ids issued them.
#[tokio::test]
async fn a_token_without_an_id_is_good_until_it_ends_and_one_with_an_id_if_it_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let keys = TokenKeys::new(&TokenSettings {
        registry: Some(folder.path().join("tokens.jsonl")),
        ..TokenSettings::default()
    });
    let keys = keys.unwrap();
    let plain = br#"{"i":"https://issuer.example","s":"a","n":"a","g":["readers"],"e":1060}"#;
    let sealed = keys.api_tokens().seal(PREFIX.as_bytes(), plain.to_vec());
    let old = [PREFIX, &BASE64.encode(sealed.unwrap())].concat();
    assert_eq!(keys.verify(&old, NOW).await, Ok(claims("a", &["readers"])));
    let over = keys.verify(&old, NOW.plus(60)).await;
    assert_eq!(over, Err(Reason::Expired));

    let token = issue(&keys, "a");
    let unlisted = keys.verify(token.expose(), NOW).await;
    assert_eq!(unlisted, Err(Reason::Unknown));
}
