//! Whole stories, message by message.

use super::*;
use crate::{
    Secret,
    config::{Python, SignIn},
    oauth::logout::Revocation,
    popup::{Collected, PopupMessage, PopupRecord, PopupSignIn, Return},
    protocol::WorkerReply,
    session::{EndReason, Status},
};

const ORIGIN: &str = "https://mlflow.example.com";
const LOGOUT: &str = "https://login.example.com/logout";
const LOGIN: &str = "https://login.example.com/authorize?state=abc";

/// A page, and what was to be done for each message.
struct Page(PageState);

impl Page {
    fn at(path: &str, query: &str, hash: &str) -> (Self, Environment) {
        let address = Address {
            path: path.into(),
            query: query.into(),
            hash: hash.into(),
        };
        let state = PageState {
            address: address.clone(),
            now: Timestamp(1_000),
            ..PageState::default()
        };
        let environment = Environment {
            origin: ORIGIN.into(),
            address,
            is_secure: true,
            has_workers: true,
            ..Environment::default()
        };
        (Self(state), environment)
    }

    /// A page of which the worker has taken control.
    fn controlled(path: &str, query: &str, hash: &str) -> Self {
        let (mut page, environment) = Self::at(path, query, hash);
        page.tell(Msg::Started(environment));
        page.take_control();
        page
    }

    fn framed() -> Self {
        let (mut page, environment) = Self::at("/", "", "#/models");
        page.tell(Msg::Started(Environment {
            is_framed: true,
            ..environment
        }));
        page.take_control();
        page.answer(WorkerReply::Status(Status::SignedOut(None)));
        page
    }

    /// A page that shows MLflow to a reader.
    fn working() -> Self {
        let mut page = Self::controlled("/", "", "#/models");
        page.answer(signed_in("ann"));
        page.answer(WorkerReply::Site(Site::default()));
        page
    }

    fn take_control(&mut self) -> Vec<Effect> {
        self.tell(Msg::ControlChecked(ControlState {
            controlled: true,
            installing: false,
            waited: false,
            reloaded: false,
        }))
    }

    fn tell(&mut self, message: Msg) -> Vec<Effect> {
        update(&mut self.0, message)
    }

    fn answer(&mut self, answer: WorkerReply) -> Vec<Effect> {
        self.tell(Msg::Answered(Purpose::Show, answer))
    }

    fn dialog(&self) -> &Dialog {
        self.0.dialog.as_ref().expect("a dialog is shown")
    }
}

fn signed_in(name: &str) -> WorkerReply {
    WorkerReply::Status(status(name))
}

fn status(name: &str) -> Status {
    let user = User {
        name: name.into(),
        groups: vec!["readers".into()],
        unreadable: None,
    };
    Status::SignedIn(user, Health::Well)
}

fn ask(ask: PageRequest) -> Effect {
    Effect::AskWorker(Purpose::Show, ask)
}

fn returned() -> Return {
    Return::read("code=1&state=abc").unwrap()
}

#[test]
fn who_is_signed_in_sees_mlflow_at_the_route_of_the_address() {
    let (mut page, environment) = Page::at("/", "", "#/models");
    assert_eq!(page.tell(Msg::Started(environment)), [Effect::Register]);
    let asked = [Effect::KeepAwake, ask(PageRequest::Status)];
    assert_eq!(page.take_control(), asked);
    let effects = page.answer(signed_in("ann"));
    assert!(effects.contains(&ask(PageRequest::Site)), "{effects:?}");
    assert_eq!(page.0.session, None);

    let effects = page.answer(WorkerReply::Site(Site::default()));
    assert_eq!(effects, [Effect::LoadFrame("/mlflow/#/models".into())]);
    assert!(page.0.session.is_some() && page.0.dialog.is_none());
    assert_eq!(page.0.route(), Some(&Route::new("#/models")));
}

#[test]
fn what_was_shown_meanwhile_is_not_covered_by_mlflow() {
    let mut page = Page::controlled("/", "", "");
    page.answer(signed_in("ann"));
    page.tell(Msg::SignOut);
    assert_eq!(page.answer(WorkerReply::Site(Site::default())), []);
    assert_eq!(page.dialog(), &Dialog::Progress(Progress::SigningOut));
}

#[test]
fn a_user_whom_nothing_is_offered_is_told_why() {
    let mut page = Page::controlled("/", "", "");
    page.answer(signed_in("ann"));
    let site = Site {
        refusal: Some("Not for you.".into()),
        ..Site::default()
    };
    assert_eq!(page.answer(WorkerReply::Site(site)), [Effect::ClearFrame]);
    assert_eq!(page.dialog(), &Dialog::NoAccess("Not for you.".into()));
}

#[test]
fn the_code_leaves_the_address_before_anything_else() {
    let (mut page, environment) = Page::at("/callback", "?code=1&state=2", "");
    let effects = page.tell(Msg::Started(Environment {
        left: "?upstream=dev#/models".into(),
        ..environment
    }));
    let shown = Effect::ShowAddress("/?upstream=dev#/models".into());
    assert_eq!(effects, [shown, Effect::ClearFrame, Effect::Register]);
    assert_eq!(page.dialog(), &Dialog::Progress(Progress::SigningIn));
    let asked = page.take_control();
    assert!(
        matches!(&asked[1], Effect::AskWorker(_, PageRequest::Return { .. })),
        "{asked:?}"
    );
}

#[test]
fn a_browser_that_cannot_run_the_shell_is_told_and_nothing_is_registered() {
    let (mut page, environment) = Page::at("/", "", "");
    let effects = page.tell(Msg::Started(Environment {
        has_workers: false,
        ..environment
    }));
    assert_eq!(effects, [Effect::ClearFrame]);
    assert_eq!(page.dialog().code(), "no-workers");
}

#[test]
fn nothing_is_forgotten_unasked() {
    let (mut page, environment) = Page::at("/", "?reset", "");
    assert_eq!(page.tell(Msg::Started(environment)), [Effect::ClearFrame]);
    assert_eq!(page.dialog(), &Dialog::Forget);
    let effects = page.tell(Msg::Forget);
    assert_eq!(effects, [Effect::ClearFrame, Effect::Reset]);
}

#[test]
fn a_sign_in_beside_mlflow_leaves_mlflow_as_it_is() {
    let mut page = Page::working();
    let ended = Status::SignedOut(Some(EndReason::Expired));
    assert_eq!(page.tell(Msg::StatusChanged(ended)), []);
    assert_eq!(page.dialog(), &Dialog::SessionEnded(EndReason::Expired));

    assert_eq!(page.tell(Msg::SignInBeside), [Effect::OpenWindow]);
    let effects = page.tell(Msg::WindowOpened(true));
    assert!(
        matches!(&effects[..], [Effect::AskWorker(Purpose::Window, _)]),
        "{effects:?}"
    );
    let failed = WorkerReply::Failed(UserError::ProviderDown);
    let effects = page.tell(Msg::Answered(Purpose::Window, failed));
    assert_eq!(effects, [Effect::CloseOpened]);
    assert_eq!(
        page.dialog(),
        &Dialog::SignInFailed(UserError::ProviderDown)
    );

    page.tell(Msg::StatusChanged(status("ann")));
    assert!(page.0.dialog.is_none() && page.0.route().is_some());
}

#[test]
fn the_page_itself_goes_to_the_login_where_no_window_opens() {
    let mut page = Page::working();
    let effects = page.tell(Msg::WindowOpened(false));
    assert_eq!(effects[1], Effect::RememberAddress("#/models".into()));
    let url = Effect::Navigate(LOGIN.into());
    assert_eq!(page.answer(WorkerReply::Go(LOGIN.into())), [url]);
}

#[test]
fn signing_out_ends_at_the_provider_unless_something_is_to_be_said_first() {
    use Revocation::{Done, Refused, Unconfirmed};
    let page_of_form = Some("/end-session");
    // Where it leaves for, and whether it remembers that a token is left.
    let table = [
        (Done, false, None, Some(LOGOUT), false),
        (Done, false, page_of_form, page_of_form, false),
        (Refused, false, None, Some(LOGOUT), true),
        (Refused, false, page_of_form, page_of_form, true),
        (Unconfirmed, false, page_of_form, None, false),
        (Done, true, page_of_form, None, false),
        (Refused, true, None, None, false),
    ];
    for (revocation, is_framed, form_page, leaves, remembers) in table {
        let mut page = if is_framed {
            Page::framed()
        } else {
            Page::working()
        };
        let effects = page.tell(Msg::SignOut);
        assert_eq!(effects, [Effect::ClearFrame, ask(PageRequest::SignOut)]);
        let effects = page.answer(WorkerReply::SignedOut {
            url: LOGOUT.to_owned(),
            has_form: form_page.is_some(),
            revoked: revocation == Done,
            answers: revocation != Unconfirmed,
        });
        let case = format!("{revocation:?} {is_framed} {form_page:?}");
        let leave = leaves.map(|url| Effect::Navigate(url.to_owned()));
        let is_leaving = |effect: &&Effect| matches!(effect, Effect::Navigate(_));
        let left = effects.iter().find(is_leaving);
        assert_eq!(left, leave.as_ref(), "{case}");
        let remembered = effects.contains(&Effect::RememberTokenLeft);
        assert_eq!(remembered, remembers, "{case}");
    }
}

#[test]
fn a_refresh_token_that_is_left_is_said_after_the_sign_out_and_only_then() {
    for (ending, code) in [(None, "not-revoked"), (Some(EndReason::Expired), "")] {
        let (mut page, environment) = Page::at("/", "", "");
        page.tell(Msg::Started(Environment {
            is_token_left: true,
            ..environment
        }));
        page.take_control();
        page.answer(WorkerReply::Status(Status::SignedOut(ending)));
        let dialog = page.0.dialog.as_ref().unwrap();
        assert_eq!(dialog.code(), code);
        let is_said = dialog.contents().text.contains("did not take");
        assert_eq!(is_said, ending.is_none());
    }
}

#[test]
fn a_framed_sign_in_is_completed_with_what_its_own_popup_brings() {
    let mut page = Page::framed();
    let opened = Effect::OpenPopup("/relay#/#/models".into());
    assert_eq!(page.tell(Msg::SignIn)[1..], [opened]);
    let Some(Effect::AskWorker(purpose @ Purpose::Popup(_), _)) =
        page.tell(Msg::PopupOpened(true)).pop()
    else {
        panic!("the worker is not asked");
    };
    // The relay is quicker than the worker.
    let popup = |is_ours, message| Msg::WindowMessage {
        from: WindowId(0),
        is_ours,
        message,
    };
    let soon = Effect::Reply(WindowId(0), PopupMessage::Soon);
    assert_eq!(page.tell(popup(true, PopupMessage::Ready)), [soon]);
    assert_eq!(page.tell(popup(false, PopupMessage::Ready)), []);

    let sign_in = PopupSignIn::to(LOGIN, Timestamp(1_000)).unwrap();
    let effects = page.tell(Msg::Answered(purpose, WorkerReply::Go(LOGIN.into())));
    let started = Effect::Reply(WindowId(0), PopupMessage::Start(sign_in.clone()));
    let kept = Effect::StoreSignIn(Some(sign_in.clone()));
    assert_eq!(effects, [kept, started, Effect::Collect(sign_in.clone())]);

    let nothing = Msg::Collected(sign_in.clone(), None);
    assert_eq!(page.tell(nothing), [Effect::Collect(sign_in.clone())]);
    assert_eq!(
        page.tell(popup(false, PopupMessage::Returned(returned()))),
        []
    );
    let effects = page.tell(popup(true, PopupMessage::Returned(returned())));
    let done = Effect::Reply(WindowId(0), PopupMessage::Done("abc".into()));
    assert_eq!(effects[0], done);
    assert!(matches!(
        &effects[2],
        Effect::AskWorker(_, PageRequest::Return { .. })
    ));

    // The same return by the other way, and what belonged to the sign-in.
    let late = Collected::Return(Secret::new("code=1&state=abc"));
    assert_eq!(page.tell(Msg::Collected(sign_in, Some(late))), []);
}

#[test]
fn a_framed_sign_in_that_was_given_up_is_not_taken_up_by_a_late_answer() {
    let mut page = Page::framed();
    page.tell(Msg::SignIn);
    page.tell(Msg::PopupOpened(true));
    page.tell(Msg::Cancel);
    let late = Msg::Answered(Purpose::Popup(1), WorkerReply::Go(LOGIN.into()));
    assert_eq!(page.tell(late.clone()), [Effect::CloseOpened]);

    // A second attempt has a window of its own.
    page.tell(Msg::SignIn);
    page.tell(Msg::PopupOpened(true));
    assert_eq!(page.tell(late), []);
}

#[test]
fn a_code_is_used_for_its_own_sign_in_only() {
    let mut page = Page::framed();
    page.0.popup.sign_in = PopupSignIn::to(LOGIN, Timestamp(1_000));
    page.tell(Msg::CodeEntered(Secret::new("code=1&state=other")));
    page.tell(Msg::UseCode);
    assert!(page.0.toast.contains("not the code"), "{}", page.0.toast);
    page.tell(Msg::CodeEntered(Secret::new(" code=1&state=abc ")));
    let effects = page.tell(Msg::UseCode);
    assert!(matches!(
        &effects[1],
        Effect::AskWorker(_, PageRequest::Return { .. })
    ));
}

#[test]
fn a_popup_that_is_blocked_is_explained() {
    let mut page = Page::framed();
    page.tell(Msg::SignIn);
    assert_eq!(page.tell(Msg::PopupOpened(false)), []);
    assert_eq!(page.dialog().code(), "popup-blocked");
}

#[test]
fn the_relay_takes_its_errand_to_the_login_and_the_return_back() {
    let (mut page, environment) = Page::at("/relay", "", "#/#/models");
    let effects = page.tell(Msg::Started(Environment {
        has_opener: true,
        ..environment
    }));
    assert_eq!(
        effects,
        [Effect::PostToOpener(PopupMessage::Ready), Effect::Wait]
    );
    let sign_in = PopupSignIn::to(LOGIN, Timestamp(1_000)).unwrap();
    let looked_up = page.tell(Msg::OpenerMessage(PopupMessage::Start(sign_in.clone())));
    assert_eq!(looked_up, [Effect::FindRecord(sign_in.clone())]);
    page.tell(Msg::RecordFound(sign_in, None));
    assert!(matches!(page.dialog(), Dialog::PopupContinue { .. }));
    assert_eq!(page.tell(Msg::Waited), []);
    let opened = Effect::OpenLogin(LOGIN.into());
    assert_eq!(page.tell(Msg::Continue(LOGIN.into())), [opened]);

    let other = Return::read("code=1&state=other").unwrap();
    assert_eq!(
        page.tell(Msg::ChannelMessage(PopupMessage::Returned(other))),
        []
    );
    let effects = page.tell(Msg::ChannelMessage(PopupMessage::Returned(returned())));
    let passed_on = Effect::PostToOpener(PopupMessage::Returned(returned()));
    assert_eq!(
        effects,
        [
            passed_on,
            Effect::Broadcast(PopupMessage::Done("abc".into()))
        ]
    );
    let effects = page.tell(Msg::OpenerMessage(PopupMessage::Done("abc".into())));
    assert_eq!(effects[1], Effect::CloseWindow);
}

#[test]
fn a_relay_that_nobody_answers_says_where_to_go() {
    for has_opener in [false, true] {
        let (mut page, environment) = Page::at("/relay", "", "#/#/models");
        page.tell(Msg::Started(Environment {
            has_opener,
            ..environment
        }));
        page.tell(Msg::Waited);
        let address = format!("{ORIGIN}/#/models");
        assert_eq!(page.dialog(), &Dialog::PopupNoOpener(address));
    }
}

#[test]
fn a_callback_that_nobody_hears_leaves_its_return_or_shows_it() {
    for is_kept in [true, false] {
        let (mut page, environment) = Page::at("/callback", "?code=1&state=abc", "");
        let record = PopupRecord::begun(Timestamp(990));
        page.tell(Msg::Started(Environment {
            returned: Some((returned(), record)),
            ..environment
        }));
        assert_eq!(page.tell(Msg::Waited), [Effect::Deposit(returned())]);
        page.tell(Msg::Deposited(is_kept));
        let shows_code = matches!(page.dialog(), Dialog::PopupCode(_));
        assert_eq!(shows_code, !is_kept);
    }
}

/// The warning is what protects a user who was sent the link by another.
#[test]
fn a_code_for_a_terminal_is_shown_with_a_warning_and_not_kept_in_the_address() {
    let (mut page, environment) = Page::at("/callback", "?code=1&state=terminal.abc", "");
    let effects = page.tell(Msg::Started(environment));
    assert_eq!(effects[0], Effect::ShowAddress("/".into()));
    let code = Secret::new("code=1&state=terminal.abc");
    page.answer(WorkerReply::TerminalCode(code.clone()));
    assert_eq!(page.dialog(), &Dialog::TerminalCode(code.clone()));
    let contents = page.dialog().contents();
    assert_eq!(contents.snippet, Some(code));
    assert!(
        contents
            .text
            .contains("in which you began this sign-in yourself")
    );
}

#[test]
fn a_callback_whose_return_has_arrived_closes() {
    let (mut page, environment) = Page::at("/callback", "?code=1&state=abc", "");
    page.tell(Msg::Started(Environment {
        returned: Some((returned(), PopupRecord::begun(Timestamp(990)))),
        ..environment
    }));
    let effects = page.tell(Msg::ChannelMessage(PopupMessage::Done("abc".into())));
    assert_eq!(effects, [Effect::CloseWindow]);
    assert_eq!(page.tell(Msg::Waited), []);
}

#[test]
fn a_worker_of_another_build_has_the_page_loaded_again() {
    let mut page = Page::working();
    let asked = Effect::AskWorker(Purpose::Meet, PageRequest::Status);
    assert_eq!(page.tell(Msg::WorkerReplaced), [asked]);
    let other = WorkerReply::Failed(UserError::Version);
    let effects = page.tell(Msg::Answered(Purpose::Meet, other));
    assert_eq!(effects, [Effect::ReloadOnce(UserError::Version)]);
}

#[test]
fn mlflow_is_brought_back_once_and_stays_away_if_it_cannot_be_reached() {
    let mut page = Page::working();
    let loaded = |is_elsewhere| Msg::FrameLoaded { is_elsewhere };
    assert_eq!(page.tell(loaded(true)), []);
    assert_eq!(page.tell(loaded(false)), [Effect::KeepLinksInside(None)]);
    let effects = page.tell(loaded(true));
    assert_eq!(effects[0], Effect::BringBack("/mlflow/#/models".into()));
    assert_eq!(page.tell(loaded(true)), []);
}

#[test]
fn a_toast_is_taken_away_by_its_own_timer() {
    let mut page = Page::working();
    assert_eq!(page.tell(Msg::Denied("one".into())), [Effect::EndToast(1)]);
    page.tell(Msg::Denied("two".into()));
    page.tell(Msg::ToastOver(1));
    assert_eq!(page.0.toast, "two");
    page.tell(Msg::ToastOver(2));
    assert_eq!(page.0.toast, "");
}

#[test]
fn a_token_is_shown_only_where_it_was_asked_for() {
    let mut page = Page::working();
    page.0.site.offer.python = Some(Python::Token {
        lifetime: 60,
        sign_in: None,
    });
    page.tell(Msg::ShowPython);
    assert!(matches!(
        page.dialog(),
        Dialog::Python {
            credential: Credential::NoToken,
            ..
        }
    ));
    page.tell(Msg::TokenIssued(Some(Secret::new("mlflow_1"))));
    assert!(
        matches!(page.dialog(), Dialog::Python { variables, credential: Credential::Token, .. }
        if variables.expose().contains("mlflow_1"))
    );
    let list = r#"{"tokens": [{"id": "0123456789abcdef", "user": "a@example.com", "name": "",
        "created": "one", "ends": "two"}, {"id": 1}]}"#;
    page.tell(Msg::TokensListed(ListedToken::list(list)));
    let contents = page.dialog().contents();
    let [(text, button)] = contents.rows.as_slice() else {
        panic!("{contents:?}");
    };
    assert_eq!(text, "0123456789abcdef: one to two");
    let revoke = Effect::RevokeToken("0123456789abcdef".into());
    assert_eq!(button.sends, Msg::Do(revoke));
    // Another token does not hide the list.
    page.tell(Msg::TokenIssued(Some(Secret::new("mlflow_3"))));
    assert_eq!(page.dialog().contents().rows.len(), 1);

    page.tell(Msg::Close);
    page.tell(Msg::TokensListed(ListedToken::list(list)));
    page.tell(Msg::TokenIssued(Some(Secret::new("mlflow_2"))));
    assert_eq!(page.0.dialog, None);
}

#[test]
fn where_people_sign_in_from_a_terminal_that_is_offered_before_a_token() {
    let mut page = Page::working();
    page.0.site.offer.python = Some(Python::Token {
        lifetime: 60,
        sign_in: Some(SignIn::default()),
    });
    page.tell(Msg::ShowPython);
    let labels = |page: &Page| -> Vec<_> {
        let buttons = page.dialog().contents().buttons;
        buttons.iter().map(|button| button.label).collect()
    };
    assert_eq!(labels(&page), ["Copy", "Get a token", "Close"]);
    let snippet = |page: &Page| page.dialog().contents().snippet.unwrap();
    assert!(snippet(&page).expose().starts_with("mlflow-shell login "));

    page.tell(Msg::TokenIssued(Some(Secret::new("mlflow_1"))));
    assert!(!snippet(&page).expose().contains("mlflow-shell login"));
    assert!(
        snippet(&page)
            .expose()
            .contains("MLFLOW_TRACKING_TOKEN=mlflow_1")
    );
}
