//! Sessions that the gateway keeps: refresh tokens, sealed, for browsers to hold in
//! a cookie that no script can read.
//!
//! 1. What is sealed is bound to this site, its provider and its client: under
//!    another configuration, or another key, it does not open.
//! 2. It is of use together with its handle, which the worker alone has: a script
//!    that has the browser send the cookie gets nothing for it. Only the handle's
//!    SHA-256 is sealed.
//! 3. It has the end of `session.max_age`, which no renewal moves.
//!
//! Gateways share nothing but the keys.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shell_core::{Config, Secret, Timestamp};

use super::api_tokens::SealingKeys;

/// Bytes of a handle.
const HANDLE: usize = 32;

/// Seals and opens sessions of one site.
#[derive(Clone)]
pub(crate) struct KeptSessions {
    keys: SealingKeys,
    /// What a session is bound to, in one text.
    binding: Vec<u8>,
    max_age: Option<u64>,
}

/// A session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptSession {
    #[serde(rename = "r")]
    refresh: String,
    /// SHA-256 of the handle, in base64url.
    #[serde(rename = "h")]
    handle: String,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<u64>,
}

impl KeptSessions {
    /// Sessions of the site with this configuration.
    pub(crate) fn new(config: &Config, keys: SealingKeys) -> Self {
        let provider = &config.provider;
        let bound = [
            config.origin.as_str(),
            &provider.issuer,
            &provider.client_id,
        ];
        Self {
            keys,
            binding: serde_json::to_vec(&bound).unwrap_or_default(),
            max_age: config.session.max_age,
        }
    }

    /// Begins a session with this refresh token, of the user with this subject, and
    /// draws its handle; `None` if the system has no randomness.
    pub(crate) fn begin(
        &self,
        refresh: &Secret,
        subject: Option<String>,
        now: Timestamp,
    ) -> Option<(KeptSession, Secret)> {
        let mut bytes = [0; HANDLE];
        SystemRandom::new().fill(&mut bytes).ok()?;
        let handle = Secret::new(BASE64.encode(bytes));
        let session = KeptSession {
            refresh: refresh.expose().to_owned(),
            handle: digest(&handle),
            subject,
            ends_at: self.max_age.map(|seconds| now.plus(seconds).0),
        };
        Some((session, handle))
    }

    /// The session as a text for a cookie.
    pub(crate) fn seal(&self, session: &KeptSession) -> Option<Secret> {
        let plain = serde_json::to_vec(session).ok()?;
        let sealed = self.keys.seal(&self.binding, plain)?;
        Some(Secret::new(BASE64.encode(sealed)))
    }

    /// The session that this text is, if it was sealed for this site.
    pub(crate) fn open(&self, sealed: &Secret) -> Option<KeptSession> {
        let sealed = BASE64.decode(sealed.expose()).ok()?;
        serde_json::from_slice(&self.keys.open(&self.binding, &sealed)?).ok()
    }
}

impl KeptSession {
    /// Whether this is its handle.
    pub(crate) fn is_of(&self, handle: &Secret) -> bool {
        self.handle == digest(handle)
    }

    /// Whether its time is over.
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| now >= Timestamp(end))
    }

    /// Seconds until its end, if it has one.
    pub(crate) fn seconds_left(&self, now: Timestamp) -> Option<u64> {
        self.ends_at.map(|end| Timestamp(end).since(now))
    }

    /// What renews it.
    pub(crate) fn refresh(&self) -> Secret {
        Secret::new(self.refresh.as_str())
    }

    /// The same with what a renewal brought: another refresh token, if there is one.
    /// `None` if the tokens are another user's (OpenID Connect Core §12.2).
    pub(crate) fn renewed(self, refresh: Option<&Secret>, subject: Option<&str>) -> Option<Self> {
        let is_other = |subject: &str| self.subject.as_deref().is_some_and(|own| own != subject);
        if subject.is_some_and(is_other) {
            return None;
        }
        let refresh = refresh.map_or(self.refresh, |refresh| refresh.expose().to_owned());
        Some(Self { refresh, ..self })
    }
}

fn digest(handle: &Secret) -> String {
    BASE64.encode(Sha256::digest(handle.expose()))
}

impl std::fmt::Debug for KeptSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptSessions([redacted])")
    }
}

impl std::fmt::Debug for KeptSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeptSession([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::api_tokens::TokenKeys;

    const NOW: Timestamp = Timestamp(1_000);

    #[test]
    fn a_session_opens_with_its_key_for_its_site_provider_and_client_only() {
        let keys = TokenKeys::draw().unwrap();
        let sessions = at(&keys, &[]);
        let (session, _) = begin(&sessions);
        let sealed = sessions.seal(&session).unwrap();
        assert!(!sealed.expose().contains("refresh-token"));

        let other = TokenKeys::draw().unwrap();
        let table = [
            ("the same", at(&keys, &[]), true),
            ("another key", at(&other, &[]), false),
            (
                "another site",
                at(&keys, &[("/origin", "https://b.example")]),
                false,
            ),
            (
                "another issuer",
                at(&keys, &[("/provider/issuer", "https://issuer.example/2")]),
                false,
            ),
            (
                "another client",
                at(&keys, &[("/provider/client_id", "other")]),
                false,
            ),
        ];
        for (case, sessions, opens) in table {
            let opened = sessions.open(&sealed);
            assert_eq!(opened, opens.then(|| session.clone()), "{case}");
        }
        let changed = Secret::new(format!("A{}", &sealed.expose()[1..]));
        for text in [changed, Secret::new(""), Secret::new("%")] {
            assert_eq!(sessions.open(&text), None);
        }
    }

    #[test]
    fn a_session_is_of_use_with_its_own_handle_and_until_its_end() {
        let sessions = at(&TokenKeys::draw().unwrap(), &[]);
        let (session, handle) = begin(&sessions);
        let (other, others) = begin(&sessions);
        assert!(session.is_of(&handle) && !session.is_of(&others) && !other.is_of(&handle));
        assert!(!session.is_of(&Secret::new("")));

        assert!(!session.is_over(NOW.plus(59)) && session.is_over(NOW.plus(60)));
        assert_eq!(session.seconds_left(NOW.plus(20)), Some(40));
    }

    #[test]
    fn a_renewal_replaces_the_refresh_token_and_nothing_else() {
        let sessions = at(&TokenKeys::draw().unwrap(), &[]);
        let (session, handle) = begin(&sessions);
        let next = Secret::new("next");

        let renewed = session.clone().renewed(Some(&next), Some("s")).unwrap();
        assert_eq!(renewed.refresh(), next);
        assert!(renewed.is_of(&handle));
        assert_eq!(renewed.ends_at, session.ends_at);
        assert_eq!(session.clone().renewed(None, None), Some(session.clone()));
        assert_eq!(session.renewed(Some(&next), Some("another")), None);
    }

    fn begin(sessions: &KeptSessions) -> (KeptSession, Secret) {
        let refresh = Secret::new("refresh-token");
        sessions.begin(&refresh, Some("s".into()), NOW).unwrap()
    }

    fn at(keys: &TokenKeys, changes: &[(&str, &str)]) -> KeptSessions {
        let mut config = json!({
            "origin": "https://a.example",
            "session": {"max_age": 60},
            "provider": {
                "domain": "https://login.example", "issuer": "https://issuer.example",
                "client_id": "client",
            },
        });
        for (key, value) in changes {
            *config.pointer_mut(key).unwrap() = Value::from(*value);
        }
        let config = Config::parse(&config.to_string()).unwrap();
        KeptSessions::new(&config, keys.sessions().clone())
    }
}
