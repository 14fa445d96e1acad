use std::fmt::Write;

use super::*;
use crate::{
    oauth::failure::{Phase, TokenError},
    protocol::Message,
    testing::grant,
};

const NOW: Timestamp = Timestamp(1_000);

type NewEvent = fn() -> Event;

/// Every state crossed with every event: the whole machine on one page.
#[test]
fn transitions() {
    let states = [
        ("SignedOut", Session::default()),
        ("Ended", ended(EndReason::Refused)),
        ("SignedIn", signed_in(60)),
        ("SignedIn, over", without_refresh(signed_in(0))),
        ("Leaving", signed_in(60).on(Event::SignOut, NOW).0),
    ];
    let events: [(&str, NewEvent); 14] = [
        ("Issued", || {
            Event::Issued(grant("new", 1_000, 60), Epoch::default())
        }),
        ("Renewed", || renewed("old")),
        ("Renewed, another", || renewed("other")),
        ("Found", || Event::Found(grant("new", 1_000, 60))),
        ("Failed", || failed("old", TokenError::Unreachable)),
        ("Failed, hidden", || failed("old", TokenError::Unreadable)),
        ("Failed for good", || failed("old", TokenError::Subject)),
        ("Failed, another", || failed("other", TokenError::Subject)),
        ("Rejected", || Event::Rejected(Secret::new("old"))),
        ("Rejected, another", || {
            Event::Rejected(Secret::new("other"))
        }),
        ("Accepted", || Event::Accepted),
        ("Tick", || Event::Tick),
        ("SignOut", || Event::SignOut),
        ("Left", || Event::Left),
    ];

    let mut table = String::new();
    for (from, state) in &states {
        for (name, event) in &events {
            let (next, action) = state.clone().on(event(), NOW);
            if next.standing != state.standing || action.is_some() {
                let action = describe(action);
                let _ = writeln!(table, "{from} + {name} = {}{action}", name_of(&next));
            }
        }
    }

    assert_eq!(
        table,
        "\
SignedOut + Issued = SignedIn new
SignedOut + Renewed = SignedOut, revoke new
SignedOut + Renewed, another = SignedOut, revoke new
Ended + Issued = SignedIn new
Ended + Renewed = Ended Refused, revoke new
Ended + Renewed, another = Ended Refused, revoke new
Ended + SignOut = SignedOut
SignedIn + Issued = SignedIn new, revoke old
SignedIn + Renewed = SignedIn new
SignedIn + Renewed, another = SignedIn old, revoke new
SignedIn + Found = SignedIn new
SignedIn + Failed = SignedIn old, Retrying(\"renewal-unreachable\")
SignedIn + Failed, hidden = SignedIn old, Retrying(\"renewal-unreadable\")
SignedIn + Failed for good = Ended Refused
SignedIn + Rejected = SignedIn old, Rejected
SignedIn + SignOut = Leaving old, revoke old
SignedIn, over + Issued = SignedIn new
SignedIn, over + Renewed = SignedIn new
SignedIn, over + Renewed, another = SignedIn old, revoke new
SignedIn, over + Found = SignedIn new
SignedIn, over + Failed = SignedIn old, Retrying(\"renewal-unreachable\")
SignedIn, over + Failed, hidden = SignedIn old, Retrying(\"renewal-unreadable\")
SignedIn, over + Failed for good = Ended Refused
SignedIn, over + Rejected = SignedIn old, Rejected
SignedIn, over + Tick = Ended Expired
SignedIn, over + SignOut = SignedOut
Leaving + Issued = Leaving old, revoke new
Leaving + Renewed = Leaving old, revoke new
Leaving + Renewed, another = Leaving old, revoke new
Leaving + SignOut = Leaving old, revoke old
Leaving + Left = SignedOut
"
    );
}

#[test]
fn a_grant_that_arrives_after_a_sign_out_is_revoked() {
    let begun = Session::default().epoch();
    let (session, _) = Session::default().on(Event::SignOut, NOW);

    let (session, action) = session.on(Event::Issued(grant("late", 1_000, 60), begun), NOW);

    assert_eq!(session.status(), Status::SignedOut(None));
    assert_eq!(action, Some(Action::Revoke(Secret::new("late"))));
}

#[test]
fn two_tabs_that_sign_in_at_once_share_the_later_grant() {
    let begun = Session::default().epoch();
    let (session, _) = Session::default().on(Event::Issued(grant("one", 1_000, 60), begun), NOW);
    let (session, action) = session.on(Event::Issued(grant("two", 1_000, 60), begun), NOW);

    assert_eq!(name_of(&session), "SignedIn two");
    assert_eq!(action, Some(Action::Revoke(Secret::new("one"))));
}

#[test]
fn pauses_double_and_are_spread() {
    let table = [
        (0, 0, 1),
        (1, 0, 2),
        (2, 0, 4),
        (2, 255, 2),
        (3, 128, 6),
        (4, 255, 8),
        (5, 0, 20),
        (400, 0, 20),
    ];
    for (failures, jitter, seconds) in table {
        assert_eq!(pause(failures, jitter), seconds, "{failures} and {jitter}");
    }
}

/// What is hidden ends a session only if it is all that comes, and the bearer is over.
#[test]
fn answers_that_the_browser_hides_end_a_session_whose_bearer_is_over() {
    use TokenError::{Unavailable, Unreachable, Unreadable};
    let hidden = || vec![Unreadable; 5];
    let broken_by = |error| [vec![Unreadable; 4], vec![error, Unreadable]].concat();
    let table = [
        (0, hidden(), true),
        (0, vec![Unreadable; 4], false),
        (0, broken_by(Unreachable), false),
        (0, broken_by(Unavailable), false),
        (60, hidden(), false),
    ];
    for (lifetime, errors, ends) in table {
        let mut session = signed_in(lifetime);
        let mut action = None;
        for error in errors.clone() {
            (session, action) = session.on(failed("old", error), NOW);
        }
        let over = Status::SignedOut(Some(EndReason::Refused));
        assert_eq!(session.status() == over, ends, "{lifetime} {errors:?}");
        assert_eq!(action.is_some(), ends, "it is revoked if that can be");
    }
}

#[test]
fn a_session_without_another_id_token_ends_with_the_last_one_and_says_so() {
    let last = Grant {
        is_last: true,
        ..grant("old", 1_000, 60)
    };
    let renewed = Event::Renewed {
        grant: last,
        before: Secret::new("old"),
    };
    let (session, _) = signed_in(60).on(renewed, NOW);
    assert!(!session.is_due(Timestamp(1_059)));
    assert_eq!(session.renewable(), None);

    let (session, action) = session.on(Event::Tick, Timestamp(1_060));
    let over = Status::SignedOut(Some(EndReason::Refused));
    assert_eq!(session.status(), over);
    assert_eq!(action, Some(Action::Revoke(Secret::new("old"))));
}

#[test]
fn a_renewal_ends_the_trouble_but_not_the_servers_doubts() {
    let (session, _) = signed_in(60).on(failed("old", TokenError::Throttled), NOW);
    assert!(!session.is_due(NOW), "it is too early for another attempt");
    let (session, _) = session.on(renewed("old"), NOW);
    assert_eq!(name_of(&session), "SignedIn new");

    let (session, _) = signed_in(60).on(Event::Rejected(Secret::new("old")), NOW);
    let (session, _) = session.on(renewed("old"), NOW);
    assert_eq!(name_of(&session), "SignedIn new, Rejected");
    let (session, _) = session.on(Event::Accepted, NOW);
    assert_eq!(name_of(&session), "SignedIn new");
}

#[test]
fn a_woken_worker_goes_on_where_the_stopped_one_was() {
    let leaving = signed_in(60).on(Event::SignOut, NOW).0;
    for session in [signed_in(60), ended(EndReason::Expired), leaving] {
        let text = session.checkpoint(r#"{"a": "b&c"}"#).unwrap();
        let (resumed, config) = Session::resume(text.expose()).unwrap();

        assert_eq!(resumed.standing, session.standing);
        assert_eq!(config, r#"{"a": "b&c"}"#);
        assert_eq!(format!("{text:?}"), "[redacted]");
    }
    assert_eq!(Session::default().checkpoint(""), None);
    assert_eq!(Session::resume("anything else"), None);
}

#[test]
fn pages_are_told_no_secret() {
    let told = signed_in(60).status().write();

    assert_eq!(
        told,
        r#"[7,{"SignedIn":[{"name":"a@example.com","groups":["readers"]},"Well"]}]"#
    );
}

fn signed_in(lifetime: u64) -> Session {
    let grant = grant("old", 1_000, lifetime);
    Session::default()
        .on(Event::Issued(grant, Epoch::default()), NOW)
        .0
}

fn without_refresh(mut session: Session) -> Session {
    if let Standing::SignedIn(signed) = &mut session.standing {
        signed.grant.refresh = None;
    }
    session
}

fn ended(why: EndReason) -> Session {
    let subject = "s".into();
    Session {
        standing: Standing::SignedOut(Some(Ended { why, subject })),
        epoch: Epoch::default(),
    }
}

fn renewed(before: &str) -> Event {
    Event::Renewed {
        grant: grant("new", 1_000, 60),
        before: Secret::new(before),
    }
}

fn failed(before: &str, error: TokenError) -> Event {
    let phase = Phase::Renewal;
    Event::Failed {
        failure: Failure { phase, error },
        before: Secret::new(before),
        jitter: 0,
    }
}

fn name_of(session: &Session) -> String {
    match &session.standing {
        Standing::SignedOut(None) => "SignedOut".into(),
        Standing::SignedOut(Some(ended)) => format!("Ended {:?}", ended.why),
        Standing::SignedIn(signed) => {
            let bearer = signed.grant.bearer.expose();
            match &signed.health {
                Health::Well => format!("SignedIn {bearer}"),
                health @ (Health::Retrying(_) | Health::Rejected) => {
                    format!("SignedIn {bearer}, {health:?}")
                }
            }
        }
        Standing::Leaving(refresh) => format!("Leaving {}", refresh.expose()),
    }
}

fn describe(action: Option<Action>) -> String {
    match action {
        Some(Action::Revoke(refresh)) => format!(", revoke {}", refresh.expose()),
        None => String::new(),
    }
}
