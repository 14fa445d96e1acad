//! The panel that tells how programs reach MLflow.

use shell_core::{config::Python, site, words::card as words};
use shell_web::{http, page, spawn_local};

use crate::{actions::Action, cards::Card, screen};

/// Shows the panel.
pub(crate) fn show() {
    draw(words::NO_TOKEN);
}

/// Asks the gateway for a token, and shows it.
pub(crate) fn ask_for_token() {
    spawn_local(async {
        match http::issue_token().await {
            // Unless the panel was left meanwhile.
            Some(token) if is_shown() => draw(&token),
            Some(_) => {}
            None => screen::mention(words::TOKEN_REFUSED),
        }
    });
}

fn is_shown() -> bool {
    screen::card().is_some_and(|card| card.title == words::PYTHON)
}

fn draw(token: &str) {
    if let Some(panel) = panel(token) {
        screen::lay(panel);
    }
}

fn panel(token: &str) -> Option<Card> {
    let python = screen::site().python?;
    let upstream = screen::upstream();
    let snippet = site::environment(&python, &page::origin(), upstream.as_deref(), token);
    let copy = Action::Copy(snippet.clone());
    let (text, actions) = match python {
        // Without a token there is nothing worth copying.
        Python::Token { .. } if token == words::NO_TOKEN => {
            (words::PYTHON_TOKEN, vec![Action::NewToken, Action::Close])
        }
        Python::Token { .. } => (
            words::PYTHON_TOKEN,
            vec![copy, Action::NewToken, Action::Close],
        ),
        Python::SigV4 { .. } => (words::PYTHON_SIGV4, vec![copy, Action::Close]),
    };
    Some(Card {
        snippet: [&snippet, words::DEEP_LINKS].concat(),
        ..Card::new(words::PYTHON, text, actions)
    })
}
