//! What tests of several modules share.

use crate::{
    Config, Secret, Timestamp,
    intercept::{self, Arrival, Clearance},
    oauth::{Grant, User},
    refusal::Requester,
};

/// A configuration that is as good as any.
pub(crate) fn config() -> Config {
    Config::parse(
        r#"{"origin":"https://mlflow.example.com","provider":{"domain":"https://login.example.com",
            "issuer":"https://issuer.example","client_id":"client"}}"#,
    )
    .unwrap()
}

/// A grant whose bearer and refresh token are both called `name`.
pub(crate) fn grant(name: &str, received_at: u64, lifetime: u64) -> Grant {
    Grant {
        bearer: Secret::new(name),
        refresh: Some(Secret::new(name)),
        subject: "s".into(),
        user: User {
            name: "a@example.com".into(),
            groups: vec!["readers".into()],
            unreadable: None,
        },
        received_at: Timestamp(received_at),
        expires_at: Timestamp(received_at).plus(lifetime),
        ends_at: None,
        is_last: false,
    }
}

/// Leave for a script's request for `path` at `own`.
pub(crate) fn clearance(own: &str, path: &str, query: &str) -> Clearance {
    let arrival = Arrival {
        origin: own,
        path,
        query,
        method: "GET",
        requester: Requester::Script,
    };
    intercept::judge(own, &arrival).clearance().unwrap()
}
