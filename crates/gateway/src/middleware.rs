//! What a request passes on its way to a handler: limits, and who may ask.

pub(crate) mod anonymous_limits;
pub(crate) mod concurrency;
pub(crate) mod cors;
pub(crate) mod rate_limit;
pub(crate) mod request_limits;
pub(crate) mod same_origin;
