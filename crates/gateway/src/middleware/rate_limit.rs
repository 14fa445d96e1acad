//! Rate limits of requests that are answered before authentication, or that make
//! the gateway call the provider.
//!
//! | of | what |
//! |---|---|
//! | `limits.tokens_per_second` | `/oauth2/token` and `/oauth2/revoke`, which ask the provider; `/mlflow/@shell/tokens` |
//! | `limits.deposits_per_second` | `POST /rendezvous`, which fills a store for two minutes |
//! | `limits.collections_per_second` | `POST /rendezvous/take`, where each waiting frame asks every three seconds |
//!
//! A client is the address of its connection, or the one that a proxy of
//! `trust.proxies` says ([`client_address`]): every client could set a header. Behind
//! another proxy all clients are one, so the limits are generous. A network
//! of IPv6 is one client (the first 64 bits): one host has all of its addresses.
//! Beyond that there is a limit for all clients together.
//!
//! Memory is bounded too: clients are distinguished by a hash of 16 bits, keyed anew
//! at each start. Two with the same hash share a limit.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request},
    http::{Extensions, HeaderMap},
    middleware::Next,
    response::Response,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed, keyed::HashMapStateStore},
};
use shell_core::{client_address::client_address, refusal::Problem};

use crate::{
    settings::{Limits, TrustedProxies},
    telemetry::{request::RequestTelemetry, shed_reason::ShedReason},
};

/// A client that has been quiet may send so many seconds' worth at once: an
/// office of hundreds that comes back after an outage is one address.
const BURST_SECONDS: u32 = 30;

/// All clients together may send so many times what one may.
const TOTAL_FACTOR: u32 = 10;

/// Where a proxy says whom it forwards a request for.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// How many clients are distinguished.
const BUCKETS: u64 = 1 << 16;

/// The rate limits of a gateway.
#[derive(Debug, Clone)]
pub(crate) struct RateLimits {
    pub(crate) tokens: Arc<RateLimit>,
    pub(crate) deposits: Arc<RateLimit>,
    pub(crate) collections: Arc<RateLimit>,
}

/// One of them.
pub(crate) struct RateLimit<C: Clock = DefaultClock, S = RandomState> {
    clients: RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<C::Instant>>,
    together: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    hasher: S,
    proxies: TrustedProxies,
}

impl RateLimits {
    pub(crate) fn new(limits: &Limits, proxies: &TrustedProxies) -> Self {
        let clock = DefaultClock::default();
        let limit = |rate| {
            let limit = RateLimit::new(rate, &clock, RandomState::new());
            let proxies = proxies.clone();
            Arc::new(RateLimit { proxies, ..limit })
        };
        Self {
            tokens: limit(limits.tokens_per_second),
            deposits: limit(limits.deposits_per_second),
            collections: limit(limits.collections_per_second),
        }
    }
}

impl<C: Clock + Clone, S: BuildHasher> RateLimit<C, S> {
    /// A limit of `rate` requests a second for each client.
    fn new(rate: NonZeroU32, clock: &C, hasher: S) -> Self {
        let quota = |rate: NonZeroU32| {
            let at_once = rate.saturating_mul(seconds(BURST_SECONDS));
            Quota::per_second(rate).allow_burst(at_once)
        };
        let all = rate.saturating_mul(seconds(TOTAL_FACTOR));
        Self {
            clients: RateLimiter::hashmap_with_clock(quota(rate), clock.clone()),
            together: RateLimiter::direct_with_clock(quota(all), clock.clone()),
            hasher,
            proxies: TrustedProxies::default(),
        }
    }

    /// Whether a client may send a request now, which is counted if so.
    fn admits(&self, client: Option<IpAddr>) -> bool {
        let bucket = self.hasher.hash_one(client.map(network)) % BUCKETS;
        // A client over its own limit uses up nothing of the total.
        self.clients.check_key(&bucket).is_ok() && self.together.check().is_ok()
    }
}

const fn seconds(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).expect("neither is 0")
}

/// What stands for an address: itself, or of IPv6 its network.
fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() >> 64 << 64,
    }
}

impl RateLimit {
    /// Refuses a request with these extensions and headers that is one too many.
    pub(crate) fn check(
        &self,
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<(), Problem> {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map(|peer| peer.0.ip());
        if self.admits(peer.map(|peer| self.client(peer, headers))) {
            Ok(())
        } else {
            Err(RequestTelemetry::of(extensions).shed(ShedReason::RateLimited))
        }
    }
}

impl<C: Clock, S> RateLimit<C, S> {
    /// The client of a request on a connection from `peer`.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let fields = headers.get_all(FORWARDED_FOR).iter();
        // What is no text is no address either.
        let fields = fields.map(|field| field.to_str().unwrap_or_default());
        client_address(peer, fields, |address| self.proxies.contain(address))
    }
}

/// Answers a request within `limit`, and has the others refused.
pub(crate) async fn enforce(
    limit: Arc<RateLimit>,
    refuse: impl FnOnce(&Problem) -> Response,
    request: Request,
    next: Next,
) -> Response {
    match limit.check(request.extensions(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(cause) => refuse(&cause),
    }
}

impl<C: Clock, S> fmt::Debug for RateLimit<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RateLimit")
    }
}

#[cfg(test)]
mod tests {
    use std::{
        hash::{BuildHasherDefault, DefaultHasher},
        net::Ipv4Addr,
        time::Duration,
    };

    use governor::clock::FakeRelativeClock;

    use super::*;

    /// Its hashes are the same each time.
    type Limit = RateLimit<FakeRelativeClock, BuildHasherDefault<DefaultHasher>>;

    fn limit(rate: u32) -> (Limit, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let rate = NonZeroU32::new(rate).unwrap();
        let limit = RateLimit::new(rate, &clock, BuildHasherDefault::default());
        (limit, clock)
    }

    fn admitted(limit: &Limit, client: &str, count: usize) -> usize {
        let client = client.parse().ok();
        (0..count).filter(|_| limit.admits(client)).count()
    }

    #[test]
    fn half_a_minutes_worth_passes_at_once_and_a_seconds_worth_each_second() {
        let (limit, clock) = limit(2);
        assert_eq!(admitted(&limit, "192.0.2.1", 100), 60);
        clock.advance(Duration::from_secs(3));
        assert_eq!(admitted(&limit, "192.0.2.1", 100), 6);
        clock.advance(Duration::from_hours(1));
        assert_eq!(admitted(&limit, "192.0.2.1", 100), 60);
    }

    #[test]
    fn one_client_does_not_use_up_what_is_anothers() {
        let (limit, _) = limit(1);
        let table = [
            ("192.0.2.1", 30),
            ("192.0.2.2", 30),
            ("::ffff:192.0.2.2", 0),
            ("2001:db8::1", 30),
            ("2001:db8::2", 0),
            ("2001:db8:0:1::1", 30),
            ("a connection without an address", 30),
        ];
        for (client, expected) in table {
            assert_eq!(admitted(&limit, client, 40), expected, "{client}");
        }
    }

    #[test]
    fn all_clients_together_have_a_bound_and_no_more_memory_than_that() {
        let (limit, _) = limit(1);
        let mut all = 0;
        for number in 0..10_000_u32 {
            let client = Ipv4Addr::from_bits(number).to_string();
            all += admitted(&limit, &client, 1);
        }
        assert_eq!(all, 300);
        let buckets = usize::try_from(BUCKETS).unwrap();
        assert!((1..=buckets).contains(&limit.clients.len()));
    }
}
