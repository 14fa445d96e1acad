//! What programs are told whose credentials are refused: what is wrong, and what to
//! do. Nothing here depends on a secret of the gateway's, but for a token that was
//! opened: then its holder learns that it is over, or revoked.

use super::{Problem, ProblemKind};
use crate::credentials::Reason;

/// What a program needs to know to do it right.
#[derive(Debug, Clone, Copy)]
pub struct Advice<'a> {
    /// The server's tracking URI.
    pub tracking_uri: &'a str,
    /// Whether the request is for MLflow's AI gateway.
    pub is_for_models: bool,
}

/// Why a request has no user, and what is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    page: Problem,
}

impl Rejection {
    /// A rejection after which a page signs in anew.
    pub fn new(reason: Reason) -> Self {
        Self::with(reason, Problem::UNAUTHENTICATED)
    }

    /// A rejection of which a page is told `problem`, and a program as well if that
    /// is more than to sign in.
    pub fn with(reason: Reason, problem: Problem) -> Self {
        Self {
            reason,
            page: problem,
        }
    }

    /// Why: for the log and the metrics.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// What a page is answered.
    pub fn for_page(self) -> Problem {
        self.page
    }

    /// What a program is answered.
    pub fn for_program(self, advice: Advice<'_>) -> Problem {
        if self.page == Problem::UNAUTHENTICATED {
            Problem::of_credentials(self.reason, advice)
        } else {
            Problem {
                error: self.reason.error(),
                ..self.page
            }
        }
    }
}

const GET_ONE: &str = "Create a token in the bar's menu of this site, under Use from Python, and \
     send it as MLFLOW_TRACKING_TOKEN; or run `mlflow-shell login` and set \
     MLFLOW_TRACKING_AUTH=shell.";

impl Problem {
    /// A program's credentials are refused.
    pub fn of_credentials(reason: Reason, advice: Advice<'_>) -> Self {
        let mut problem = Self::saying(kind(reason), sentence(reason, advice));
        problem.error = reason.error();
        problem
    }

    /// The `WWW-Authenticate` header of the answer (RFC 6750 §3), if it has one.
    pub fn challenge(&self) -> Option<String> {
        const REALM: &str = "Bearer realm=\"mlflow\"";
        match self.error {
            Some(error) => {
                let said = described(self.message());
                Some(format!(
                    "{REALM}, error=\"{error}\", error_description=\"{said}\""
                ))
            }
            None => (self.status() == 401).then(|| REALM.to_owned()),
        }
    }

    /// What happened, in a few words: the reason phrase of a program's answer, for
    /// clients that show nothing else.
    pub fn title(&self) -> &'static str {
        self.kind.title
    }
}

fn kind(reason: Reason) -> &'static ProblemKind {
    match reason {
        Reason::Missing => const { &unauthenticated("Token missing") },
        Reason::Malformed => const { &unauthenticated("Not a token") },
        Reason::Unknown => const { &unauthenticated("Token of another gateway") },
        Reason::Issuer => const { &unauthenticated("Token of another issuer") },
        Reason::Audience => const { &unauthenticated("Token for another application") },
        Reason::Expired => const { &unauthenticated("Token expired") },
        Reason::NotYetValid => const { &unauthenticated("Token not valid yet") },
        Reason::Revoked => const { &unauthenticated("Token revoked") },
        Reason::TooLong => const { &unauthenticated("Token too long") },
        Reason::Password | Reason::Browser => const { &unauthenticated("Password not taken") },
        Reason::Path | Reason::Off => const { &unauthenticated("Token not for this address") },
        Reason::Unverifiable => const { &unauthenticated("Token cannot be checked") },
        Reason::Conflict => const { &bad_request("Two different tokens") },
        Reason::Address => const { &bad_request("Token in the address") },
    }
}

const fn unauthenticated(title: &'static str) -> ProblemKind {
    ProblemKind {
        status: 401,
        code: "UNAUTHENTICATED",
        title,
        message: "",
    }
}

const fn bad_request(title: &'static str) -> ProblemKind {
    ProblemKind {
        status: 400,
        code: "BAD_REQUEST",
        title,
        message: "",
    }
}

fn sentence(reason: Reason, advice: Advice<'_>) -> String {
    let uri = advice.tracking_uri;
    match reason {
        Reason::Missing if advice.is_for_models => format!(
            "The request has no token. Give your client a token of this site as its api_key. \
             MLflow's judges and scorers (gateway:/...) send no token but a name and password: \
             set MLFLOW_TRACKING_USERNAME to any name and MLFLOW_TRACKING_PASSWORD to the \
             token. {GET_ONE}"
        ),
        Reason::Missing => format!("The request has no token. {GET_ONE}"),
        Reason::Malformed => format!(
            "What the request has in place of a token is none: it may have been copied in part, \
             or be of another kind than Bearer or Basic. {GET_ONE}"
        ),
        Reason::Unknown => format!(
            "This site does not know the token: it is of another gateway, of a key that has been \
             removed since, or was revoked long ago. Compare MLFLOW_TRACKING_URI with {uri}. {GET_ONE}"
        ),
        Reason::Issuer => format!(
            "The token is of an issuer that this site does not take tokens of. Its administrator \
             may add it (`issuers`). {GET_ONE}"
        ),
        Reason::Audience => format!(
            "The token is for another application than this site, or of another kind than this \
             site takes (an ID token where an access token belongs, or the reverse). {GET_ONE}"
        ),
        Reason::Expired => format!(
            "The token has expired. {GET_ONE} With the latter tokens are renewed while a job runs."
        ),
        Reason::Revoked => format!("The token has been revoked. {GET_ONE}"),
        Reason::NotYetValid | Reason::TooLong | Reason::Unverifiable => {
            "The token cannot be used now. Tell the administrator of this site.".to_owned()
        }
        Reason::Password => "The request has a name and a password that is no token; this site \
             takes no passwords. Set MLFLOW_TRACKING_PASSWORD to a token (of any name), or unset \
             MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, ~/.mlflow/credentials and \
             this host's line in ~/.netrc, all of which MLflow's client prefers to \
             MLFLOW_TRACKING_TOKEN."
            .to_owned(),
        Reason::Browser => "A name and password are taken of programs only, never of a browser: \
             sign in on this site's start page."
            .to_owned(),
        Reason::Conflict => "The request has two tokens that differ, so neither counts. Send one: \
             Authorization, or for MLflow's AI gateway x-api-key, x-goog-api-key or api-key."
            .to_owned(),
        Reason::Address => "The request has a key in its address, where logs and proxies keep \
             it. Send the token in a header (x-goog-api-key or Authorization). If it was one of \
             this site, revoke it: others may have read it."
            .to_owned(),
        Reason::Path => format!(
            "A token for programs opens MLflow's REST API and its AI gateway, and not the \
             addresses of its pages. Set MLFLOW_TRACKING_URI to {uri}."
        ),
        Reason::Off => "This site takes no tokens for programs. Its administrator may allow them \
             with `python` in config.json."
            .to_owned(),
    }
}

/// The sentence in the characters that RFC 6750 §3 allows there.
fn described(sentence: &str) -> String {
    let plain = |character: char| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    sentence.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVICE: Advice<'_> = Advice {
        tracking_uri: "https://mlflow.example.com/@dev",
        is_for_models: false,
    };

    #[test]
    fn every_reason_has_a_sentence_and_a_challenge_of_its_own() {
        let mut sentences = Vec::new();
        for reason in Reason::ALL {
            let problem = Problem::of_credentials(reason, ADVICE);
            let challenge = problem.challenge().expect("all are 401 or have a code");
            let expected = match reason.error() {
                None => "Bearer realm=\"mlflow\"".to_owned(),
                Some(error) => format!(
                    "Bearer realm=\"mlflow\", error=\"{error}\", error_description=\"{}\"",
                    problem.message()
                ),
            };
            assert_eq!(challenge, expected, "{reason:?}");
            assert!(problem.title().is_ascii() && problem.title().len() < 40);
            sentences.push(problem.message().to_owned());
        }
        sentences.sort_unstable();
        sentences.dedup();
        // Three of them have a sentence with more in it elsewhere.
        assert_eq!(sentences.len(), Reason::ALL.len() - 2);
    }

    #[test]
    fn a_description_has_no_character_that_would_end_it() {
        let problem = Problem {
            error: Some("invalid_token"),
            ..Problem::denied("a \"b\" \\ \r\n é".to_owned())
        };
        let challenge = problem.challenge().unwrap();
        assert!(
            challenge.ends_with("error_description=\"a 'b' ' ?? ?\""),
            "{challenge}"
        );
    }
}
