use axum::{
    extract::RawQuery,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{page, parameters::Parameters};

/// Where a request ends that cannot be answered to the app.
pub(super) async fn get(RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(&query.unwrap_or_default());
    let page = page::error(
        query.get("error").unwrap_or("unknown error"),
        query.get("client_id"),
    );
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}
