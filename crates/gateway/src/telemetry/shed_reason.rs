//! Why requests are shed.

/// Why a request is turned away because of load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ShedReason {
    /// Too many wait already, or another user's request took its place in the
    /// queue.
    QueueFull,
    /// It waited too long in the queue.
    QueueTimeout,
    /// Too many requests without an authenticated user are in flight.
    Anonymous,
    /// Its client exceeds the rate limit of its kind of request.
    RateLimited,
}

impl ShedReason {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [
        Self::QueueFull,
        Self::QueueTimeout,
        Self::Anonymous,
        Self::RateLimited,
    ];

    /// The reason, as a label.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "full",
            Self::QueueTimeout => "waited",
            Self::Anonymous => "strangers",
            Self::RateLimited => "rate",
        }
    }
}
