//! What the providers' own pages look like.

use crate::provider::Name;

/// What a provider's pages have, as CSS selectors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pages {
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) button: &'static str,
    /// What goes on once the password was right, if that has to be said.
    pub(crate) go_on: Option<&'static str>,
    /// Whether the password is asked for on a page of its own.
    pub(crate) are_two: bool,
    /// Whether it ends its own session when it is asked to at sign-out.
    pub(crate) ends_sessions: bool,
    /// What confirms a sign-out, where it is asked whether one means it.
    pub(crate) confirmation: &'static str,
}

/// What most pages have.
const USUAL: Pages = Pages {
    user: "input[name=username]",
    password: "input[name=password]",
    button: "button[type=submit]",
    go_on: None,
    are_two: false,
    ends_sessions: true,
    confirmation: "button[name=logout]",
};

impl Pages {
    /// Those of a provider.
    pub(crate) fn of(name: Name) -> Self {
        match name {
            Name::Canaille => Self {
                user: "input[name=login]",
                are_two: true,
                confirmation: "button[name=answer][value=logout]",
                ..USUAL
            },
            Name::DjangoOauthToolkit => Self {
                confirmation: "input[name=allow]",
                ..USUAL
            },
            Name::Glewlwyd => Self {
                user: "input#username",
                password: "input#password",
                button: "button[name=loginbut]",
                go_on: Some("button.btn-success"),
                ends_sessions: false,
                ..USUAL
            },
            Name::LemonldapNg => Self {
                user: "input[name=user]",
                confirmation: "button.btn-success",
                ..USUAL
            },
            Name::OidcProvider => USUAL,
        }
    }
}
