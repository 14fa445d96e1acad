//! Headers that the worker and an API on another origin exchange (CORS).
//!
//! Browsers ask the API for leave first (CORS, Fetch §3.2), so templates, hosts
//! and tests agree to these lists.

/// The request headers that are passed on. Others would be asked for too, and
/// engines add some of their own: all that MLflow reads is among these.
pub const REQUEST_HEADERS: [&str; 5] = [
    "accept",
    "authorization",
    "content-type",
    "range",
    "x-mlflow-workspace",
];

/// The methods that MLflow has.
pub const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The response headers that the worker, or MLflow's UI, reads.
pub const EXPOSED_HEADERS: [&str; 7] = [
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-range",
    "etag",
    "x-amzn-errortype",
    "x-request-id",
];

/// How long a browser may keep leave for one URL, in seconds: the longest that
/// Chromium does.
pub const MAX_AGE: u64 = 7200;
