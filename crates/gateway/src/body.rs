//! Bodies of requests and responses: bounded, timed, guarded, drained.

pub(crate) mod guarded;
pub(crate) mod limited;
pub(crate) mod stall_timer;

use std::time::Duration;

use axum::body::Body;
use http_body_util::{BodyExt, Limited};

/// The most that is read of the body of a refused request, in bytes.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// How long that may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a body to its end and drops it. A browser that is answered while it is
/// still sending may see a broken connection instead of the 401 after which the
/// worker would renew the token and send the request again.
pub(crate) async fn drain(body: Body) {
    let mut body = Limited::new(body, DRAIN_LIMIT);
    let all = async { while let Some(Ok(_)) = body.frame().await {} };
    // A client that is slower sees the connection close.
    let _ = tokio::time::timeout(DRAIN_TIMEOUT, all).await;
}
