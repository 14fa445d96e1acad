//! The bar above MLflow: who is signed in, how the session does, what can be
//! done besides.

use shell_core::{
    Route,
    config::Bar,
    oauth::User,
    session::Health,
    site::Site,
    words::{self, bar as label},
};
use shell_web::{
    dom::{self, Node, element},
    page, theme, windows,
};

use crate::{actions::Action, cards::Card, programs, screen, start, workbench};

const PLACE: &str = "bar";
const NOTICE: &str = "notice";
const PASSING: &str = "passing";

/// Draws the bar as the site is configured.
pub(crate) fn draw(user: &User, site: &Site, upstream: Option<&str>) {
    match site.bar {
        Bar::Open => open(user, site, upstream),
        Bar::Collapsed => collapse(),
        Bar::Off => dom::fill(PLACE, &[notices("toast")]),
    }
    tell(&screen::health());
}

/// Says how the session does, if there is something to say.
pub(crate) fn tell(health: &Health) {
    let warning = screen::warning();
    let (words, code) = match health {
        Health::Well => (warning.as_str(), warning.as_str()),
        Health::Retrying(code) => (label::RETRYING, code.as_str()),
        Health::Rejected => (label::REJECTED, "rejected"),
    };
    let _ = dom::find(NOTICE).text(words).with("title", code);
}

/// Says something beside it, and on the card that may be over both.
pub(crate) fn mention(words: &str) {
    for place in [PASSING, Card::SAID] {
        let _ = dom::find(place).text(words);
    }
}

/// What is said of the session and, for a moment, of something else.
fn notices(class: &str) -> Node {
    element("span")
        .with("class", class)
        .with("role", "status")
        .child(&element("span").with("id", NOTICE))
        .child(&element("span").with("id", PASSING))
}

fn open(user: &User, site: &Site, upstream: Option<&str>) {
    let groups = [&site.rights, " (", &user.groups.join(", "), ")"].concat();
    let groups = element("span")
        .with("class", "groups")
        .with("title", &groups)
        .text(&groups);
    let name = element("span")
        .with("id", "user")
        .with("title", &user.name)
        .text(&user.name);
    let bar = element("header")
        .with("class", "bar")
        .child(&Card::mark())
        .child(&product(site, upstream))
        .child(&notices("notice"))
        .child(&name)
        .child(&groups)
        .child(&menu(site))
        .child(&Action::SignOut.button());
    dom::fill(PLACE, &[bar]);
}

/// Leaves a strip that brings the bar back.
fn collapse() {
    let strip = element("button")
        .with("id", "show-bar")
        .with("aria-label", label::SHOW)
        .with("title", label::SHOW)
        .text("▾")
        .on("click", || {
            if let Some(user) = screen::user() {
                open(&user, &screen::site(), screen::upstream().as_deref());
                tell(&screen::health());
            }
        });
    dom::fill(PLACE, &[strip, notices("toast")]);
}

/// The product's name, or the servers to choose from.
fn product(site: &Site, upstream: Option<&str>) -> Node {
    let names = site.upstreams.iter();
    if names.len() < 2 {
        return element("b").text(words::card::TITLE);
    }
    let chooser = element("select")
        .with("id", "upstream")
        .with("aria-label", label::SERVER)
        .on("change", || {
            workbench::switch_to(dom::find("upstream").value());
        });
    names.fold(chooser, |chooser, name| {
        let option = element("option").text(name);
        option
            .clone()
            .mark("selected", upstream == Some(name.as_str()));
        chooser.child(&option)
    })
}

fn menu(site: &Site) -> Node {
    let entries = element("div")
        .child(&entry("new-tab", words::action::OWN_TAB, || {
            windows::open_tab(&here());
        }))
        .child(&entry("copy-link", label::COPY_LINK, || copy(&here())));
    let entries = match site.python {
        Some(_) => entries.child(&entry("python", words::card::PYTHON, programs::show)),
        None => entries,
    };
    let entries = entries
        .child(&entry("theme", label::THEME, theme::switch))
        .child(&entry("hide-bar", label::HIDE, collapse))
        .child(&entry("help", words::card::HELP, || screen::lay(help())));
    let summary = element("summary").with("aria-label", label::MENU).text("⋯");
    element("details")
        .with("class", "menu")
        .child(&summary)
        .child(&entries)
}

/// An entry of the menu, which closes it.
fn entry(id: &str, label: &str, act: fn()) -> Node {
    let chosen = move || {
        page::close_menus();
        act();
    };
    element("button")
        .with("id", id)
        .text(label)
        .on("click", chosen)
}

/// Puts `text` into the clipboard, and says so.
pub(crate) fn copy(text: &str) {
    screen::mention(if page::copy(text) {
        label::COPIED
    } else {
        label::NOT_COPIED
    });
}

fn here() -> String {
    let route = Route::new(&page::address().hash);
    [page::origin(), workbench::address_of(&route)].concat()
}

fn help() -> Card {
    let text = [words::card::HELP_TEXT, &page::origin(), "/", start::RESET].concat();
    Card::new(words::card::HELP, &text, vec![Action::Close])
}
