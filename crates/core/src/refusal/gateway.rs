//! What the gateway answers in MLflow's place, besides `refusal`.

use crate::{
    bounds::{GET_BODY, REFERENCES},
    refusal::Problem,
};

const BROKEN_OFF: &str = "The request's body broke off.";

/// Requests that cannot be forwarded.
impl Problem {
    /// The path has more than one reading.
    pub fn ambiguous_path() -> Self {
        Self::bad_request(
            "The path can be read in more than one way: it has an empty segment, a dot segment, or \
             an escape that is none.",
        )
    }

    /// The workspace has more than one reading.
    pub fn ambiguous_workspace() -> Self {
        Self::bad_request(
            "The workspace can be read in more than one way: send one X-MLFLOW-WORKSPACE header, \
             in visible ASCII letters without a comma, or none.",
        )
    }

    /// A `HEAD` request has a body.
    pub fn body_of_read() -> Self {
        Self::bad_request("A HEAD request has no body.")
    }

    /// The body of a `GET` is no query.
    pub fn body_of_get_not_flat() -> Self {
        Self::bad_request(
            "The body of a GET request is read only if it is a JSON object of texts, whole \
             numbers, truth values, or lists of these. Send them in the query (?name=value), as \
             MLflow's client does.",
        )
    }

    /// The body of a `GET` is too long for a query.
    pub fn body_of_get_too_long() -> Self {
        Self::bad_request(&format!(
            "The body of a GET request may have {GET_BODY} bytes, because it becomes the query. \
             Ask for less at a time, or with POST where MLflow takes that."
        ))
    }

    /// The body of a `GET` says something else than its query.
    pub fn body_of_get_differs() -> Self {
        Self::bad_request(
            "The GET request has a query, and a body that says something else. MLflow would read \
             one of them and not the other: send the query only.",
        )
    }

    /// The body does not arrive.
    pub fn body_broken_off() -> Self {
        Self::bad_request(BROKEN_OFF)
    }

    /// The body could not be parsed.
    pub fn body_unreadable() -> Self {
        Self::bad_request("The body cannot be read.")
    }

    /// Path and query are too long.
    pub fn address_too_long() -> Self {
        Self::bad_request("The address is longer than this server accepts.")
    }

    /// The path cannot be part of a URL.
    pub fn path_not_of_url() -> Self {
        Self::bad_request("The path is not a URL path.")
    }

    /// The query has keys of an AWS signature.
    pub fn signature_in_query() -> Self {
        Self::bad_request(
            "The query has keys of an AWS signature (X-Amz-…), which only AWS may be sent. Leave \
             them out.",
        )
    }

    /// The query is not a text.
    pub fn query_not_text() -> Self {
        Self::bad_request("The query is not text in UTF-8.")
    }

    /// The request cannot be signed.
    pub fn unsignable() -> Self {
        Self::bad_request("The request cannot be signed for AWS.")
    }

    /// The path looks like that of a server, and is none.
    pub fn no_such_server() -> Self {
        Self::not_here("This address leads to no MLflow server of this site.".to_owned())
    }
}

/// Requests of users whose rights are limited to experiments, models or workspaces.
impl Problem {
    /// The request is about more than MLflow can be asked about.
    pub fn too_many_references() -> Self {
        Self::bad_request(&format!(
            "The request is about more than {REFERENCES} runs, traces or models, and your rights \
             depend on each: ask for fewer at a time."
        ))
    }

    /// MLflow does not say what the request is about.
    pub fn reference_unknown() -> Self {
        upstream(
            "Your rights depend on the experiment or model that this is about, and MLflow does \
             not say which that is. Try again in a moment; if it stays so, tell the \
             administrator of this site, whose log says more.",
        )
    }

    /// A list cannot be limited to what the user may see.
    pub fn unfiltered() -> Self {
        upstream(
            "You may see a part of this list, and MLflow's answer is too long or not in a form \
             in which that part can be found. Ask for less at a time (max_results).",
        )
    }
}

const NOT_SERVED: &str = "This site does not serve MLflow's API to programs: ";

/// MLflow's API for programs, and tokens for it.
impl Problem {
    /// Programs call this address with AWS credentials.
    pub fn api_elsewhere(tracking_uri: &str) -> Self {
        Self::not_here(format!(
            "{NOT_SERVED}they call {tracking_uri} with AWS credentials."
        ))
    }

    /// Programs are not served.
    pub fn api_not_served() -> Self {
        Self::not_here(format!(
            "{NOT_SERVED}its administrator may allow it with `python` in config.json."
        ))
    }

    /// A program asks for MLflow's assistant.
    pub fn assistant_for_pages() -> Self {
        Self::denied(
            "MLflow's assistant runs commands on the server's own machine and is for pages that \
             are opened there: it is not served to programs. For answers of a model call an \
             endpoint of MLflow's AI gateway (/gateway/mlflow/v1/chat/completions)."
                .to_owned(),
        )
    }

    /// A token would be longer than any server accepts in a header.
    pub fn api_token_too_long() -> Self {
        Self::denied(
            "You are in so many groups that a token for programs would be longer than servers \
             take. Ask an administrator for a user with fewer groups."
                .to_owned(),
        )
    }

    /// Tokens are asked for otherwise than they may be.
    pub fn api_token_methods() -> Self {
        Self::bad_request(
            "Tokens are asked for with POST, listed with GET, and revoked with DELETE and their id.",
        )
    }

    /// What a token is asked for with is not understood.
    pub fn api_token_request(why: &str) -> Self {
        Self::bad_request(&format!("The request for a token is wrong: {why}."))
    }

    /// No script of this site asks for a token.
    pub fn api_token_for_own_pages() -> Self {
        Self::denied("Tokens for programs are issued to pages of this site only.".to_owned())
    }

    /// The list of tokens cannot be read or written.
    pub fn token_list_unavailable() -> Self {
        Self::unavailable(
            "This site's list of tokens cannot be read or written at the moment, and without it \
             no token is taken, issued or revoked. Try again in a moment; if it stays so, tell \
             the administrator of this site, whose log says why.",
        )
    }

    /// There is no list of tokens.
    pub fn token_list_missing() -> Self {
        Self::not_here(
            "This site keeps no list of tokens, so they cannot be listed or revoked singly. Its \
             administrator may name a file for it (`tokens.registry`)."
                .to_owned(),
        )
    }

    /// The user has as many tokens as there may be.
    pub fn too_many_tokens(most: usize) -> Self {
        Self::denied(format!(
            "You have {most} tokens that have not ended, which is the most. Revoke some."
        ))
    }

    /// A user who may not do everything asks for the tokens of all.
    pub fn tokens_of_others() -> Self {
        Self::denied("The tokens of others are for administrators.".to_owned())
    }

    /// There is no such token.
    pub fn no_such_token() -> Self {
        Self::not_here(
            "You have no valid token of this id: it has ended, or been revoked.".to_owned(),
        )
    }
}

/// A managed MLflow of SageMaker, whose requests the gateway signs.
impl Problem {
    /// There are no credentials to sign with.
    pub fn aws_credentials_missing() -> Self {
        upstream(
            "This site's gateway has no valid AWS credentials at the moment. Try again in a \
             moment; if it stays so, tell the administrator of this site, whose log says why.",
        )
    }

    /// The credentials have expired, and so have new ones.
    pub fn aws_credentials_expired() -> Self {
        upstream(
            "The AWS credentials of this site's gateway have ended, and new ones have ended, too. \
             Tell the administrator of this site.",
        )
    }

    /// AWS does not know the credentials.
    pub fn aws_credentials_unknown() -> Self {
        upstream(
            "AWS does not know the credentials of this site's gateway. Tell the administrator of \
             this site, who can give it others: they may have been deleted, or belong to another \
             partition of AWS.",
        )
    }

    /// AWS refuses the signature.
    pub fn aws_signature_refused() -> Self {
        upstream(
            "AWS found the signature of this site's gateway wrong. Tell the administrator of this \
             site: the secret key may not belong to the access key, or something between the \
             gateway and AWS changes requests.",
        )
    }

    /// The gateway's clock differs from AWS's.
    pub fn aws_clock_skewed() -> Self {
        upstream(
            "AWS found the time of this site's gateway wrong. Send the request again; if it stays \
             so, tell the administrator of this site, who can set its clock.",
        )
    }

    /// The gateway's role lacks `action`, if AWS names it, or else `needed`.
    pub fn aws_action_denied(action: Option<&str>, needed: &str) -> Self {
        let named = action.map(|action| format!(" ({action})"));
        let named = named.unwrap_or_default();
        let needed = action.unwrap_or(needed);
        Self::denied(format!(
            "AWS does not let this site do this{named}. Your groups allow it, but the role of the \
             gateway does not. Tell the administrator of this site, who can allow {needed} to that \
             role."
        ))
    }

    /// There is no such managed MLflow; `kind` is what people call it.
    pub fn aws_server_missing(kind: &str) -> Self {
        Self::not_here(format!(
            "AWS has no {kind} of the ARN that this site is configured for. Tell the administrator \
             of this site: it may have been deleted, or be in another region or account."
        ))
    }

    /// The managed MLflow is stopped; `kind` is what people call it.
    pub fn aws_server_stopped(kind: &str) -> Self {
        Self::upstream(format!(
            "The {kind} behind this site is not running. Tell the administrator of this site, who \
             can start it in SageMaker; that may take half an hour."
        ))
    }
}

fn upstream(sentence: &str) -> Problem {
    Problem::upstream(sentence.to_owned())
}
