use shell_core::credentials::is_api_token;

use super::*;

const NOW: Timestamp = Timestamp(1_000);

#[test]
fn a_token_is_marked_and_good_for_its_time() {
    let keys = TokenKeys::draw().unwrap();
    let token = issue(&keys, "a");

    let text = token.expose();
    assert!(is_api_token(text) && text.len() < 160, "{text}");
    let table = [(NOW, true), (NOW.plus(59), true), (NOW.plus(60), false)];
    for (now, good) in table {
        assert_eq!(keys.claims(text, now).is_ok(), good, "{now:?}");
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
            let found = gateway.claims(token.expose(), NOW).unwrap();
            assert_eq!(found, claims(user, &["readers"]));
        }
        assert_eq!(stranger.claims(token.expose(), NOW), Err(Reason::Unknown));
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
                changed == text || keys.claims(&changed, NOW).is_err(),
                "{changed}"
            );
        }
        assert!(keys.claims(&text[..place], NOW).is_err());
    }
    for more in ["A", "=", " "] {
        assert!(keys.claims(&[text, more].concat(), NOW).is_err());
    }
    let long = [PREFIX, &"A".repeat(MAX_LENGTH)].concat();
    for other in ["mlflow_", "", "mlflow_AAAA", &text[1..], &long] {
        assert!(keys.claims(other, NOW).is_err(), "{other}");
    }
}

#[test]
fn a_token_is_no_longer_than_a_header() {
    let keys = TokenKeys::draw().unwrap();
    let groups = |count: usize| vec!["00000000-0000-0000-0000-000000000000"; count];
    let long = |count| keys.issue(&claims("a", &groups(count)), 60, NOW);
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
    keys.issue(&claims(user, &["readers"]), 60, NOW).unwrap()
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
