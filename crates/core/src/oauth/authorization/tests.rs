use sha2::{Digest, Sha256};

use super::*;
use crate::testing::config;

const NOW: Timestamp = Timestamp(10_000);

#[test]
fn the_login_url_has_every_parameter_cognito_makes_optional() {
    let transaction = transaction();
    let digest = Sha256::digest(transaction.verifier()).into();
    let url = transaction.url(&config(), digest);

    assert_eq!(
        url,
        "https://login.example.com/oauth2/authorize?response_type=code&client_id=client\
         &redirect_uri=https%3A%2F%2Fmlflow.example.com%2Fcallback&scope=openid+email+profile\
         &state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\
         &nonce=AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
         &code_challenge=g77gcvvTQj90gfwWOCFjatjPtz-u8N0FgfOXnqDHMbk\
         &code_challenge_method=S256"
    );
}

#[test]
fn a_return_is_believed_only_if_it_answers_our_request() {
    use CallbackError as E;
    let state = transaction().state.expose().to_owned();
    let denied = |description: Option<&str>| {
        Err(E::Provider {
            error: "access_denied".into(),
            description: description.map(Into::into),
        })
    };
    let table = [
        (format!("?code=c&state={state}"), String::new(), Ok(())),
        (
            format!("?code=c&state={state}&session_state=x"),
            String::new(),
            Ok(()),
        ),
        (
            format!("?code=c&state={state}&iss=https%3A%2F%2Fissuer.example"),
            String::new(),
            Ok(()),
        ),
        (
            format!("?code=c&state={state}&iss=https%3A%2F%2Fevil.test"),
            String::new(),
            Err(E::Issuer),
        ),
        (
            "?code=c&state=forged".into(),
            String::new(),
            Err(E::UnknownState),
        ),
        ("?code=c".into(), String::new(), Err(E::Incomplete)),
        (String::new(), String::new(), Err(E::Incomplete)),
        (
            format!("?error=access_denied&state={state}"),
            String::new(),
            denied(None),
        ),
        (
            "?error=access_denied&error_description=no+way".into(),
            String::new(),
            denied(Some("no way")),
        ),
        (
            String::new(),
            format!("#error=access_denied&state={state}"),
            denied(None),
        ),
        (
            format!("?error=access_denied&code=c&state={state}"),
            String::new(),
            denied(None),
        ),
    ];
    for (query, fragment, expected) in table {
        let found = Callback::parse(&query, &fragment)
            .and_then(|callback| callback.accept(Some(transaction()), &config(), NOW));
        assert_eq!(found.map(drop), expected, "{query}{fragment}");
    }
}

#[test]
fn a_provider_gets_a_sentence_not_a_page() {
    let query = format!("?error=e&error_description={}", "ü".repeat(500));
    let Err(CallbackError::Provider { description, .. }) = Callback::parse(&query, "") else {
        panic!("an error without a state is the provider's");
    };
    assert_eq!(description.unwrap().chars().count(), WORDS);
}

#[test]
fn a_replayed_callback_finds_no_transaction() {
    let found = callback().accept(None, &config(), NOW);
    assert_eq!(found.unwrap_err(), CallbackError::UnknownState);
}

/// Whoever is sent to such an address is told to paste into a terminal.
#[test]
fn what_is_copied_to_a_terminal_commands_no_shell() {
    let copied = |query: &str| {
        let callback = Callback::parse(query, "")?;
        let copied = callback.for_terminal()?;
        Ok(copied.expose().to_owned())
    };
    let table = [
        ("code=a.b&state=terminal.x", "code=a.b&state=terminal.x"),
        (
            "state=terminal.x&iss=https://a.example&code=a%2Fb",
            "code=a%2Fb&state=terminal.x&iss=https%3A%2F%2Fa.example",
        ),
        (
            "code=$(reboot)&state=terminal.`id`&reboot&x=;reboot",
            "code=%24%28reboot%29&state=terminal.%60id%60",
        ),
        (
            "code=a%0Areboot&state=terminal.x",
            "code=a%0Areboot&state=terminal.x",
        ),
    ];
    for (query, expected) in table {
        assert_eq!(copied(query), Ok(expected.to_owned()), "{query}");
        let again = Callback::parse(expected, "").unwrap();
        assert_eq!(again.state(), Callback::parse(query, "").unwrap().state());
    }
    assert!(matches!(
        copied("error=access_denied&state=terminal.x"),
        Err(CallbackError::Provider { .. })
    ));
}

#[test]
fn a_sign_in_may_take_ten_minutes() {
    let accept = |now| {
        callback()
            .accept(Some(transaction()), &config(), now)
            .map(drop)
    };

    assert_eq!(accept(NOW.plus(TRANSACTION_LIFETIME)), Ok(()));
    assert_eq!(
        accept(NOW.plus(TRANSACTION_LIFETIME + 1)),
        Err(CallbackError::Expired)
    );
}

#[test]
fn a_transaction_survives_being_stored() {
    let text = transaction().write();
    assert_eq!(Transaction::read(text.expose()), Some(transaction()));
    assert_eq!(Transaction::read("state=a"), None);
}

fn callback() -> Callback {
    let query = format!("?code=c&state={}", transaction().state.expose());
    Callback::parse(&query, "").unwrap()
}

fn transaction() -> Transaction {
    let draws = Draws {
        state: Entropy([1; 32]),
        nonce: Entropy([2; 32]),
        verifier: Entropy([3; 32]),
    };
    Transaction::begin(draws, Route::new("#/experiments/1"), true, NOW)
}
