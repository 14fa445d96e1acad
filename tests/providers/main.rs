//! The whole product with identity providers that people really run, each as it is
//! installed and with the `config.json` that the manual has for it.
//!
//! Each provider is used by a user in one group and by one in several. What was
//! seen is added to a report, from which `cargo xtask test providers` makes the
//! table in docs/PROVIDERS.md.

mod pages;
mod provider;
mod report;
mod round;

use crate::{
    provider::{Name, Provider},
    round::{one_group, several_groups},
};

/// Two tests for each provider.
macro_rules! rounds {
    ($($module:ident: $name:expr),+ $(,)?) => {
        $(mod $module {
            #[tokio::test(flavor = "multi_thread")]
            async fn a_user_in_one_group_signs_in_and_out() {
                super::one_group(super::Provider::installed($name)).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn a_user_in_several_groups_works_until_the_provider_ends_the_session() {
                super::several_groups(super::Provider::installed($name)).await;
            }
        })+
    };
}

rounds! {
    canaille: crate::Name::Canaille,
    django_oauth_toolkit: crate::Name::DjangoOauthToolkit,
    glewlwyd: crate::Name::Glewlwyd,
    lemonldap_ng: crate::Name::LemonldapNg,
    oidc_provider: crate::Name::OidcProvider,
}

/// The manual has the configuration of each provider as it is tried here.
#[test]
fn the_manual_has_the_configuration_that_is_tried() {
    let manual = shell_tests::environment::workspace().join("docs/PROVIDERS.md");
    let manual = std::fs::read_to_string(manual).expect("a manual");
    for name in Name::ALL {
        let config = Some(Provider::config_text(name));
        for text in config.into_iter().chain(Provider::settings_text(name)) {
            assert!(manual.contains(text.trim()), "{name}:\n{text}");
        }
    }
}
