use std::fmt::Debug;

use super::*;

#[test]
fn every_message_is_read_as_it_was_written() {
    let user = User {
        name: "a&b=c@example.com".into(),
        groups: vec!["a, b".into(), "ü".into()],
    };
    let route = Route::new("#/experiments?x=%20&y=1");

    check(&Ask::Status, "v=1&ask=status");
    check(
        &Ask::SignIn(route),
        "v=1&ask=sign-in&route=%23%2Fexperiments%3Fx%3D%2520%26y%3D1",
    );
    check(
        &Ask::Return {
            query: "?code=a&state=b".into(),
            fragment: String::new(),
        },
        "v=1&ask=return&query=%3Fcode%3Da%26state%3Db&fragment=",
    );
    check(&Ask::SignOut, "v=1&ask=sign-out");
    check(&Ask::Ping, "v=1&ask=ping");

    check(
        &Answer::Status(Status::SignedOut(None)),
        "v=1&answer=status&status=signed-out",
    );
    check(
        &Answer::Status(Status::SignedIn(user)),
        "v=1&answer=status&status=signed-in&name=a%26b%3Dc%40example.com&group=a%2C+b&group=%C3%BC",
    );
    check(
        &Status::SignedOut(Some(Ending::Expired)),
        "v=1&status=expired",
    );
    check(
        &Status::SignedOut(Some(Ending::Rejected)),
        "v=1&status=rejected",
    );
    check(&Status::SigningIn, "v=1&status=signing-in");
    check(
        &Answer::Go("https://a/?b=c".into()),
        "v=1&answer=go&url=https%3A%2F%2Fa%2F%3Fb%3Dc",
    );
    check(
        &Answer::Returned(Route::default()),
        "v=1&answer=returned&route=",
    );
    check(
        &Answer::SignedOut {
            url: "https://a".into(),
            revoked: true,
        },
        "v=1&answer=signed-out&url=https%3A%2F%2Fa&revoked=yes",
    );
    check(&Answer::Awake, "v=1&answer=awake");
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
        ("v=2&ask=status", MessageError::Version),
        ("v=1.0&ask=status", MessageError::Version),
        ("ask=status", MessageError::Version),
        ("", MessageError::Version),
        ("v=1&ask=give-token", MessageError::Malformed),
        ("v=1&ask=sign-in", MessageError::Malformed),
        ("v=1", MessageError::Malformed),
    ];
    for (text, expected) in table {
        assert_eq!(Ask::read(text), Err(expected), "{text}");
    }
}

fn check<T: Message + PartialEq + Debug>(message: &T, text: &str) {
    assert_eq!(message.write(), text);
    assert_eq!(T::read(text).as_ref(), Ok(message));
}
