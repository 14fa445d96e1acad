use std::fmt::Debug;

use super::*;
use crate::{
    Entropy, Route, Timestamp,
    oauth::{
        Response,
        authorization::{Callback, Draws, Transaction},
        logout, token,
    },
    page::{Address, Dialog, Environment, Msg, PageState, update},
    popup::{PopupMessage, PopupRecord, PopupSignIn, Return},
    protocol::{PageRequest, WorkerReply},
    session::{Epoch, Event, Session},
    testing,
};

/// Stands for a token, a code, a verifier.
const MARKER: &str = "MARKERMARKERMARKERMARKERMARKERMARKERMARKERM";

const NOW: Timestamp = Timestamp(1_000);

/// What panics, logs and error trackers get to see is `Debug`: nothing that
/// holds a secret shows it there, so none of their words can have one.
#[test]
fn debug_shows_no_secret() {
    let config = testing::config();
    let grant = testing::grant(MARKER, 1_000, 60);
    let query = format!("?code={MARKER}&state=s1");
    let returned = || Return::read(&query).unwrap();
    let session = |event| Session::default().on(event, NOW).0;
    let signed_in = || session(Event::Issued(grant.clone(), Epoch::default()));
    let (leaving, revocation) = signed_in().on(Event::SignOut, NOW);
    let callback = Callback::parse(&format!("?code={MARKER}&state={MARKER}"), "").unwrap();
    let login = transaction().url(&config, [0; 32]);
    let errand = PopupSignIn::to(&login.replace(MARKER, "s1"), NOW).unwrap();
    let redemption = || {
        let callback = Callback::parse(&format!("?code={MARKER}&state={MARKER}"), "");
        let accepted = callback.unwrap().accept(Some(transaction()), &config, NOW);
        accepted.unwrap()
    };
    let (exchange, pending) = token::exchange(redemption(), &config);

    let all: [(&str, &dyn Debug); 21] = [
        ("Session", &signed_in()),
        ("Session, leaving", &leaving),
        ("Action", &revocation),
        ("Event", &Event::Rejected(Secret::new(MARKER))),
        ("checkpoint", &signed_in().checkpoint("{}")),
        ("Grant", &grant),
        ("Transaction", &transaction()),
        ("Transaction, written", &transaction().write()),
        ("Callback", &callback),
        ("Redemption", &redemption()),
        ("Pending", &pending),
        (
            "Response",
            &Response {
                status: 200,
                body: MARKER,
            },
        ),
        ("FormPost, exchange", &exchange),
        (
            "FormPost, refresh",
            &token::refresh(&Secret::new(MARKER), &config),
        ),
        (
            "FormPost, revoke",
            &logout::revoke(&Secret::new(MARKER), &config),
        ),
        ("FormPost, deposit", &returned().deposit()),
        (
            "PageRequest::Return",
            &PageRequest::Return {
                query: query.clone(),
                fragment: query.clone(),
            },
        ),
        // Its address is shown, which has a state and the challenge of a verifier.
        ("PopupSignIn", &errand),
        ("Return", &returned()),
        (
            "PopupMessage::Returned",
            &PopupMessage::Returned(returned()),
        ),
        (
            "PopupRecord",
            &PopupRecord::begun(NOW).with(&Secret::new(&*query)),
        ),
    ];
    for (name, shown) in all {
        let shown = format!("{shown:?}");
        assert!(!shown.contains(MARKER), "{name}: {shown}");
    }
}

/// What the page handles of a sign-in, and a token for programs on a dialog.
#[test]
fn what_the_page_handles_shows_no_secret() {
    let address = Address {
        path: "/callback".to_owned(),
        query: format!("?code={MARKER}"),
        hash: format!("#code={MARKER}"),
    };
    let environment = Environment {
        address,
        ..Environment::default()
    };
    let code = || Secret::new(MARKER);
    let mut state = PageState::default();
    update(&mut state, Msg::CodeEntered(code()));
    let dialog = Dialog::PopupCode(code());
    let all: [&dyn Debug; 7] = [
        &WorkerReply::TerminalCode(code()),
        &Dialog::TerminalCode(code()).contents(),
        &Msg::Started(environment),
        &Msg::TokenIssued(Some(code())),
        &state,
        &dialog.contents(),
        &dialog,
    ];
    for (place, shown) in all.iter().enumerate() {
        let shown = format!("{shown:?}");
        assert!(!shown.contains(MARKER), "{place}: {shown}");
    }
}

/// A provider's answer may quote what it was sent.
#[test]
fn errors_of_the_token_endpoint_show_no_secret() {
    let table = [
        (
            400,
            format!(r#"{{"error":"invalid_grant","error_description":"{MARKER}"}}"#),
        ),
        (400, format!(r#"{{"error":7,"token":"{MARKER}"}}"#)),
        (200, MARKER.to_owned()),
        (
            200,
            format!(r#"{{"token_type":"Bearer","access_token":["{MARKER}"]}}"#),
        ),
        (
            200,
            format!(r#"{{"token_type":"Bearer","access_token":"a","expires_in":"{MARKER}"}}"#),
        ),
        (
            200,
            format!(r#"{{"token_type":"{MARKER}","access_token":"a"}}"#),
        ),
        (
            200,
            format!(r#"{{"token_type":"Bearer","access_token":"a","id_token":"{MARKER}"}}"#),
        ),
    ];
    let grant = testing::grant(MARKER, 1_000, 60);
    for (status, body) in table {
        let response = Response {
            status,
            body: &body,
        };
        let error = token::renew(response, &grant, &testing::config(), NOW).unwrap_err();
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains(MARKER), "{body}: {shown}");
    }
}

/// Its state, nonce and verifier are the marker.
fn transaction() -> Transaction {
    let draws = Draws {
        state: Entropy([0; 32]),
        nonce: Entropy([0; 32]),
        verifier: Entropy([0; 32]),
    };
    let begun = Transaction::begin(draws, Route::default(), false, NOW);
    let zeros = Entropy([0; 32]).into_text();
    Transaction::read(&begun.write().expose().replace(&zeros, MARKER)).unwrap()
}
