use std::fmt::Debug;

use super::*;
use crate::{
    oauth::User,
    session::{EndReason, Health},
};

#[test]
fn every_message_is_read_as_it_was_written() {
    let route = Route::new("#/experiments?x=%20&y=1");
    let window = true;

    check(&PageRequest::Status, r#"[7,"Status"]"#);
    check(
        &PageRequest::SignIn { route, window },
        r##"[7,{"SignIn":{"route":"#/experiments?x=%20&y=1","window":true}}]"##,
    );
    check(
        &PageRequest::Return {
            query: "?code=a&ask=ping&state=b".into(),
            fragment: String::new(),
        },
        r#"[7,{"Return":{"query":"?code=a&ask=ping&state=b","fragment":""}}]"#,
    );
    check(&PageRequest::SignOut, r#"[7,"SignOut"]"#);
    check(&PageRequest::Site, r#"[7,"Site"]"#);
    check(
        &WorkerReply::Site(Site::default()),
        r#"[7,{"Site":{"bar":"open","python":null,"upstreams":[],"ui":null,"page_origins":[],"rights":"","refusal":null}}]"#,
    );
    check(
        &WorkerReply::Go("https://a/?b=c".into()),
        r#"[7,{"Go":"https://a/?b=c"}]"#,
    );
    check(
        &WorkerReply::Returned {
            route: Route::default(),
            window: false,
        },
        r#"[7,{"Returned":{"route":"","window":false}}]"#,
    );
    check(
        &WorkerReply::TerminalCode(Secret::new("code=a&state=terminal.b")),
        r#"[7,{"TerminalCode":"code=a&state=terminal.b"}]"#,
    );
    check(
        &WorkerReply::SignedOut {
            url: "https://a".into(),
            has_form: true,
            revoked: true,
            answers: true,
        },
        r#"[7,{"SignedOut":{"url":"https://a","has_form":true,"revoked":true,"answers":true}}]"#,
    );
}

#[test]
fn only_a_code_is_never_offered_twice() {
    let code = PageRequest::Return {
        query: "?code=c".to_owned(),
        fragment: String::new(),
    };
    assert_eq!(code.resend_after(), None);
    for request in [PageRequest::Status, PageRequest::SignOut, PageRequest::Ping] {
        assert_eq!(request.resend_after(), Some(RESEND_AFTER), "{request:?}");
    }
}

#[test]
fn every_status_is_read_as_it_was_written() {
    check(
        &WorkerReply::Status(Status::SignedOut(None)),
        r#"[7,{"Status":{"SignedOut":null}}]"#,
    );
    check(
        &WorkerReply::Failed(UserError::StorageBlocked),
        r#"[7,{"Failed":"StorageBlocked"}]"#,
    );
    for (ending, told) in [
        (EndReason::Expired, "Expired"),
        (EndReason::Refused, "Refused"),
    ] {
        let told = format!(r#"[7,{{"SignedOut":"{told}"}}]"#);
        check(&Status::SignedOut(Some(ending)), &told);
    }
    let retrying = Health::Retrying("renewal-throttled".into());
    for (health, told) in [
        (Health::Well, r#""Well""#),
        (retrying, r#"{"Retrying":"renewal-throttled"}"#),
        (Health::Rejected, r#""Rejected""#),
    ] {
        let user = User {
            name: "a\"b@example.com".into(),
            groups: vec!["a, b".into(), "ü".into()],
            unreadable: None,
        };
        let user_told = r#"{"name":"a\"b@example.com","groups":["a, b","ü"]}"#;
        let told = format!(r#"[7,{{"SignedIn":[{user_told},{told}]}}]"#);
        check(&Status::SignedIn(user, health), &told);
    }
}

#[test]
fn a_notice_is_no_status_and_no_status_a_notice() {
    let notice = Notice {
        sentence: "You may not: a&b=c.".into(),
    };
    check(&notice, r#"[7,{"sentence":"You may not: a&b=c."}]"#);
    assert_eq!(Status::read(&notice.write()), Err(MessageError::Malformed));
    assert_eq!(
        WorkerReply::read(&notice.write()),
        Err(MessageError::Malformed)
    );
    let status = Status::SignedOut(None).write();
    assert_eq!(Notice::read(&status), Err(MessageError::Malformed));
    let other = r#"[5,{"sentence":"x"}]"#;
    assert_eq!(Notice::read(other), Err(MessageError::Version));
}

#[test]
fn every_trouble_survives_the_way_to_the_page() {
    for trouble in crate::user_error::samples() {
        let answer = WorkerReply::Failed(trouble);
        assert_eq!(WorkerReply::read(&answer.write()), Ok(answer));
    }
}

#[test]
fn other_versions_and_unknown_messages_are_refused() {
    let table = [
        (r#"[5,"Status"]"#, MessageError::Version),
        (r#"[6,{"Unheard":"of"}]"#, MessageError::Version),
        (r#"["7","Status"]"#, MessageError::Version),
        (r#"[7.0,"Status"]"#, MessageError::Version),
        (r#"[7,"Status""#, MessageError::Version),
        ("[]", MessageError::Version),
        ("\"Status\"", MessageError::Version),
        ("", MessageError::Version),
        // What earlier builds ask.
        ("v=5&ask=status", MessageError::Version),
        ("v=6&ask=status", MessageError::Version),
        ("ask=status", MessageError::Version),
        (r#"[7,"GiveToken"]"#, MessageError::Malformed),
        (r#"[7,"Key"]"#, MessageError::Malformed),
        (r#"[7,"SignIn"]"#, MessageError::Malformed),
        (r#"[7,{"SignIn":{"route":""}}]"#, MessageError::Malformed),
        ("[7,null]", MessageError::Malformed),
    ];
    for (text, expected) in table {
        assert_eq!(PageRequest::read(text), Err(expected), "{text}");
    }
}

/// As builds have written them since the first version.
#[test]
fn what_an_update_needs_is_understood_by_every_version() {
    check(&PageRequest::Ping, "ask=ping");
    check(&PageRequest::TakeOver, "ask=take-over");
    check(&WorkerReply::Awake(3), "answer=awake&bodies=3");
    for version in ["1", "2", "5", "6", "300"] {
        let ask = format!("v={version}&ask=ping");
        assert_eq!(PageRequest::read(&ask), Ok(PageRequest::Ping));
        let ask = format!("v={version}&ask=take-over");
        assert_eq!(PageRequest::read(&ask), Ok(PageRequest::TakeOver));
        let answer = format!("v={version}&answer=awake&bodies=1&more=x");
        assert_eq!(WorkerReply::read(&answer), Ok(WorkerReply::Awake(1)));
    }
    for text in ["answer=awake", "answer=awake&bodies=x", "ask=ping"] {
        assert_eq!(
            WorkerReply::read(text),
            Err(MessageError::Version),
            "{text}"
        );
    }
}

fn check<T: Message + PartialEq + Debug>(message: &T, text: &str) {
    assert_eq!(message.write(), text);
    assert_eq!(T::read(text).as_ref(), Ok(message));
}
