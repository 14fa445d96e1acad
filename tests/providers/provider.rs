//! The providers: how each is started, and what its pages look like.

use std::{fmt, fs, path::PathBuf};

use anyhow::Result;
use serde_json::Value;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    environment,
    provider_program::ProviderProgram,
    wait,
};

/// How long tokens live, in seconds: two renewals are seen in a moment.
const LIFETIME: u64 = 12;

/// A provider that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Canaille,
    DjangoOauthToolkit,
    Glewlwyd,
    LemonldapNg,
    OidcProvider,
}

/// What a provider's pages have, as CSS selectors.
#[derive(Debug, Clone, Copy)]
struct Pages {
    user: &'static str,
    password: &'static str,
    button: &'static str,
    /// Whether the password is asked for on a page of its own.
    are_two: bool,
    /// What confirms a sign-out, where it is asked whether one means it.
    confirmation: &'static str,
}

/// What most pages have.
const USUAL: Pages = Pages {
    user: "input[name=username]",
    password: "input[name=password]",
    button: "button[type=submit]",
    are_two: false,
    confirmation: "button[name=logout]",
};

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

    fn pages(self) -> Pages {
        match self {
            Self::Canaille => Pages {
                user: "input[name=login]",
                are_two: true,
                confirmation: "button[name=answer][value=logout]",
                ..USUAL
            },
            Self::DjangoOauthToolkit => Pages {
                confirmation: "input[name=allow]",
                ..USUAL
            },
            Self::Glewlwyd => Pages {
                user: "input#username",
                password: "input#password",
                button: "button[name=loginbut]",
                confirmation: "button.btn-primary",
                ..USUAL
            },
            Self::LemonldapNg => Pages {
                user: "input[name=user]",
                confirmation: "button.btn-success",
                ..USUAL
            },
            Self::OidcProvider => USUAL,
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

    /// A deployment with it, configured as the manual says.
    pub(crate) fn spec(&self) -> DeploymentSpec {
        let config: Value = serde_json::from_str(&Self::config_text(self.name)).expect("JSON");
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
        spec
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
        let pages = self.name.pages();
        session.type_into(pages.user, user).await?;
        if pages.are_two {
            session.click(pages.button).await?;
        }
        session.type_into(pages.password, password).await?;
        session.click(pages.button).await
    }

    /// What shows that the provider asks who somebody is.
    pub(crate) fn question(&self) -> &'static str {
        self.name.pages().user
    }

    /// Signs out, and says yes if the provider asks whether one means it.
    pub(crate) async fn sign_out(&self, session: &BrowserSession) -> Result<()> {
        session.click("#sign-out").await?;
        let confirmation = Value::from(self.name.pages().confirmation);
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
