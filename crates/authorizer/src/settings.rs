mod issuers;

use std::{ffi::OsString, fmt, io};

use shell_core::{
    algorithm::Algorithms,
    config::{Bearer, CLOCK_LEEWAY, Groups, NameClaims, check_clock_leeway},
    policy::{Policy, Rule},
};
use shell_jose::Accepted;

pub use self::issuers::Issuer;
use crate::{ResponseFormat, Scope, response::LARGEST};

/// What an authorizer needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Who issues the tokens: `ISSUER`, one or several, with their keys in
    /// `JWKS_URL`; or the Cognito user pool `COGNITO_USER_POOL_ID` of `REGION`,
    /// with its keys in `COGNITO_KEYS_URL`.
    pub issuers: Vec<Issuer>,
    /// `CLIENT_ID` or `APP_CLIENT_ID`: the app clients they are meant for.
    pub client_ids: Vec<String>,
    /// `BEARER`: which token requests carry, `id` (the default), `access` or
    /// `any`.
    pub bearers: Vec<Bearer>,
    /// `AUDIENCE`: the APIs they are meant for, if access tokens say so.
    pub audiences: Vec<String>,
    /// `GROUPS`: how groups are found, as a list of rules in JSON.
    pub groups: Groups,
    /// `ALGORITHMS`: what they may be signed with; all unless said.
    pub algorithms: Algorithms,
    /// `CLOCK_LEEWAY`: how far the clocks may differ, in seconds, as
    /// `provider.clock_leeway` of `config.json`.
    pub clock_leeway: u64,
    /// `NAME_CLAIMS`: which claim is the user's name, the preferred one first.
    pub names: NameClaims,
    /// `POLICY`, or the file `POLICY_FILE`: who may do what.
    pub policy: Policy,
    /// `ANSWER` (`request`, the default, or `user`), `ANSWER_LIMIT` (bytes) and
    /// `SIMPLE_RESPONSES` (`true` or `false`, the default).
    pub form: ResponseFormat,
    /// `BASE_PATH`: under which path a custom domain has the API.
    pub base_path: String,
}

/// Which environment variables were refused, and what is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    variables: Vec<&'static str>,
    problem: String,
}

/// The environment.
struct Variables<V>(V);

impl Settings {
    /// Reads and validates the environment variables; `variable` looks one up,
    /// `file` reads a file.
    ///
    /// A variable that is set and empty is refused, not ignored.
    ///
    /// # Errors
    /// With the variables in question.
    pub fn read(
        variable: impl Fn(&str) -> Option<OsString>,
        file: impl Fn(&str) -> io::Result<String>,
    ) -> Result<Self, SettingsError> {
        let variables = Variables(variable);
        Ok(Self {
            issuers: issuers::read(&variables)?,
            client_ids: client_ids(&variables)?,
            audiences: audiences(&variables)?,
            groups: groups(&variables)?,
            algorithms: algorithms(&variables)?,
            clock_leeway: clock_leeway(&variables)?,
            names: names(&variables)?,
            bearers: variables.choice(
                "BEARER",
                &[
                    ("id", vec![Bearer::Id]),
                    ("access", vec![Bearer::Access]),
                    ("any", vec![Bearer::Id, Bearer::Access]),
                ],
            )?,
            policy: policy(&variables, file)?,
            form: form(&variables)?,
            base_path: base_path(&variables)?,
        })
    }
}

impl Settings {
    /// The issuers, and which of their tokens are accepted.
    pub(crate) fn accepted(&self) -> Vec<shell_jose::Issuer> {
        let accepted = |&bearer: &Bearer| Accepted {
            client_ids: self.client_ids.clone(),
            audiences: self.audiences.clone(),
            bearer,
            groups: self.groups.clone(),
            names: self.names.clone(),
        };
        let issuer = |issuer: &Issuer| shell_jose::Issuer {
            name: issuer.name.clone(),
            algorithms: self.algorithms.clone(),
            leeway: self.clock_leeway,
            accepted: self.bearers.iter().map(accepted).collect(),
        };
        self.issuers.iter().map(issuer).collect()
    }
}

impl<V: Fn(&str) -> Option<OsString>> Variables<V> {
    fn maybe(&self, name: &'static str) -> Result<Option<String>, SettingsError> {
        let text = |value: OsString| value.into_string();
        let text = (self.0)(name).map(text).transpose();
        text.map_err(|_| wrong(name, "is not UTF-8"))
    }

    /// The words of a text, at least one.
    fn words(&self, name: &'static str) -> Result<Option<Vec<String>>, SettingsError> {
        let Some(text) = self.maybe(name)? else {
            return Ok(None);
        };
        let words: Vec<_> = text.split_whitespace().map(ToOwned::to_owned).collect();
        if words.is_empty() {
            return Err(wrong(name, "is empty"));
        }
        Ok(Some(words))
    }

    /// As [`words`](Self::words), by either of two names.
    fn either(
        &self,
        name: &'static str,
        other: &'static str,
    ) -> Result<Option<Vec<String>>, SettingsError> {
        match (self.words(name)?, self.words(other)?) {
            (Some(one), Some(two)) if one != two => Err(differ(name, other)),
            (one, two) => Ok(one.or(two)),
        }
    }

    /// What stands for the text in `choices`, the first of which is the default.
    fn choice<T: Clone>(
        &self,
        name: &'static str,
        choices: &[(&str, T)],
    ) -> Result<T, SettingsError> {
        let text = self.maybe(name)?;
        let chosen = |(known, _): &&(&str, T)| text.as_deref().is_none_or(|text| text == *known);
        if let Some((_, value)) = choices.iter().find(chosen) {
            return Ok(value.clone());
        }
        let known = choices.iter().map(|(known, _)| format!("`{known}`"));
        let known: Vec<_> = known.collect();
        Err(wrong(name, &format!("must be {}", known.join(" or "))))
    }
}

fn client_ids<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<Vec<String>, SettingsError> {
    let ids = variables.either("CLIENT_ID", "APP_CLIENT_ID")?;
    ids.ok_or_else(|| wrong("CLIENT_ID", "is not set"))
}

/// An app client's name is what its ID tokens have as `aud`: they would pass
/// for access tokens.
fn audiences<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<Vec<String>, SettingsError> {
    let audiences = variables.words("AUDIENCE")?.unwrap_or_default();
    let clients = client_ids(variables)?;
    if audiences.iter().any(|audience| clients.contains(audience)) {
        return Err(differ("AUDIENCE", "CLIENT_ID"));
    }
    Ok(audiences)
}

fn groups<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<Groups, SettingsError> {
    let Some(text) = variables.maybe("GROUPS")? else {
        return Ok(Groups::default());
    };
    let groups = Groups::parse(&text);
    groups.map_err(|why| wrong("GROUPS", &["is refused: ", &why].concat()))
}

fn algorithms<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<Algorithms, SettingsError> {
    let Some(names) = variables.words("ALGORITHMS")? else {
        return Ok(Algorithms::all());
    };
    let algorithms = Algorithms::parse(names.iter().map(String::as_str));
    algorithms.map_err(|why| wrong("ALGORITHMS", &why))
}

fn clock_leeway<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<u64, SettingsError> {
    let Some(text) = variables.maybe("CLOCK_LEEWAY")? else {
        return Ok(CLOCK_LEEWAY);
    };
    let seconds = text.parse().unwrap_or(u64::MAX);
    check_clock_leeway(seconds).map_err(|why| wrong("CLOCK_LEEWAY", &why))
}

fn names<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<NameClaims, SettingsError> {
    let Some(names) = variables.words("NAME_CLAIMS")? else {
        return Ok(NameClaims::default());
    };
    NameClaims::new(names).map_err(|why| wrong("NAME_CLAIMS", why))
}

fn policy<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
    file: impl Fn(&str) -> io::Result<String>,
) -> Result<Policy, SettingsError> {
    let (name, text) = match (variables.maybe("POLICY")?, variables.maybe("POLICY_FILE")?) {
        (None, None) => return Ok(Policy::built_in()),
        (Some(text), None) => ("POLICY", text),
        (None, Some(path)) => {
            let unreadable = |error| wrong("POLICY_FILE", &format!("cannot be read: {error}"));
            ("POLICY_FILE", file(&path).map_err(unreadable)?)
        }
        (Some(_), Some(_)) => {
            return Err(SettingsError {
                variables: vec!["POLICY", "POLICY_FILE"],
                problem: "are both set".to_owned(),
            });
        }
    };
    let policy = Policy::parse(&text);
    let policy = policy.map_err(|error| wrong(name, &format!("is refused: {error}")))?;
    let limited = policy.rules_with_lookups().next().map(lookups);
    match limited {
        None => Ok(policy),
        Some(problem) => Err(wrong(name, &problem)),
    }
}

/// What MLflow would have to be asked for a rule.
fn lookups(rule: &Rule) -> String {
    format!(
        "is refused: the rule `{}` is limited in a way that only the gateway can decide, which \
         asks MLflow what each request is about. Here a rule can be limited to names of \
         experiments or registered models, and allow these only",
        rule.name
    )
}

fn form<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<ResponseFormat, SettingsError> {
    let scopes = [("request", Scope::Request), ("user", Scope::User)];
    let form = ResponseFormat {
        scope: variables.choice("ANSWER", &scopes)?,
        limit: limit(variables)?,
        simple: variables.choice("SIMPLE_RESPONSES", &[("false", false), ("true", true)])?,
    };
    if form.simple && form.scope == Scope::User {
        // A simple answer kept for a user would let everything in.
        return Err(differ("ANSWER", "SIMPLE_RESPONSES"));
    }
    Ok(form)
}

fn limit<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<usize, SettingsError> {
    let limit = variables.maybe("ANSWER_LIMIT")?;
    let limit = limit.map_or(Ok(LARGEST), |text| text.parse());
    limit.map_err(|_| wrong("ANSWER_LIMIT", "is not a number of bytes"))
}

fn base_path<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<String, SettingsError> {
    let Some(path) = variables.maybe("BASE_PATH")? else {
        return Ok(String::new());
    };
    let path = path.trim_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_segment =
        |segment: &str| !matches!(segment, "" | "." | "..") && segment.bytes().all(is_plain);
    if !path.split('/').all(is_segment) {
        return Err(wrong(
            "BASE_PATH",
            "is no path of letters, digits, -, _ and .",
        ));
    }
    Ok(path.to_owned())
}

fn wrong(variable: &'static str, problem: &(impl ToString + ?Sized)) -> SettingsError {
    SettingsError {
        variables: vec![variable],
        problem: problem.to_string(),
    }
}

fn differ(one: &'static str, other: &'static str) -> SettingsError {
    SettingsError {
        variables: vec![one, other],
        problem: "contradict each other".to_owned(),
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.variables[..] {
            [_] => "environment variable",
            _ => "environment variables",
        };
        let names: Vec<_> = self.variables.iter().map(|it| format!("`{it}`")).collect();
        write!(f, "{kind} {} {}", names.join(" and "), self.problem)
    }
}

impl std::error::Error for SettingsError {}

#[cfg(test)]
mod tests;
