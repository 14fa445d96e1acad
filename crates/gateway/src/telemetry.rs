//! What is measured and logged. Names, paths and queries of users are not.

pub(crate) mod log;
pub(crate) mod metrics;
pub(crate) mod request;
pub(crate) mod request_id;
pub(crate) mod shed_reason;
pub(crate) mod trace;
