//! The components, drawn by a browser.
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;

use leptos::{mount::mount_to, prelude::*, task::tick};
use shell_app::{
    components::{dialog::DialogLayer, toasts::Toasts, toolbar::Toolbar},
    context::PageContext,
};
use shell_core::{
    Route,
    config::{Bar, Python},
    oauth::User,
    page::{Effect, Msg, Purpose},
    protocol::{PageRequest, WorkerReply},
    session::{EndReason, Health, Status},
    site::Site,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};

wasm_bindgen_test_configure!(run_in_browser);

thread_local! {
    /// What was to be done in the browser since the page was drawn.
    static DONE: RefCell<Vec<Effect>> = const { RefCell::new(Vec::new()) };
}

/// The element that a test draws its page in.
const ROOT: &str = "page";

/// A page of its own for each test.
struct Page {
    root: HtmlElement,
    context: PageContext,
}

impl Page {
    /// Draws the page without MLflow's frame, which the document brings.
    fn draw() -> Self {
        DONE.take();
        if let Some(earlier) = document().get_element_by_id(ROOT) {
            earlier.remove();
        }
        let root: HtmlElement = document().create_element("div").unwrap().unchecked_into();
        root.set_id(ROOT);
        document().body().unwrap().append_child(&root).unwrap();
        let context = StoredValue::new(None);
        let drawn = move || {
            context.set_value(Some(PageContext::provide(|effect, _| {
                DONE.with_borrow_mut(|done| done.push(effect));
            })));
            view! {
                <Toolbar />
                <DialogLayer />
                <Toasts />
            }
        };
        mount_to(root.clone(), drawn).forget();
        let context = context.get_value().unwrap();
        Self { root, context }
    }

    /// The page of a signed-in reader.
    async fn working(site: Site) -> Self {
        let page = Self::draw();
        let user = User {
            name: "<b>ann</b>".to_owned(),
            groups: vec!["readers".to_owned()],
            unreadable: None,
        };
        let status = Status::SignedIn(user, Health::Well);
        page.tell(Msg::StatusChanged(status)).await;
        let site = WorkerReply::Site(site);
        page.tell(Msg::Answered(Purpose::Show, site)).await;
        page
    }

    async fn tell(&self, message: Msg) {
        self.context.dispatch(message);
        tick().await;
    }

    fn find(&self, css: &str) -> Option<Element> {
        self.root.query_selector(css).unwrap()
    }

    fn text(&self, css: &str) -> String {
        self.find(css).unwrap().text_content().unwrap()
    }

    async fn click(&self, css: &str) {
        let found: HtmlElement = self.find(css).unwrap().unchecked_into();
        found.click();
        tick().await;
    }

    async fn press_escape(&self) {
        let init = KeyboardEventInit::new();
        init.set_key("Escape");
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &init).unwrap();
        window().dispatch_event(&event).unwrap();
        tick().await;
    }
}

fn focused() -> String {
    let focused = document().active_element().unwrap();
    format!("{}#{}", focused.tag_name(), focused.id())
}

#[wasm_bindgen_test]
async fn the_way_in_takes_the_keyboard_and_says_what_is_going_on() {
    let page = Page::draw();
    page.tell(Msg::StatusChanged(Status::SignedOut(Some(
        EndReason::Expired,
    ))))
    .await;
    assert_eq!(page.text("main.card h1"), "MLflow");
    assert!(page.text(".card p").starts_with("You were signed in for"));
    assert_eq!(focused(), "H1#card-title");
    assert_eq!(document().title(), "Sign in – MLflow");

    page.click("#sign-in").await;
    assert_eq!(page.text(".card h1"), "Opening the sign-in page…");
    let asked = DONE.take().into_iter().any(|effect| {
        matches!(
            effect,
            Effect::AskWorker(Purpose::Show, PageRequest::SignIn { window: false, .. })
        )
    });
    assert!(asked, "the worker is not asked");
    assert!(page.find(".card button").is_none());
}

#[wasm_bindgen_test]
async fn the_bar_says_who_is_signed_in_and_what_they_may_do_as_text() {
    let rights = "can read everything".to_owned();
    let page = Page::working(Site {
        rights,
        ..Site::default()
    })
    .await;
    assert_eq!(page.text("#user"), "<b>ann</b>");
    assert_eq!(page.text(".groups"), "can read everything (readers)");
    assert!(page.find("#python").is_none() && page.find("#upstream").is_none());

    assert_eq!(page.text("#workspace"), "");
    let route = Route::new("#/experiments?workspace=team-a");
    let moved = Msg::FrameCompared {
        page: route.clone(),
        frame: route,
    };
    page.tell(moved).await;
    assert_eq!(page.text("#workspace"), "team-a");
}

#[wasm_bindgen_test]
async fn help_lies_over_a_bar_that_cannot_be_used_and_escape_gives_the_keyboard_back() {
    let page = Page::working(Site::default()).await;
    let summary: HtmlElement = page.find(".menu summary").unwrap().unchecked_into();
    summary.focus().unwrap();
    page.click("#help").await;
    assert_eq!(page.text(".cover [role=dialog] h1"), "Help");
    assert!(page.find(".toolbar[inert]").is_some());
    assert_eq!(focused(), "H1#card-title");

    page.press_escape().await;
    assert!(page.find(".card").is_none() && page.find(".toolbar[inert]").is_none());
    assert_eq!(focused(), "SUMMARY#");
}

#[wasm_bindgen_test]
async fn escape_closes_nothing_on_which_there_is_something_to_do() {
    let page = Page::working(Site::default()).await;
    page.tell(Msg::StatusChanged(Status::SignedOut(Some(
        EndReason::Refused,
    ))))
    .await;
    page.press_escape().await;
    assert_eq!(page.text(".cover h1"), "Your session ended");
}

#[wasm_bindgen_test]
async fn the_menu_closes_at_escape_and_at_a_click_beside_it() {
    let page = Page::working(Site::default()).await;
    let close = [".menu summary", "#user"];
    for beside in close {
        page.find(".menu")
            .unwrap()
            .set_attribute("open", "")
            .unwrap();
        if beside == "#user" {
            page.click(beside).await;
        } else {
            page.press_escape().await;
        }
        assert!(page.find(".menu[open]").is_none(), "{beside}");
    }
}

#[wasm_bindgen_test]
async fn a_bar_that_was_hidden_comes_back() {
    let page = Page::working(Site::default()).await;
    page.click("#hide-bar").await;
    assert!(page.find(".bar").is_none());
    page.click("#show-bar").await;
    assert_eq!(page.text("#user"), "<b>ann</b>");
}

#[wasm_bindgen_test]
async fn what_is_denied_is_said_beside_the_bar_and_not_in_it() {
    for bar in [Bar::Open, Bar::Off] {
        let page = Page::working(Site {
            bar,
            ..Site::default()
        })
        .await;
        page.tell(Msg::Denied("You may not.".to_owned())).await;
        assert_eq!(page.text("[role=status] .toast"), "You may not.");
        assert_eq!(page.find(".bar").is_some(), bar == Bar::Open);
    }
}

#[wasm_bindgen_test]
async fn how_the_session_does_is_said_with_or_without_a_bar() {
    for (bar, place) in [(Bar::Open, ".notice"), (Bar::Off, ".toasts")] {
        let page = Page::working(Site {
            bar,
            ..Site::default()
        })
        .await;
        let user = page
            .context
            .session
            .with(|session| session.clone().unwrap().user);
        let health = Health::Retrying("renewal-throttled".to_owned());
        page.tell(Msg::StatusChanged(Status::SignedIn(user, health)))
            .await;
        assert!(page.text(place).contains("trying again"), "{place}");
    }
}

#[wasm_bindgen_test]
async fn one_of_several_servers_is_chosen() {
    let upstreams = ["dev", "central"].map(ToOwned::to_owned).to_vec();
    let page = Page::working(Site {
        upstreams,
        ..Site::default()
    })
    .await;
    let chosen = "#upstream option:checked";
    assert_eq!(page.text(chosen), "dev");
    page.tell(Msg::RouteOf("central".to_owned(), Route::default()))
        .await;
    assert_eq!(page.text(chosen), "central");
}

#[wasm_bindgen_test]
async fn variables_can_be_copied_once_there_is_a_token() {
    let python = Some(Python::Token {
        lifetime: 60,
        sign_in: None,
    });
    let page = Page::working(Site {
        python,
        ..Site::default()
    })
    .await;
    page.click("#python").await;
    assert!(page.text(".card pre").contains("MLFLOW_TRACKING_TOKEN=…"));
    assert!(page.find("#copy").is_none());
    let token = shell_core::Secret::new("mlflow_token");
    page.tell(Msg::TokenIssued(Some(token))).await;
    assert!(
        page.text(".card pre")
            .contains("MLFLOW_TRACKING_TOKEN=mlflow_token")
    );
    assert!(page.find("#copy").is_some());
}

#[wasm_bindgen_test]
async fn a_code_of_another_sign_in_is_refused() {
    let page = Page::draw();
    page.tell(Msg::PopupOpened(true)).await;
    let field: HtmlInputElement = page.find("#code").unwrap().unchecked_into();
    field.set_value("code=of&state=another");
    page.click("#use-code").await;
    assert!(page.text(".toast").starts_with("This is not the code"));
}
