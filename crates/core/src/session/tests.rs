use std::fmt::Write;

use super::*;
use crate::{intercept, protocol::Message};

const NOW: Timestamp = Timestamp(1_000);

type NewEvent = fn() -> Event;

/// Every state crossed with every event: the whole machine on one page.
#[test]
fn transitions() {
    let states = [
        ("SignedOut", Session::default()),
        ("Exchanging", Session::Exchanging(None)),
        (
            "Exchanging again",
            Session::Exchanging(Some(grant("old", 9_999))),
        ),
        ("SignedIn", Session::SignedIn(grant("old", 9_999))),
        ("SignedIn, over", Session::SignedIn(grant("old", 1_000))),
    ];
    let events: [(&str, NewEvent); 7] = [
        ("Redeem", || Event::Redeem),
        ("Issued", || Event::Issued(grant("new", 9_999))),
        ("Failed", || Event::Failed),
        ("Rejected", || Event::Rejected(Secret::new("old"))),
        ("Rejected, earlier bearer", || {
            Event::Rejected(Secret::new("older"))
        }),
        ("Tick", || Event::Tick),
        ("SignOut", || Event::SignOut),
    ];

    let mut table = String::new();
    for (from, state) in &states {
        for (name, event) in &events {
            let (next, action) = state.clone().on(event(), NOW);
            if next != *state || action.is_some() {
                let action = describe(action);
                let _ = writeln!(table, "{from} + {name} = {}{action}", name_of(&next));
            }
        }
    }

    assert_eq!(
        table,
        "\
SignedOut + Redeem = Exchanging
SignedOut + Issued = SignedOut, revoke new
Exchanging + Issued = SignedIn new
Exchanging + Failed = SignedOut
Exchanging + SignOut = SignedOut
Exchanging again + Issued = SignedIn new, revoke old
Exchanging again + Failed = SignedIn old
Exchanging again + SignOut = SignedOut, revoke old
SignedIn + Redeem = Exchanging with old
SignedIn + Issued = SignedIn new, revoke old
SignedIn + Rejected = SignedOut Rejected
SignedIn + SignOut = SignedOut, revoke old
SignedIn, over + Redeem = Exchanging with old
SignedIn, over + Issued = SignedIn new, revoke old
SignedIn, over + Rejected = SignedOut Rejected
SignedIn, over + Tick = SignedOut Expired
SignedIn, over + SignOut = SignedOut, revoke old
"
    );
}

#[test]
fn expired_tokens_are_not_sent() {
    let session = Session::SignedIn(grant("token", 1_000));
    let own = "https://shell.example";
    let clearance = intercept::judge(own, own, "/mlflow/graphql", "").unwrap();

    assert_eq!(
        session.bearer(&clearance, Timestamp(999)),
        Some(&Secret::new("token"))
    );
    assert_eq!(session.bearer(&clearance, Timestamp(1_000)), None);
}

#[test]
fn pages_are_told_no_secret() {
    let told = Session::SignedIn(grant("token", 9)).status().write();

    assert_eq!(
        told,
        "v=1&status=signed-in&name=a%40example.com&group=readers"
    );
}

fn grant(bearer: &str, expires_at: u64) -> Grant {
    Grant {
        bearer: Secret::new(bearer),
        refresh: Some(Secret::new(bearer)),
        user: User {
            name: "a@example.com".into(),
            groups: vec!["readers".into()],
        },
        expires_at: Timestamp(expires_at),
    }
}

fn name_of(session: &Session) -> String {
    match session {
        Session::SignedOut(None) => "SignedOut".into(),
        Session::SignedOut(Some(ending)) => format!("SignedOut {ending:?}"),
        Session::Exchanging(None) => "Exchanging".into(),
        Session::Exchanging(Some(grant)) => format!("Exchanging with {}", grant.bearer.expose()),
        Session::SignedIn(grant) => format!("SignedIn {}", grant.bearer.expose()),
    }
}

fn describe(action: Option<Action>) -> String {
    match action {
        Some(Action::Revoke(refresh)) => format!(", revoke {}", refresh.expose()),
        None => String::new(),
    }
}
