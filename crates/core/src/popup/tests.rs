use super::*;

const URL: &str = "https://login.example/oauth2/authorize?client_id=c&state=s1&nonce=n";

fn sign_in() -> PopupSignIn {
    PopupSignIn::to(URL, Timestamp(100)).unwrap()
}

fn returned(query: &str) -> PopupMessage {
    PopupMessage::Returned(Return::read(query).unwrap())
}

#[test]
fn a_frame_heeds_its_own_windows_and_its_own_errand() {
    let complete = |query: &str| {
        Some(PopupAction::Complete(
            PopupMessage::Done("s1".into()),
            Secret::new(query),
        ))
    };
    let (ours, foreign) = (true, false);
    let table = [
        (
            PopupMessage::Ready,
            ours,
            Some(PopupAction::Send(PopupMessage::Start(sign_in()))),
        ),
        (PopupMessage::Ready, foreign, None),
        (
            returned("?code=c&state=s1"),
            ours,
            complete("code=c&state=s1"),
        ),
        (
            returned("error=access_denied&state=s1"),
            ours,
            complete("error=access_denied&state=s1"),
        ),
        (returned("code=c&state=s1"), foreign, None),
        (returned("code=c&state=s2"), ours, None),
        (returned("code=c&state="), ours, None),
        (PopupMessage::Done("s1".into()), ours, None),
        (PopupMessage::Start(sign_in()), ours, None),
    ];
    for (message, whose, expected) in table {
        assert_eq!(
            sign_in().on_message(message.clone(), whose),
            expected,
            "{message:?}"
        );
    }
}

#[test]
fn a_frame_asks_until_there_is_an_answer_or_never_will_be() {
    let query = Collected::Return(Secret::new("code=c&state=s1"));
    let table = [
        (200, "code=c&state=s1", query),
        (204, "", Collected::Nothing),
        (429, "", Collected::Nothing),
        (502, "<html>", Collected::Nothing),
        (404, "", Collected::Never),
        (200, "<html>", Collected::Never),
        (200, "code=c&state=s2", Collected::Never),
    ];
    for (status, body, expected) in table {
        assert_eq!(sign_in().collected(Response { status, body }), expected);
    }
}

#[test]
fn a_record_of_a_sign_in_ends_with_its_sign_in() {
    let end = Timestamp(100).plus(TRANSACTION_LIFETIME);
    assert_eq!(PopupSignIn::read(&sign_in().write(), end), Some(sign_in()));
    assert_eq!(PopupSignIn::read(&sign_in().write(), end.plus(1)), None);
    assert_eq!(PopupSignIn::read("", end), None);
}

#[test]
fn a_person_may_paste_the_code_or_the_whole_address() {
    let table = [
        ("code=c&state=s1", true),
        ("  code=c&state=s1\n", true),
        ("https://shell.example/callback?code=c&state=s1", true),
        ("code=c&state=other", false),
        ("code=c", false),
        ("", false),
    ];
    for (text, taken) in table {
        assert_eq!(sign_in().pasted(text).is_some(), taken, "{text}");
    }
}

#[test]
fn messages_can_be_read_again_and_show_no_code() {
    let messages = [
        PopupMessage::Ready,
        PopupMessage::Soon,
        PopupMessage::Start(sign_in()),
        returned("code=very-secret&state=s1"),
        PopupMessage::Done("s1".into()),
    ];
    for message in messages {
        assert_eq!(PopupMessage::read(&message.write()), Ok(message.clone()));
        assert!(!format!("{message:?}").contains("very-secret"));
    }
    assert!(PopupMessage::read(r#"[7,{"Start":[1,"https://no.state/"]}]"#).is_err());
    assert!(PopupMessage::read(r#"[7,{"Returned":"code=c"}]"#).is_err());
}

#[test]
fn an_error_without_a_state_belongs_to_the_sign_in_with_a_record() {
    let [first, second] = ["s1", "s2"].map(|state| format!("{RECORD_PREFIX}{state}"));
    let names = [first.as_str(), second.as_str()];
    let table: [(_, &[&str], _); 7] = [
        (
            "?error=access_denied",
            &names,
            Some("error=access_denied&state=s1"),
        ),
        (
            "?error=access_denied",
            &names[1..],
            Some("error=access_denied&state=s2"),
        ),
        ("?error=access_denied", &["another name"], None),
        ("?error=access_denied", &[], None),
        ("?error=e&state=s3", &names, Some("error=e&state=s3")),
        ("?code=c", &names, None),
        ("", &names, None),
    ];
    for (query, names, expected) in table {
        let found = Return::find(query, names.iter().copied());
        let found = found.map(|returned| returned.query);
        assert_eq!(found, expected.map(Secret::new), "{query} {names:?}");
    }
}

#[test]
fn a_relay_names_a_page_of_its_own_origin_only() {
    let table = [
        (
            "#/?upstream=dev#/experiments/1",
            "https://a.example/?upstream=dev#/experiments/1",
        ),
        ("#/#/models", "https://a.example/#/models"),
        ("", "https://a.example/"),
        ("#//evil.test/", "https://a.example/"),
        ("#/\\evil.test/", "https://a.example/"),
        ("#https://evil.test/", "https://a.example/"),
    ];
    for (hash, address) in table {
        assert_eq!(page("https://a.example", hash), address, "{hash}");
    }
}

#[test]
fn a_record_ends_with_the_sign_in_it_is_about() {
    let begun = PopupRecord::begun(Timestamp(100));
    let answered = begun.clone().with(&Secret::new("code=c&state=s1"));
    for record in [begun, answered] {
        let text = record.write();
        let end = Timestamp(100).plus(TRANSACTION_LIFETIME);
        assert_eq!(PopupRecord::read(&text, end), Some(record));
        assert_eq!(PopupRecord::read(&text, end.plus(1)), None);
    }
    assert_eq!(PopupRecord::read("nonsense", Timestamp(0)), None);
}
