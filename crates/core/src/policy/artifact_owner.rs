//! Whose files are at a path of the artifact store.
//!
//! MLflow keeps the files of a run below `…/RUN/artifacts`, those of a logged
//! model below `…/models/MODEL/artifacts` and those of a trace below
//! `…/traces/TRACE/artifacts`, in whatever place the experiment has
//! (MLflow 2.22.5 and 3.18.0). The ids are random, so the first one in a path
//! tells whose it is.

use super::references::EntityKind;

/// The run, logged model or trace that the files at `path` belong to; `None` if
/// the path does not tell, or has more than one reading.
pub(super) fn artifact_owner(path: &str) -> Option<(EntityKind, String)> {
    if !is_plain(path) {
        return None;
    }
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    let place = segments.iter().position(|segment| is_id(segment))?;
    let before = place.checked_sub(1).and_then(|index| segments.get(index));
    if segments.get(place + 1) != Some(&"artifacts") {
        return None;
    }
    let kind = match before {
        Some(&"models") => EntityKind::LoggedModel,
        Some(&"traces") => EntityKind::Trace,
        _ => EntityKind::Run,
    };
    Some((kind, (*segments.get(place)?).to_owned()))
}

/// What a model version is made from (`mlflow.register_model`, MLflow 3.18.0):
/// `runs:/RUN/…`, `models:/NAME/…`, `models:/NAME@ALIAS`, `models:/m-ID`, or where
/// the files are.
///
/// An address of HTTP, or of an artifact server by its host, is of no one: MLflow 2.22.5
/// reads such a source as a path of its own store.
pub(super) fn source_owner(source: &str) -> Option<(EntityKind, String)> {
    let has_host = |scheme: &str| {
        let rest = source.strip_prefix(scheme);
        rest.is_some_and(|rest| rest.starts_with("://") && !rest.starts_with(":///"))
    };
    if !is_plain(source)
        || ["http", "https", "mlflow-artifacts"]
            .into_iter()
            .any(has_host)
    {
        return None;
    }
    if let Some(rest) = source.strip_prefix("runs:/") {
        let run = rest.split('/').next()?;
        return is_id(run).then(|| (EntityKind::Run, run.to_owned()));
    }
    if let Some(rest) = source.strip_prefix("models:/") {
        let name = rest.split(['/', '@']).next()?;
        let kind = if is_id(name) {
            EntityKind::LoggedModel
        } else {
            EntityKind::RegisteredModel
        };
        return (!name.is_empty()).then(|| (kind, name.to_owned()));
    }
    artifact_owner(source)
}

/// The experiment in whose folder a path of the artifact server is, if MLflow chose the
/// folder: its first segment, after that of a workspace.
pub(super) fn folder_owner(path: &str) -> Option<&str> {
    let mut segments = path.split('/').filter(|it| !it.is_empty());
    let first = match segments.next()? {
        "workspaces" => segments.nth(1)?,
        first => first,
    };
    first
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(first)
}

/// Whether a path or a URI has one reading.
fn is_plain(path: &str) -> bool {
    let mut segments = path.split('/');
    !path.contains(['%', '\\', '?', '#']) && !segments.any(|it| matches!(it, "." | ".."))
}

/// Whether a segment is an id: 32 hexadecimal digits, after `m-` or `tr-` if not
/// of a run.
fn is_id(segment: &str) -> bool {
    let digits = segment
        .strip_prefix("m-")
        .or_else(|| segment.strip_prefix("tr-"))
        .unwrap_or(segment);
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "ffffffffffffffffffffffffffffffff";

    #[test]
    fn the_first_id_of_a_path_tells_whose_files_are_there() {
        let table = [
            ("1/ID/artifacts", Some((EntityKind::Run, "ID"))),
            ("1/ID/artifacts/model/a.pkl", Some((EntityKind::Run, "ID"))),
            (
                "workspaces/a/1/ID/artifacts/x",
                Some((EntityKind::Run, "ID")),
            ),
            (
                "s3://bucket/any/ID/artifacts",
                Some((EntityKind::Run, "ID")),
            ),
            (
                "1/models/m-ID/artifacts/MLmodel",
                Some((EntityKind::LoggedModel, "m-ID")),
            ),
            (
                "1/traces/tr-ID/artifacts/traces.json",
                Some((EntityKind::Trace, "tr-ID")),
            ),
            ("1/traces/ID/artifacts/a", Some((EntityKind::Trace, "ID"))),
            (
                "1/ID/artifacts/OTHER/artifacts",
                Some((EntityKind::Run, "ID")),
            ),
            ("1/ID/other/OTHER/artifacts", None),
            ("1/ID", None),
            ("1", None),
            ("", None),
            ("1/ID/artifacts/../../OTHER/artifacts", None),
            ("1/ID/./artifacts", None),
            ("1/ID%2Fartifacts", None),
            ("1\\ID\\artifacts", None),
        ];
        for (path, expected) in table {
            let spelled = |text: &str| text.replace("ID", ID).replace("OTHER", OTHER);
            let expected = expected.map(|(kind, id)| (kind, spelled(id)));
            assert_eq!(artifact_owner(&spelled(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_source_tells_what_a_version_is_made_from() {
        let table = [
            ("runs:/ID/model", Some((EntityKind::Run, "ID"))),
            ("models:/m-ID", Some((EntityKind::LoggedModel, "m-ID"))),
            (
                "models:/other/1",
                Some((EntityKind::RegisteredModel, "other")),
            ),
            (
                "models:/other@champion",
                Some((EntityKind::RegisteredModel, "other")),
            ),
            (
                "mlflow-artifacts:/1/ID/artifacts/model",
                Some((EntityKind::Run, "ID")),
            ),
            (
                "file:///srv/1/ID/artifacts/m",
                Some((EntityKind::Run, "ID")),
            ),
            ("runs:/latest/model", None),
            ("runs:/ID/../x", None),
            (
                "http://x/ID/artifacts/api/2.0/mlflow-artifacts/artifacts/OTHER",
                None,
            ),
            ("mlflow-artifacts://host/1/ID/artifacts", None),
            ("models:/m-ID/%2e%2e", None),
            ("models:/", None),
            ("s3://bucket/model", None),
            ("", None),
        ];
        for (source, expected) in table {
            let expected = expected.map(|(kind, id)| (kind, id.replace("ID", ID)));
            assert_eq!(
                source_owner(&source.replace("ID", ID)),
                expected,
                "{source}"
            );
        }
    }
}
