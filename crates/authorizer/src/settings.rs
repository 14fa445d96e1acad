use std::{ffi::OsString, fmt};

use http::Uri;
use shell_core::{Origin, config::Bearer};

/// What an authorizer needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `ISSUER`: the `iss` of the tokens.
    pub issuer: String,
    /// `CLIENT_ID`: the app client they are meant for.
    pub client_id: String,
    /// `BEARER`: which token requests carry, `id` (the default) or `access`.
    pub bearer: Bearer,
    /// `JWKS_URL`: where the issuer publishes its keys, if not at
    /// `{ISSUER}/.well-known/jwks.json`.
    pub jwks_url: Uri,
}

/// Which environment variable was refused, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    variable: &'static str,
    problem: String,
}

impl Settings {
    /// Reads and validates the environment variables; `variable` looks one up.
    ///
    /// A variable that is set and empty is refused, not ignored.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingsError> {
        let maybe = |name| variable(name).map(|value| text(name, value)).transpose();
        let required = |name| maybe(name)?.ok_or_else(|| wrong(name, "is not set"));
        let issuer = required("ISSUER")?;
        if issuer.contains(['?', '#']) {
            return Err(wrong("ISSUER", "must not have a query or a fragment"));
        }
        url("ISSUER", &issuer)?;
        let jwks_url = match maybe("JWKS_URL")? {
            Some(text) => url("JWKS_URL", &text)?,
            None => url("ISSUER", &default_jwks_url(&issuer))?,
        };
        Ok(Self {
            issuer,
            client_id: required("CLIENT_ID").and_then(client_id)?,
            bearer: maybe("BEARER")?
                .as_deref()
                .map_or(Ok(Bearer::default()), bearer)?,
            jwks_url,
        })
    }
}

fn text(name: &'static str, value: OsString) -> Result<String, SettingsError> {
    let text = value.into_string();
    text.map_err(|_| wrong(name, "is not UTF-8"))
}

fn default_jwks_url(issuer: &str) -> String {
    format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'))
}

/// An `https` URL, or an `http` URL of this machine.
fn url(name: &'static str, text: &str) -> Result<Uri, SettingsError> {
    let uri: Uri = text.parse().map_err(|_| wrong(name, "is not a URL"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong(name, "is not an absolute URL"));
    };
    match Origin::parse(&format!("{scheme}://{authority}")) {
        Ok(_) => Ok(uri),
        Err(error) => Err(wrong(name, &error)),
    }
}

fn client_id(text: String) -> Result<String, SettingsError> {
    if text.is_empty() || text.contains(char::is_whitespace) {
        return Err(wrong("CLIENT_ID", "must be one word"));
    }
    Ok(text)
}

fn bearer(text: &str) -> Result<Bearer, SettingsError> {
    match text {
        "id" => Ok(Bearer::Id),
        "access" => Ok(Bearer::Access),
        _ => Err(wrong("BEARER", "must be `id` or `access`")),
    }
}

fn wrong(variable: &'static str, problem: &(impl ToString + ?Sized)) -> SettingsError {
    SettingsError {
        variable,
        problem: problem.to_string(),
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "environment variable `{}` {}",
            self.variable, self.problem
        )
    }
}

impl std::error::Error for SettingsError {}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";

    #[test]
    fn an_issuer_and_a_client_are_enough() {
        let settings = read(&[("ISSUER", ISSUER), ("CLIENT_ID", "client")]).unwrap();

        assert_eq!(settings.issuer, ISSUER);
        assert_eq!(settings.bearer, Bearer::Id);
        assert_eq!(
            settings.jwks_url,
            format!("{ISSUER}/.well-known/jwks.json").as_str()
        );
    }

    #[test]
    fn what_is_set_counts() {
        let keys = "http://127.0.0.1:9000/keys?v=1";
        let settings = read(&[
            ("ISSUER", "https://issuer.example/"),
            ("CLIENT_ID", "client"),
            ("BEARER", "access"),
            ("JWKS_URL", keys),
        ]);
        let settings = settings.unwrap();

        assert_eq!(settings.issuer, "https://issuer.example/");
        assert_eq!(settings.bearer, Bearer::Access);
        assert_eq!(settings.jwks_url, keys);
    }

    #[test]
    fn refusals_name_the_variable() {
        let good = [("ISSUER", ISSUER), ("CLIENT_ID", "client")];
        let table = [
            ("ISSUER", None, "is not set"),
            ("ISSUER", Some(""), "is not a URL"),
            ("ISSUER", Some("issuer.example"), "is not an absolute URL"),
            ("ISSUER", Some("http://issuer.example"), "must use https://"),
            ("ISSUER", Some("https://a@issuer.example"), "must be only"),
            ("ISSUER", Some("https://issuer.example/?a"), "must not have"),
            ("CLIENT_ID", None, "is not set"),
            ("CLIENT_ID", Some(""), "must be one word"),
            ("CLIENT_ID", Some("client "), "must be one word"),
            ("BEARER", Some(""), "must be `id` or `access`"),
            ("BEARER", Some("ID"), "must be `id` or `access`"),
            ("JWKS_URL", Some(""), "is not a URL"),
            (
                "JWKS_URL",
                Some("http://issuer.example/k"),
                "must use https://",
            ),
            (
                "JWKS_URL",
                Some("ftp://issuer.example/k"),
                "must begin with",
            ),
        ];
        for (variable, value, problem) in table {
            let rest = good.into_iter().filter(|(name, _)| *name != variable);
            let all: Vec<_> = rest.chain(value.map(|value| (variable, value))).collect();
            let error = read(&all).unwrap_err().to_string();
            let expected = format!("environment variable `{variable}` {problem}");
            assert!(error.starts_with(&expected), "{value:?}: {error}");
        }
    }

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::read(|name| {
            let mut variables = variables.iter();
            let found = variables.find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })
    }
}
