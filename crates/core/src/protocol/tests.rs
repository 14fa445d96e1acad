use std::fmt::Debug;

use super::*;

#[test]
fn every_message_is_read_as_it_was_written() {
    let user = User {
        name: "a&b=c@example.com".into(),
        groups: vec!["a, b".into(), "ü".into()],
    };
    let route = Route::new("#/experiments?x=%20&y=1");

    check(&Ask::Status, "v=2&ask=status");
    check(
        &Ask::SignIn {
            route,
            window: true,
        },
        "v=2&ask=sign-in&route=%23%2Fexperiments%3Fx%3D%2520%26y%3D1&window=yes",
    );
    check(
        &Ask::Return {
            query: "?code=a&state=b".into(),
            fragment: String::new(),
        },
        "v=2&ask=return&query=%3Fcode%3Da%26state%3Db&fragment=",
    );
    check(&Ask::SignOut, "v=2&ask=sign-out");
    check(&Ask::Ping, "v=2&ask=ping");
    check(&Ask::Site, "v=2&ask=site");
    check(&Answer::Site(Site::default()), "v=2&answer=site&bar=open");
    check(&Ask::TakeOver, "v=2&ask=take-over");

    check(
        &Answer::Status(Status::SignedOut(None)),
        "v=2&answer=status&status=signed-out",
    );
    for (health, told) in [
        (Health::Well, "well"),
        (
            Health::Retrying("renewal-throttled".into()),
            "retrying&code=renewal-throttled",
        ),
        (Health::Rejected, "rejected"),
    ] {
        let told = format!(
            "v=2&answer=status&status=signed-in&name=a%26b%3Dc%40example.com&group=a%2C+b&group=%C3%BC&health={told}"
        );
        check(
            &Answer::Status(Status::SignedIn(user.clone(), health)),
            &told,
        );
    }
    check(
        &Status::SignedOut(Some(Ending::Expired)),
        "v=2&status=expired",
    );
    check(
        &Status::SignedOut(Some(Ending::Refused)),
        "v=2&status=refused",
    );
    check(
        &Answer::Go("https://a/?b=c".into()),
        "v=2&answer=go&url=https%3A%2F%2Fa%2F%3Fb%3Dc",
    );
    check(
        &Answer::Returned {
            route: Route::default(),
            window: false,
        },
        "v=2&answer=returned&route=&window=no",
    );
    check(
        &Answer::SignedOut {
            url: "https://a".into(),
            revoked: true,
        },
        "v=2&answer=signed-out&url=https%3A%2F%2Fa&revoked=yes",
    );
    check(&Answer::Awake(3), "v=2&answer=awake&bodies=3");
}

#[test]
fn every_trouble_survives_the_way_to_the_page() {
    for trouble in crate::trouble::samples() {
        let answer = Answer::Trouble(trouble);
        assert_eq!(Answer::read(&answer.write()), Ok(answer));
    }
}

#[test]
fn other_versions_and_unknown_messages_are_refused() {
    let table = [
        ("v=1&ask=status", MessageError::Version),
        ("v=2.0&ask=status", MessageError::Version),
        ("ask=status", MessageError::Version),
        ("", MessageError::Version),
        ("v=2&ask=give-token", MessageError::Malformed),
        ("v=2&ask=key", MessageError::Malformed),
        ("v=2&ask=sign-in", MessageError::Malformed),
        ("v=2", MessageError::Malformed),
    ];
    for (text, expected) in table {
        assert_eq!(Ask::read(text), Err(expected), "{text}");
    }
}

#[test]
fn what_an_update_needs_is_understood_by_every_version() {
    for version in ["1", "2", "300"] {
        let ask = format!("v={version}&ask=ping");
        assert_eq!(Ask::read(&ask), Ok(Ask::Ping));
        let ask = format!("v={version}&ask=take-over");
        assert_eq!(Ask::read(&ask), Ok(Ask::TakeOver));
        let answer = format!("v={version}&answer=awake&bodies=1&more=x");
        assert_eq!(Answer::read(&answer), Ok(Answer::Awake(1)));
    }
}

fn check<T: Message + PartialEq + Debug>(message: &T, text: &str) {
    assert_eq!(message.write(), text);
    assert_eq!(T::read(text).as_ref(), Ok(message));
}
