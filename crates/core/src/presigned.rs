//! Requests for presigned URLs of MLflow's artifact store.
//!
//! MLflow 3.15 and later signs URLs with which one file is read or written at
//! the store itself, such as S3; its UI asks for one before every download. On
//! a site that lists no store in `artifacts.store_origins` the policies of its
//! documents forbid to follow them, and MLflow's UI, whose window goes to such
//! a URL, would be lost. So pages are answered 501 there, after which the UI
//! takes its other way: the file comes through MLflow. It does so after 400,
//! 404, 501 and 503 (3.15 to 3.18). Programs get their URLs on every site.
//!
//! | | |
//! |---|---|
//! | `POST 2.0/mlflow/artifacts/presigned-download-url` | a file of a run |
//! | `POST 2.0/mlflow/artifacts/presigned-upload-url` | the same, to write it |
//! | `GET 2.0/mlflow-artifacts/presigned/{path}` | a file of the artifact service |
//! | `POST 2.0/mlflow-artifacts/mpu/create/{path}` | the same, to write it in parts |
//! | `GET 2.0/mlflow/logged-models/{id}/artifacts/files?presigned=true` | a file of a model |
//! | `GET model-versions/get-artifact?presigned=true` | a file of a registered one |
//!
//! The first five are below `api` or `ajax-api`. This is no guard: what MLflow
//! may be asked for is the access policy's, and where a page may go its content
//! security policy's. So a spelling that MLflow's UI does not use is let through.

use crate::{canonical_path::decode, config::Artifacts, query, refusal::Problem};

/// Decides whether a page may send a request of `method` for `path` and `query`
/// on an MLflow server: whether it asks for no presigned URL, or the site lists
/// where they lead. `path` is undecoded; `query` may begin with a `?`.
///
/// # Errors
/// [`Problem::STORE_NOT_LISTED`], which sends MLflow's UI its other way.
pub fn check(artifacts: &Artifacts, method: &str, path: &str, query: &str) -> Result<(), Problem> {
    if artifacts.store_origins.is_empty() && is_asked_for(method, path, query) {
        Err(Problem::STORE_NOT_LISTED)
    } else {
        Ok(())
    }
}

fn is_asked_for(method: &str, path: &str, query: &str) -> bool {
    let Some(Ok(path)) = decode(path).map(String::from_utf8) else {
        return false;
    };
    let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    match (method, segments.as_slice()) {
        (
            "POST",
            ["api" | "ajax-api", "2.0", "mlflow", "artifacts", last]
            | [
                "api" | "ajax-api",
                "2.0",
                "preview",
                "mlflow",
                "artifacts",
                last,
            ],
        ) => matches!(*last, "presigned-download-url" | "presigned-upload-url"),
        (
            "POST",
            [
                "api" | "ajax-api",
                "2.0",
                "mlflow-artifacts",
                "mpu",
                "create",
                ..,
            ],
        ) => true,
        (
            "GET",
            [
                "api" | "ajax-api",
                "2.0",
                "mlflow-artifacts",
                "presigned",
                ..,
            ],
        ) => true,
        (
            "GET",
            ["model-versions", "get-artifact"]
            | [
                "api" | "ajax-api",
                "2.0",
                "mlflow",
                "logged-models",
                _,
                "artifacts",
                "files",
            ],
        ) => query::get(query, "presigned").as_deref() == Some("true"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origin;

    /// What the UI of MLflow 3.18.0 asks for, and its server's other spellings.
    const ASKING: [&str; 10] = [
        "POST /ajax-api/2.0/mlflow/artifacts/presigned-download-url",
        "POST /api/2.0/mlflow/artifacts/presigned-download-url",
        "POST /ajax-api/2.0/preview/mlflow/artifacts/presigned-download-url",
        "POST /ajax-api/2.0/mlflow%2Fartifacts/presigned-download-url",
        "POST /ajax-api/2.0/mlflow/artifacts/presigned-upload-url",
        "GET /ajax-api/2.0/mlflow-artifacts/presigned/1/a%20b/artifacts/c.csv",
        "POST /ajax-api/2.0/mlflow-artifacts/mpu/create/1/ab/artifacts",
        "POST /ajax-api/2.0/mlflow-artifacts/mpu/create/",
        "GET /ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=a&presigned=true",
        "GET /model-versions/get-artifact?path=a&name=b&version=1&presigned=true",
    ];

    /// The other way, what else there is of files, and what looks similar.
    const OTHERS: [&str; 12] = [
        "GET /model-versions/get-artifact?path=a&name=b&version=1",
        "GET /model-versions/get-artifact?path=presigned%3Dtrue",
        "GET /ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=MLmodel",
        "GET /ajax-api/2.0/mlflow/logged-models/m/artifacts/directories?presigned=true",
        "GET /get-artifact?path=presigned-download-url&run_uuid=a",
        "GET /ajax-api/2.0/mlflow-artifacts/artifacts/mlflow-artifacts/presigned/a",
        "PUT /ajax-api/2.0/mlflow-artifacts/artifacts/presigned-download-url",
        "POST /ajax-api/2.0/mlflow-artifacts/mpu/abort/a",
        "GET /ajax-api/2.0/mlflow/artifacts/list?run_id=a",
        "GET /ajax-api/2.0/mlflow/artifacts/presigned-download-url",
        "POST /graphql",
        "POST /ajax-api/2.0/%zz/artifacts/presigned-download-url",
    ];

    #[test]
    fn pages_ask_for_presigned_urls_only_where_a_store_is_listed() {
        let listed = Artifacts {
            store_origins: vec![Origin::parse("https://b.s3.amazonaws.com").unwrap()],
            ..Artifacts::default()
        };
        let all = ASKING.map(|request| (request, true));
        for (request, asks) in all
            .into_iter()
            .chain(OTHERS.map(|request| (request, false)))
        {
            let (method, target) = request.split_once(' ').unwrap();
            let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
            let refused = check(&Artifacts::default(), method, path, query).err();
            assert_eq!(
                refused,
                asks.then_some(Problem::STORE_NOT_LISTED),
                "{request}"
            );
            assert_eq!(check(&listed, method, path, query), Ok(()), "{request}");
        }
    }
}
