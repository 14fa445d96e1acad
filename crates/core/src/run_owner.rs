//! Whose a run is: MLflow's user tag, written from the verified user in place of
//! what a client claims (`run_owner` of the gateway).
//!
//! MLflow's client writes the name of the operating system's user into the tag
//! `mlflow.user` and the field `user_id` of a run that it creates; MLflow's pages
//! show the tag, and its search finds it (`attributes.user_id`,
//! ``tags.`mlflow.user` ``; read, MLflow 3.18.0).
//!
//! | request | what becomes of it |
//! |---|---|
//! | `runs/create` | both are the user's name, whatever it says |
//! | `runs/create-promptlab-run` | the field is the user's name; the tag is left out |
//! | `runs/set-tag`, `runs/log-batch` that set the tag | refused, unless to the user's own name, or for administrators |
//! | `runs/delete-tag` of the tag | refused, unless for administrators |
//!
//! A body that is no object is refused: MLflow takes a text with an object in it as
//! that object, for old clients. The tag is known in any case of its letters and with
//! spaces around it, because `MySQL` takes those for the same key.
//!
//! Administrators may say whose a run is, because they import runs of others.
//! Traces, logged models and datasets keep what the client says.

use serde_json::{Map, Value, json};

use crate::refusal::Problem;

/// MLflow's tag.
const USER_TAG: &str = "mlflow.user";

/// The names of the field of `runs/create` in JSON of protocol buffers.
const USER_FIELDS: [&str; 2] = ["user_id", "userId"];

const CREATE: &str = "2.0/mlflow/runs/create";
const CREATE_PROMPTLAB: &str = "2.0/mlflow/runs/create-promptlab-run";
const DELETE_TAG: &str = "2.0/mlflow/runs/delete-tag";

/// Whether the body of a request for this endpoint may say whose a run is.
pub fn concerns(endpoint: &str) -> bool {
    matches!(
        endpoint,
        CREATE
            | CREATE_PROMPTLAB
            | DELETE_TAG
            | "2.0/mlflow/runs/set-tag"
            | "2.0/mlflow/runs/log-batch"
    )
}

/// Decides what MLflow gets of a request for `endpoint` with this body of a user
/// called `user`: another body, or the same (`None`).
///
/// # Errors
/// If the request would make a run another user's, or MLflow could read the body
/// otherwise than it is read here.
pub fn apply(
    endpoint: &str,
    body: &Value,
    user: &str,
    is_administrator: bool,
) -> Result<Option<Value>, Problem> {
    let fields = body.as_object().ok_or_else(unread)?;
    let own = json!({ "key": USER_TAG, "value": user });
    match endpoint {
        CREATE => return created(fields, user, Some(own)).map(Some),
        // Of this one MLflow itself reads no tags (3.18.0).
        CREATE_PROMPTLAB => return created(fields, user, None).map(Some),
        _ => {}
    }
    let is_kept = |value: &Value| endpoint != DELETE_TAG && value == user;
    if is_administrator || !changes_owner(body, is_kept) {
        Ok(None)
    } else {
        Err(Problem::run_owner_is_fixed())
    }
}

/// The body of a request that creates a run, with this user and tag.
fn created(fields: &Map<String, Value>, user: &str, tag: Option<Value>) -> Result<Value, Problem> {
    let mut fields = fields.clone();
    for field in USER_FIELDS {
        fields.remove(field);
    }
    let tags = match fields.remove("tags") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(tags)) => tags,
        Some(_) => return Err(unread()),
    };
    let others = tags.into_iter().filter(|tag| !is_user_tag(tag));
    let tags: Vec<Value> = others.chain(tag).collect();
    fields.insert("user_id".to_owned(), user.into());
    fields.insert("tags".to_owned(), tags.into());
    Ok(fields.into())
}

/// Whether the body gives the tag a value that is not to be kept, or deletes it. Of
/// what is no list of tags MLflow reads none.
fn changes_owner(body: &Value, is_kept: impl Fn(&Value) -> bool) -> bool {
    let tags = body["tags"].as_array().into_iter().flatten();
    let mut tags = tags.chain([body]);
    tags.any(|tag| is_user_tag(tag) && !is_kept(&tag["value"]))
}

fn is_user_tag(tag: &Value) -> bool {
    let key = tag["key"].as_str();
    key.is_some_and(|key| key.trim().eq_ignore_ascii_case(USER_TAG))
}

fn unread() -> Problem {
    Problem::run_owner_unread()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_created_run_is_its_users_whatever_the_client_says() {
        let own = json!({ "key": "mlflow.user", "value": "anna@example.com" });
        let other = json!({ "key": "mlflow.user", "value": "root" });
        let tag = json!({ "key": "a", "value": "b" });
        let table = [
            (json!({}), json!([own])),
            (json!({ "user_id": "root", "tags": [other] }), json!([own])),
            (
                json!({ "userId": "root", "tags": [tag, other, other] }),
                json!([tag, own]),
            ),
            (
                json!({ "tags": [{ "key": "MLflow.User ", "value": "root" }] }),
                json!([own]),
            ),
            (json!({ "tags": null }), json!([own])),
        ];
        for (body, tags) in table {
            let made = apply(CREATE, &body, "anna@example.com", true)
                .unwrap()
                .unwrap();
            assert_eq!(
                made,
                json!({ "user_id": "anna@example.com", "tags": tags }),
                "{body}"
            );
        }
        let kept = json!({ "experiment_id": "1", "run_name": "r", "start_time": 7 });
        let made = apply(CREATE, &kept, "anna", false).unwrap().unwrap();
        assert_eq!(
            (&made["experiment_id"], &made["start_time"]),
            (&json!("1"), &json!(7))
        );
        for body in [json!([]), json!("{}"), json!({ "tags": "x" })] {
            assert!(apply(CREATE, &body, "anna", true).is_err(), "{body}");
        }
    }

    #[test]
    fn a_run_that_is_created_from_a_prompt_is_its_users_too() {
        let other = json!({ "key": "mlflow.user", "value": "root" });
        let body = json!({ "experiment_id": "1", "user_id": "root", "tags": [other] });
        let expected = json!({ "experiment_id": "1", "user_id": "anna", "tags": [] });
        assert!(concerns(CREATE_PROMPTLAB));
        let made = apply(CREATE_PROMPTLAB, &body, "anna", true);
        assert_eq!(made, Ok(Some(expected)));
    }

    #[test]
    fn a_body_that_mlflow_reads_as_another_one_is_refused() {
        let tag = json!({ "run_id": "r", "key": "mlflow.user", "value": "root" });
        let text = Value::from(tag.to_string());
        for endpoint in ["set-tag", "delete-tag", "log-batch", "create"] {
            let endpoint = format!("2.0/mlflow/runs/{endpoint}");
            let found = apply(&endpoint, &text, "anna", false);
            assert_eq!(found, Err(Problem::run_owner_unread()), "{endpoint}");
        }
    }

    #[test]
    fn who_is_no_administrator_gives_no_run_to_another() {
        let tag = |value: &str| json!({ "key": "mlflow.user", "value": value });
        let batch = |value: &str| json!({ "tags": [{ "key": "a", "value": "b" }, tag(value)] });
        let table = [
            ("2.0/mlflow/runs/set-tag", tag("anna"), true),
            ("2.0/mlflow/runs/set-tag", tag("bert"), false),
            (
                "2.0/mlflow/runs/set-tag",
                json!({ "key": "a", "value": "bert" }),
                true,
            ),
            (
                "2.0/mlflow/runs/delete-tag",
                json!({ "key": "mlflow.user" }),
                false,
            ),
            // MLflow ignores the value.
            ("2.0/mlflow/runs/delete-tag", tag("anna"), false),
            ("2.0/mlflow/runs/delete-tag", json!({ "key": "a" }), true),
            (
                "2.0/mlflow/runs/set-tag",
                json!({ "key": "MLFLOW.USER", "value": "bert" }),
                false,
            ),
            ("2.0/mlflow/runs/log-batch", batch("anna"), true),
            ("2.0/mlflow/runs/log-batch", batch("bert"), false),
            ("2.0/mlflow/runs/log-batch", json!({ "metrics": [] }), true),
        ];
        for (endpoint, body, may) in table {
            assert!(concerns(endpoint));
            let found = apply(endpoint, &body, "anna", false);
            let expected = may.then_some(None).ok_or_else(Problem::run_owner_is_fixed);
            assert_eq!(found, expected, "{endpoint} {body}");
            assert_eq!(
                apply(endpoint, &body, "anna", true),
                Ok(None),
                "{endpoint} {body}"
            );
        }
    }
}
