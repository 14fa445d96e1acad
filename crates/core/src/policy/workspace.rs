//! The workspace that MLflow acts in, by a request's headers.

use crate::{canonical_path::Ambiguous, forwarding::is_spelling};

/// The header by which MLflow 3 chooses among workspaces.
pub const WORKSPACE: &str = "x-mlflow-workspace";

/// The workspace that MLflow acts in if a request names none (MLflow 3.18.0).
pub const DEFAULT_WORKSPACE: &str = "default";

/// The workspace that a request with these headers names; `None` if MLflow takes
/// its default, as its own pages ask for with an empty header (MLflow 3.18.0).
///
/// # Errors
/// If MLflow could read another name than the one that is read here, or another
/// than the server in front of it. It takes the first of two headers and removes
/// Unicode's white space around the name; `X_MLFLOW_WORKSPACE` is the same
/// header where it is served by WSGI alone; and on the way to MLflow two headers
/// may become one with a comma.
pub fn workspace<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Option<&'a str>, Ambiguous> {
    let mut headers = headers.into_iter();
    let Some((name, value)) = headers.find(is_workspace) else {
        return Ok(None);
    };
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b',';
    if !name.eq_ignore_ascii_case(WORKSPACE)
        || !value.iter().all(is_plain)
        || headers.any(|header| is_workspace(&header))
    {
        return Err(Ambiguous);
    }
    let value = str::from_utf8(value).map_err(|_| Ambiguous)?;
    Ok(Some(value).filter(|value| !value.is_empty()))
}

fn is_workspace((name, _): &(&str, &[u8])) -> bool {
    is_spelling(name, WORKSPACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers, and the workspace that they name.
    type Row<'a> = (
        &'a [(&'a str, &'a [u8])],
        Result<Option<&'a str>, Ambiguous>,
    );

    #[test]
    fn a_workspace_is_named_once_in_letters_that_are_seen() {
        let name = "X-MLFLOW-WORKSPACE";
        let table: [Row<'_>; 19] = [
            (&[], Ok(None)),
            (
                &[("x-mlflow-run-id", b"w"), ("x-workspace", b"w")],
                Ok(None),
            ),
            (&[(name, b"team-a")], Ok(Some("team-a"))),
            (&[("x-mlflow-workspace", b"~w!")], Ok(Some("~w!"))),
            (&[(name, b"")], Ok(None)),
            (&[(name, b"a"), (name, b"b")], Err(Ambiguous)),
            (&[(name, b"a"), (name, b"a")], Err(Ambiguous)),
            (&[(name, b""), (name, b"a")], Err(Ambiguous)),
            (
                &[(name, b"a"), ("x_mlflow_workspace", b"b")],
                Err(Ambiguous),
            ),
            (
                &[("x-mlflow_workspace", b"b"), (name, b"a")],
                Err(Ambiguous),
            ),
            (&[("X_MLFLOW_WORKSPACE", b"a")], Err(Ambiguous)),
            (&[("x.mlflow.workspace", b"a")], Err(Ambiguous)),
            (&[(name, b"a,b")], Err(Ambiguous)),
            (&[(name, b"a b")], Err(Ambiguous)),
            (&[(name, b" ")], Err(Ambiguous)),
            (&[(name, b"a\t")], Err(Ambiguous)),
            (&[(name, "\u{a0}a".as_bytes())], Err(Ambiguous)),
            (&[(name, b"\xa0a")], Err(Ambiguous)),
            (&[(name, b"a\x7f")], Err(Ambiguous)),
        ];
        for (headers, expected) in table {
            assert_eq!(workspace(headers.iter().copied()), expected, "{headers:?}");
        }
    }
}
