//! The bar above MLflow, and what a person opens from its menu.

use super::{Credential, Dialog, Effect, ListedToken, PageState, startup::RESET};
use crate::{
    Secret,
    config::Bar,
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
        let credential = Credential::of(python, token.is_some());
        let upstream = self.site.upstream.as_deref();
        let token = token.map(Secret::expose);
        let variables = site::environment(python, &self.origin, upstream, token);
        let tokens = match self.dialog.take() {
            Some(Dialog::Python { tokens, .. }) => tokens,
            _ => Vec::new(),
        };
        self.cover(Dialog::Python {
            variables: Secret::new(variables),
            credential,
            tokens,
        });
        if credential.can_be_issued() {
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
        if is_revoked {
            vec![Effect::ListTokens]
        } else {
            self.toast(text::TOKEN_NOT_REVOKED)
        }
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
