//! Why a request was not answered by MLflow: what each cause is in HTTP, among
//! MLflow's error codes (`mlflow.protos.databricks_pb2.ErrorCode`), and in words.
//!
//! Each is a constant of its own, so that the worker carries only those that it
//! uses.

use super::{Problem, ProblemKind};
use crate::bounds::{
    GRAPHQL_BODY, GRAPHQL_BODY_OF_UI, GRAPHQL_BRACKETS, GRAPHQL_BRACKETS_OF_UI, GRAPHQL_LENGTH,
    GRAPHQL_LENGTH_OF_UI, GraphQlExcess, TokenTooLong,
};

/// The link under it.
pub(super) const START_PAGE: &str = "Open the start page";

const CANNOT_BE_FORWARDED: &str = "This request cannot be forwarded";
const NOT_ANSWERING: &str = "MLflow is not answering";

impl Problem {
    /// No valid token: sign in.
    pub const UNAUTHENTICATED: Self = Self::of(&ProblemKind {
        status: 401,
        code: "UNAUTHENTICATED",
        title: "Please sign in",
        message: "Your session has ended, or you have not signed in yet.",
    });

    /// A tab or a frame asks for what only MLflow's own pages may.
    pub const NOT_NAVIGABLE: Self = Self::of(&ProblemKind {
        status: 403,
        code: "PERMISSION_DENIED",
        title: "This cannot be opened like that",
        message: "This address is for MLflow's own pages. A link or a form, perhaps of another \
             site, tried to use it in your name; nothing was sent to MLflow. If you meant to \
             do this, do it in MLflow.",
    });

    /// Another site had the browser ask.
    pub const FROM_ELSEWHERE: Self = Self::of(&ProblemKind {
        status: 403,
        code: "PERMISSION_DENIED",
        title: "Another site asked for this",
        message: "This address is for the pages of its own site, and another site asked.",
    });

    /// The session cannot be renewed at the moment: ask again. MLflow's UI
    /// repeats a request that is answered 429, and hardly any other.
    pub const NOT_RENEWED: Self = Self::of(&ProblemKind {
        status: 429,
        code: "REQUEST_LIMIT_EXCEEDED",
        title: "The sign-in service is not answering",
        message: "You are signed in, but your session cannot be renewed at the moment. \
             Trying again\u{2026}",
    });

    /// The token cannot be checked now: the issuer's keys are out of reach.
    pub const UNVERIFIABLE: Self = Self::of(&ProblemKind {
        status: 503,
        code: "TEMPORARILY_UNAVAILABLE",
        title: "Your sign-in cannot be checked",
        message: "The sign-in service's keys cannot be loaded. Nothing is wrong with your \
             account; try again in a moment.",
    });

    /// MLflow does not answer.
    pub const UPSTREAM_DOWN: Self = Self::of(&ProblemKind {
        status: 502,
        code: "TEMPORARILY_UNAVAILABLE",
        title: NOT_ANSWERING,
        message: "You are signed in, but the MLflow server behind this site cannot be reached. \
             Try again in a moment; if it stays so, tell the administrator of this site.",
    });

    /// MLflow did not answer in time.
    pub const UPSTREAM_SLOW: Self = Self::of(&ProblemKind {
        status: 504,
        code: "TEMPORARILY_UNAVAILABLE",
        title: NOT_ANSWERING,
        message: "You are signed in, but the MLflow server behind this site took too long. \
             Try again in a moment; if it stays so, tell the administrator of this site.",
    });

    /// Too many requests are under way: ask again.
    pub const OVERLOADED: Self = Self::of(&ProblemKind {
        status: 503,
        code: "TEMPORARILY_UNAVAILABLE",
        title: "Too much is going on",
        message: "You are signed in, but this site has more requests than it can answer. \
             Try again in a moment.",
    });

    /// Requests of this kind come too often from the client's address: ask again.
    pub const TOO_OFTEN: Self = Self::of(&ProblemKind {
        status: 429,
        code: "REQUEST_LIMIT_EXCEEDED",
        title: "Too many requests",
        message: "Too many requests of this kind come from your network. \
             Try again in a moment.",
    });

    /// The body is larger than the server takes.
    pub const TOO_LARGE: Self = Self::of(&ProblemKind {
        status: 413,
        code: "BAD_REQUEST",
        title: CANNOT_BE_FORWARDED,
        message: "The body is larger than this server accepts.",
    });

    /// The request did not arrive in time.
    pub const SLOW_REQUEST: Self = Self::of(&ProblemKind {
        status: 408,
        code: "BAD_REQUEST",
        title: CANNOT_BE_FORWARDED,
        message: "The request did not arrive in time. Send it again.",
    });

    /// The request's head is larger than the server takes.
    pub const HEADERS_TOO_LARGE: Self = Self::of(&ProblemKind {
        status: 431,
        code: "BAD_REQUEST",
        title: CANNOT_BE_FORWARDED,
        message: "The request's headers are larger than this server accepts. If you are in \
             very many groups, that may be why.",
    });

    /// A page asks for a URL of the artifact store, and the site lists no store.
    /// After this status MLflow's UI asks MLflow for the file itself.
    pub const STORE_NOT_LISTED: Self = Self::of(&ProblemKind {
        status: 501,
        code: "NOT_IMPLEMENTED",
        title: "Files come through MLflow",
        message: "Pages of this site get files from MLflow, not straight from its artifact \
             store. If MLflow hands out none, its administrator has to list the store in \
             this site's configuration (artifacts.store_origins).",
    });

    /// A token whose time has not come: another sign-in would bring the same.
    pub fn not_yet_valid(ahead: u64) -> Self {
        const KIND: &ProblemKind = &ProblemKind {
            status: 401,
            code: "UNAUTHENTICATED",
            title: "The clocks differ",
            message: "",
        };
        Self::saying(
            KIND,
            format!(
                "Your sign-in is valid only in {ahead} s by the clock of this site's server, \
                 which is behind that of the sign-in service. Tell the administrator of this \
                 site, who can set the clock, or allow for more (`provider.clock_leeway`)."
            ),
        )
    }

    /// A token that is longer than any that is looked at.
    pub fn token_too_long(error: TokenTooLong) -> Self {
        Self::HEADERS_TOO_LARGE.worded(format!(
            "Your sign-in cannot be used: {error}. Tell the administrator of this site."
        ))
    }

    /// A valid token of a user who may not: the sentence that says why.
    pub fn denied(sentence: String) -> Self {
        const KIND: &ProblemKind = &ProblemKind {
            status: 403,
            code: "PERMISSION_DENIED",
            title: "No access",
            message: "",
        };
        Self::saying(KIND, sentence)
    }

    /// The address leads to nothing that this site has: the sentence that says
    /// what to ask for instead.
    pub fn not_here(sentence: String) -> Self {
        const KIND: &ProblemKind = &ProblemKind {
            status: 404,
            // `RESOURCE_DOES_NOT_EXIST` would make clients create what they miss.
            code: "ENDPOINT_NOT_FOUND",
            title: "There is no such MLflow server",
            message: "",
        };
        Self::saying(KIND, sentence)
    }

    /// The request is not one the server forwards: the sentence that says why.
    pub fn bad_request(why: &str) -> Self {
        const KIND: &ProblemKind = &ProblemKind {
            status: 400,
            code: "BAD_REQUEST",
            title: CANNOT_BE_FORWARDED,
            message: "",
        };
        Self::saying(KIND, why.to_owned())
    }

    /// The gateway cannot do its part now: the sentence that says why.
    pub fn unavailable(sentence: &str) -> Self {
        const KIND: &ProblemKind = &ProblemKind {
            status: 503,
            code: "TEMPORARILY_UNAVAILABLE",
            title: "Temporarily unavailable",
            message: "",
        };
        Self::saying(KIND, sentence.to_owned())
    }

    /// There is too much of a GraphQL request to be read.
    pub fn graphql(excess: GraphQlExcess) -> Self {
        let (what, unit, most, of_ui) = match excess {
            GraphQlExcess::Body => ("body", "bytes", GRAPHQL_BODY, GRAPHQL_BODY_OF_UI),
            GraphQlExcess::Length => ("document", "bytes", GRAPHQL_LENGTH, GRAPHQL_LENGTH_OF_UI),
            GraphQlExcess::Brackets => (
                "document",
                "brackets",
                GRAPHQL_BRACKETS,
                GRAPHQL_BRACKETS_OF_UI,
            ),
        };
        let sentence = format!(
            "The GraphQL {what} has more than {most} {unit}; those of MLflow's pages have at \
             most {of_ui}."
        );
        match excess {
            GraphQlExcess::Body | GraphQlExcess::Length => Self::TOO_LARGE.worded(sentence),
            GraphQlExcess::Brackets => Self::bad_request(&sentence),
        }
    }

    /// What is between the gateway and MLflow refused: the sentence that says
    /// what, and what its administrator can do.
    pub fn upstream(sentence: String) -> Self {
        const KIND: &ProblemKind = &ProblemKind {
            status: 502,
            code: "TEMPORARILY_UNAVAILABLE",
            title: NOT_ANSWERING,
            message: "",
        };
        Self::saying(KIND, sentence)
    }
}
