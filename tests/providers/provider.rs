//! The providers: how each is started, and what its pages look like.

use std::{fmt, fs, path::PathBuf};

use anyhow::Result;
use serde_json::Value;
use shell_gateway::settings::{Settings, SettingsSources};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    environment,
    provider_program::ProviderProgram,
    wait,
};

use crate::pages::Pages;

/// How long tokens live, in seconds: two renewals are seen in a moment.
const LIFETIME: u64 = 12;

/// The issuer in the manual.
const ISSUER: &str = "https://id.example.com";

/// A provider that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Canaille,
    DjangoOauthToolkit,
    Glewlwyd,
    LemonldapNg,
    OidcProvider,
}

/// A provider that is installed here.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) name: Name,
    pub(crate) program: ProviderProgram,
}

impl Name {
    pub(crate) const ALL: [Self; 5] = [
        Self::Canaille,
        Self::DjangoOauthToolkit,
        Self::Glewlwyd,
        Self::LemonldapNg,
        Self::OidcProvider,
    ];

    /// What its folder is called.
    fn folder(self) -> PathBuf {
        environment::workspace()
            .join("tests/providers")
            .join(self.to_string())
    }

    /// What names its program: a Python with it, or the folder that it is in.
    fn variable(self) -> &'static str {
        match self {
            Self::Canaille => "SHELL_TEST_CANAILLE",
            Self::DjangoOauthToolkit => "SHELL_TEST_DJANGO",
            Self::Glewlwyd => "SHELL_TEST_GLEWLWYD",
            Self::LemonldapNg => "SHELL_TEST_LEMONLDAP",
            Self::OidcProvider => "SHELL_TEST_PEER",
        }
    }

    fn issuer_path(self) -> &'static str {
        match self {
            Self::Canaille | Self::OidcProvider => "",
            Self::DjangoOauthToolkit => "/o",
            Self::Glewlwyd => "/api/oidc",
            Self::LemonldapNg => "/",
        }
    }
}

/// The manual's settings, for the issuer that is tried.
fn settings(text: &str) -> Settings {
    let text = text.replace(ISSUER, "{issuer}");
    let file = tempfile::NamedTempFile::new().expect("a folder for temporary files");
    fs::write(file.path(), text).expect("a file");
    let read = SettingsSources::default().with_file(file.path()).read();
    read.expect("settings").settings
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Canaille => "canaille",
            Self::DjangoOauthToolkit => "django-oauth-toolkit",
            Self::Glewlwyd => "glewlwyd",
            Self::LemonldapNg => "lemonldap-ng",
            Self::OidcProvider => "oidc-provider",
        })
    }
}

impl Provider {
    /// The provider, if it is installed.
    pub(crate) fn installed(name: Name) -> Option<Self> {
        let found = environment::program(name.variable(), &name.to_string())?;
        let script = name.folder().join("serve.py");
        let mut program = match name {
            Name::Canaille | Name::DjangoOauthToolkit => {
                ProviderProgram::new(found, script, name.issuer_path())
            }
            Name::Glewlwyd | Name::LemonldapNg => {
                let mut program =
                    ProviderProgram::new("python3".into(), script, name.issuer_path());
                let root = found.display().to_string();
                program.variables.push(("ROOT".to_owned(), root));
                program
            }
            Name::OidcProvider => {
                let script = found.join("usual.mjs");
                ProviderProgram::new("node".into(), script, name.issuer_path())
            }
        };
        // No bytecode beside the sources.
        let quiet = ("PYTHONDONTWRITEBYTECODE".to_owned(), "1".to_owned());
        program.variables.push(quiet);
        Some(Self { name, program })
    }

    /// The `config.json` that the manual has for it.
    pub(crate) fn config_text(name: Name) -> String {
        let file = name.folder().join("config.json");
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// The gateway's settings that the manual has for it, if it needs some.
    pub(crate) fn settings_text(name: Name) -> Option<String> {
        fs::read_to_string(name.folder().join("gateway.toml")).ok()
    }

    /// A deployment with it, configured as the manual says.
    pub(crate) fn spec(&self) -> DeploymentSpec {
        let config = Self::config_text(self.name).replace(ISSUER, "{login}");
        let config: Value = serde_json::from_str(&config).expect("JSON");
        let login = Login::Real(self.program.clone());
        let mut spec = DeploymentSpec::from(login).token_lifetime(LIFETIME);
        let mut set = |prefix: &str, object: &Value| {
            for (key, value) in object.as_object().expect("an object") {
                if !["origin", "provider", "issuer", "client_id"].contains(&key.as_str()) {
                    spec = spec
                        .clone()
                        .with_config(&format!("{prefix}{key}"), value.clone());
                }
            }
        };
        set("", &config);
        set("provider.", &config["provider"]);
        match Self::settings_text(self.name) {
            Some(text) => spec.with_settings(settings(&text)),
            None => spec,
        }
    }

    /// The user in one group, and the one in several, with their passwords.
    pub(crate) fn users(&self) -> [(&'static str, &'static str); 2] {
        if self.name == Name::LemonldapNg {
            // Its demonstration users: the password is the name.
            return [("rtyler", "rtyler"), ("dwho", "dwho")];
        }
        [ProviderProgram::READER, ProviderProgram::ADMIN]
            .map(|user| (user, ProviderProgram::PASSWORD))
    }

    /// Waits for the provider's question who somebody is, and answers it.
    pub(crate) async fn fill_in(
        &self,
        session: &BrowserSession,
        (user, password): (&str, &str),
    ) -> Result<()> {
        let pages = Pages::of(self.name);
        session.type_into(pages.user, user).await?;
        if pages.are_two {
            session.click(pages.button).await?;
        }
        session.type_into(pages.password, password).await?;
        session.click(pages.button).await?;
        match pages.go_on {
            Some(button) => session.click(button).await,
            None => Ok(()),
        }
    }

    /// Waits for what comes of a sign-in after a sign-out: the question who somebody
    /// is, or without it the way on, for a provider that goes on with its session.
    ///
    /// # Errors
    /// If it is not what the manual says.
    pub(crate) async fn begin_again(&self, session: &BrowserSession) -> Result<&'static str> {
        let pages = Pages::of(self.name);
        let (expected, word) = match pages.go_on {
            Some(button) if !pages.ends_sessions => (button, "the shell's only"),
            _ => (pages.user, "yes"),
        };
        wait::until(&format!("{expected} at the provider"), async || {
            let css = Value::from(expected);
            let script = format!("return document.querySelector({css}) !== null;");
            Ok((session.run(&script).await? == true).then_some(()))
        })
        .await?;
        Ok(word)
    }

    /// Signs out, and says yes if the provider asks whether one means it.
    pub(crate) async fn sign_out(&self, session: &BrowserSession) -> Result<()> {
        session.click("#sign-out").await?;
        let confirmation = Value::from(Pages::of(self.name).confirmation);
        wait::until("the shell's sign-in page again", async || {
            let script = format!(
                "const shell = document.querySelector('#sign-in')?.checkVisibility(); \
                 if (!shell) document.querySelector({confirmation})?.click(); \
                 return Boolean(shell);"
            );
            let is_back = session.run(&script).await?;
            Ok((is_back == Value::Bool(true)).then_some(()))
        })
        .await
    }
}
