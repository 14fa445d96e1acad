use std::fmt::Debug;

use super::*;

#[test]
fn every_message_is_read_as_it_was_written() {
    let user = User {
        name: "a&b=c@example.com".into(),
        groups: vec!["a, b".into(), "ü".into()],
    };
    let route = Route::new("#/experiments?x=%20&y=1");

    check(&Ask::Status, "v=5&ask=status");
    check(
        &Ask::SignIn {
            route,
            window: true,
        },
        "v=5&ask=sign-in&route=%23%2Fexperiments%3Fx%3D%2520%26y%3D1&window=yes",
    );
    check(
        &Ask::Return {
            query: "?code=a&state=b".into(),
            fragment: String::new(),
        },
        "v=5&ask=return&query=%3Fcode%3Da%26state%3Db&fragment=",
    );
    check(&Ask::SignOut, "v=5&ask=sign-out");
    check(&Ask::Ping, "v=5&ask=ping");
    check(&Ask::Site, "v=5&ask=site");
    check(
        &Answer::Site(Site::default()),
        "v=5&answer=site&bar=open&rights=",
    );
    check(&Ask::TakeOver, "v=5&ask=take-over");

    check(
        &Answer::Status(Status::SignedOut(None)),
        "v=5&answer=status&status=signed-out",
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
            "v=5&answer=status&status=signed-in&name=a%26b%3Dc%40example.com&group=a%2C+b&group=%C3%BC&health={told}"
        );
        check(
            &Answer::Status(Status::SignedIn(user.clone(), health)),
            &told,
        );
    }
    check(
        &Status::SignedOut(Some(Ending::Expired)),
        "v=5&status=expired",
    );
    check(
        &Status::SignedOut(Some(Ending::Refused)),
        "v=5&status=refused",
    );
    check(
        &Answer::Go("https://a/?b=c".into()),
        "v=5&answer=go&url=https%3A%2F%2Fa%2F%3Fb%3Dc",
    );
    check(
        &Answer::Returned {
            route: Route::default(),
            window: false,
        },
        "v=5&answer=returned&route=&window=no",
    );
    check(
        &Answer::SignedOut {
            url: "https://a".into(),
            revoked: true,
        },
        "v=5&answer=signed-out&url=https%3A%2F%2Fa&revoked=yes",
    );
    check(&Answer::Awake(3), "v=5&answer=awake&bodies=3");
}

#[test]
fn a_notice_is_no_status_and_no_status_a_notice() {
    let notice = Notice {
        sentence: "You may not: a&b=c.".into(),
    };
    check(
        &notice,
        "v=5&news=denied&sentence=You+may+not%3A+a%26b%3Dc.",
    );
    assert_eq!(Status::read(&notice.write()), Err(MessageError::Malformed));
    assert_eq!(Answer::read(&notice.write()), Err(MessageError::Malformed));
    for text in [
        "v=5&status=signed-out",
        "v=5&news=other&sentence=x",
        "v=5&news=denied",
        "v=5&sentence=x",
    ] {
        assert_eq!(Notice::read(text), Err(MessageError::Malformed), "{text}");
    }
    let other = "v=2&news=denied&sentence=x";
    assert_eq!(Notice::read(other), Err(MessageError::Version));
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
        ("v=5.0&ask=status", MessageError::Version),
        ("ask=status", MessageError::Version),
        ("", MessageError::Version),
        ("v=5&ask=give-token", MessageError::Malformed),
        ("v=5&ask=key", MessageError::Malformed),
        ("v=5&ask=sign-in", MessageError::Malformed),
        ("v=5", MessageError::Malformed),
    ];
    for (text, expected) in table {
        assert_eq!(Ask::read(text), Err(expected), "{text}");
    }
}

#[test]
fn what_an_update_needs_is_understood_by_every_version() {
    for version in ["1", "2", "3", "300"] {
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
