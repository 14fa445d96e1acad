//! Identity providers that people really run, of one version each.

use std::path::PathBuf;

use crate::{
    debian::{self, Unpacked},
    failure::Result,
    peer, places, python,
};

/// A provider that the tests can start.
#[derive(Debug)]
pub(crate) struct Installed {
    /// The variable that names it to the tests.
    pub(crate) variable: &'static str,
    /// A Python with it, or the folder that it is in.
    pub(crate) path: PathBuf,
    /// The version that is there.
    pub(crate) version: String,
}

/// A provider, and how it is had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Provider {
    /// What the tests call it, and its folder.
    pub(crate) name: &'static str,
    /// What it calls itself.
    pub(crate) title: &'static str,
    source: Source,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    /// Of Python's index: the version, the variable, and what must be there to import.
    Python(&'static str, &'static str, &'static str),
    /// Debian: the version, the variable, and the packages.
    Debian(&'static str, &'static str, &'static [&'static str]),
    /// npm: the version.
    Node(&'static str),
}

/// All that are tried.
pub(crate) const ALL: [Provider; 5] = [
    Provider {
        name: "canaille",
        title: "canaille",
        source: Source::Python("0.3.6", "SHELL_TEST_CANAILLE", "canaille, authlib, joserfc"),
    },
    Provider {
        name: "django-oauth-toolkit",
        title: "django-oauth-toolkit",
        source: Source::Python("3.4.1", "SHELL_TEST_DJANGO", "django, oauth2_provider"),
    },
    Provider {
        name: "glewlwyd",
        title: "Glewlwyd",
        source: Source::Debian(
            "2.7.5",
            "SHELL_TEST_GLEWLWYD",
            &["glewlwyd", "libjs-jquery"],
        ),
    },
    Provider {
        name: "lemonldap-ng",
        title: "LemonLDAP::NG",
        source: Source::Debian(
            "2.16.1",
            "SHELL_TEST_LEMONLDAP",
            &[
                "liblemonldap-ng-portal-perl",
                "libio-string-perl",
                "libjs-jquery",
                "libstring-random-perl",
                "starman",
            ],
        ),
    },
    Provider {
        name: "oidc-provider",
        title: "oidc-provider",
        source: Source::Node("9.13.3"),
    },
];

impl Provider {
    /// Installs it in the cache if need be; nothing where that is not possible.
    pub(crate) fn ensure(self) -> Result<Option<Installed>> {
        match self.source {
            Source::Python(version, variable, modules) => {
                self.ensure_python(version, variable, modules)
            }
            Source::Debian(version, variable, packages) => {
                self.ensure_debian(version, variable, packages)
            }
            Source::Node(version) => Ok(peer::ensure()?.map(|path| Installed {
                variable: "SHELL_TEST_PEER",
                path,
                version: version.to_owned(),
            })),
        }
    }

    fn ensure_python(
        self,
        version: &str,
        variable: &'static str,
        modules: &str,
    ) -> Result<Option<Installed>> {
        if python::interpreter().is_none() {
            return Ok(None);
        }
        let folder = places::workspace().join("tests/providers").join(self.name);
        let what = format!("{} {version}", self.title);
        let python = peer::or_say(peer::python_for(&folder, &what, modules))?;
        Ok(python.map(|path| Installed {
            variable,
            path,
            version: version.to_owned(),
        }))
    }

    /// Its script is Python, too.
    fn ensure_debian(
        self,
        version: &str,
        variable: &'static str,
        packages: &[&str],
    ) -> Result<Option<Installed>> {
        if python::interpreter().is_none() {
            return Ok(None);
        }
        let root = peer::or_say(debian::ensure(&Unpacked {
            name: self.name,
            packages,
            version,
        }))?;
        Ok(root.flatten().map(|root| Installed {
            variable,
            path: root.folder,
            version: root.version,
        }))
    }
}
