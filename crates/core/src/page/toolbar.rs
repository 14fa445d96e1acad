//! The bar above MLflow, and what a person opens from its menu.

use super::{Dialog, Effect, ListedToken, PageState, startup::RESET};
use crate::{
    Secret,
    config::{Bar, Python},
    messages::{bar, card as text},
    site,
};

impl PageState {
    pub(super) fn set_bar(&mut self, bar: Bar) -> Vec<Effect> {
        self.site.bar = bar;
        Vec::new()
    }

    pub(super) fn show_help(&mut self) -> Vec<Effect> {
        self.cover(Dialog::Help(format!("{}/{RESET}", self.origin)));
        Vec::new()
    }

    /// Shows how programs reach MLflow, with the token if there is one.
    pub(super) fn show_python(&mut self, token: Option<&Secret>) -> Vec<Effect> {
        let Some(python) = &self.site.offer.python else {
            return Vec::new();
        };
        let can_issue = matches!(python, Python::Token { .. });
        let shown = token.map_or(text::NO_TOKEN, Secret::expose);
        let upstream = self.site.upstream.as_deref();
        let variables = site::environment(python, &self.origin, upstream, shown);
        let tokens = match self.dialog.take() {
            Some(Dialog::Python { tokens, .. }) => tokens,
            _ => Vec::new(),
        };
        self.cover(Dialog::Python {
            variables: Secret::new(variables),
            is_complete: !can_issue || token.is_some(),
            can_issue,
            tokens,
        });
        if can_issue {
            vec![Effect::ListTokens]
        } else {
            Vec::new()
        }
    }

    /// Shows the user's tokens, unless their dialog was closed meanwhile.
    pub(super) fn tokens_listed(&mut self, listed: Vec<ListedToken>) -> Vec<Effect> {
        if let Some(Dialog::Python { tokens, .. }) = &mut self.dialog {
            *tokens = listed;
        }
        Vec::new()
    }

    pub(super) fn token_revoked(&mut self, is_revoked: bool) -> Vec<Effect> {
        let text = if is_revoked {
            text::TOKEN_REVOKED
        } else {
            text::TOKEN_NOT_REVOKED
        };
        let mut effects = self.toast(text);
        effects.push(Effect::ListTokens);
        effects
    }

    /// Shows the token, unless its dialog was closed meanwhile.
    pub(super) fn token_issued(&mut self, token: Option<&Secret>) -> Vec<Effect> {
        let is_shown = matches!(self.dialog, Some(Dialog::Python { .. }));
        match token {
            Some(_) if is_shown => self.show_python(token),
            Some(_) => Vec::new(),
            None => self.toast(text::TOKEN_REFUSED),
        }
    }

    pub(super) fn copied(&mut self, is_copied: bool) -> Vec<Effect> {
        self.toast(if is_copied {
            bar::COPIED
        } else {
            bar::NOT_COPIED
        })
    }

    /// Closes the dialog, if nothing is missed by that.
    pub(super) fn close(&mut self) -> Vec<Effect> {
        if self.dialog.as_ref().is_some_and(Dialog::can_be_closed) {
            self.dialog = None;
        }
        Vec::new()
    }

    /// Takes the toast away, unless there was another one since.
    pub(super) fn end_toast(&mut self, number: u32) -> Vec<Effect> {
        if number == self.toasts {
            self.toast.clear();
        }
        Vec::new()
    }
}
