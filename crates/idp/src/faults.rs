use std::{mem::discriminant, sync::Arc};

use tokio::sync::watch;

/// Something that goes wrong on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The token endpoint answers with this status and no body, and does
    /// nothing: 429, 500, 503.
    TokenStatus(u16),
    /// The token endpoint answers 200 with an empty body, and does nothing.
    TokenEmpty,
    /// The token endpoint answers 200 with an HTML page, and does nothing.
    TokenHtml,
    /// The token endpoint holds every request until this fault is cleared.
    TokenHeld,
    /// A refresh brings no ID token, as OpenID Connect Core §12.2 allows.
    NoRenewedIdToken,
    /// No page may read what the token endpoint refuses: those answers have no
    /// header of CORS.
    RefusalsWithoutCors,
    /// No page may read any answer of the token endpoint.
    NoCors,
    /// The revocation endpoint answers with this status and no body, and does
    /// nothing: 401, 404, 503.
    RevocationStatus(u16),
    /// Tokens name another issuer.
    WrongIssuer,
    /// ID tokens of a code exchange carry another nonce.
    WrongNonce,
    /// Tokens name a key that the key set does not have.
    UnknownKey,
    /// Tokens live this many seconds.
    Lifetime(u64),
    /// `state` comes back encoded once too often, as Cognito does it when a
    /// login session exists.
    DoubleEncodedState,
    /// Pages go out without `Cross-Origin-Opener-Policy`.
    NoOpenerPolicy,
}

/// The faults that are on. Clones switch the same provider.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<watch::Sender<Vec<Fault>>>);

impl Faults {
    /// Switches `fault` on, in place of another with the same name.
    pub fn set(&self, fault: Fault) {
        self.0.send_modify(|faults| {
            faults.retain(|other| discriminant(other) != discriminant(&fault));
            faults.push(fault);
        });
    }

    /// Switches `fault` off.
    pub fn clear(&self, fault: Fault) {
        self.0
            .send_modify(|faults| faults.retain(|other| *other != fault));
    }

    /// Switches everything off.
    pub fn clear_all(&self) {
        self.0.send_modify(Vec::clear);
    }

    /// Whether `fault` is on.
    pub fn has(&self, fault: Fault) -> bool {
        self.0.borrow().contains(&fault)
    }

    pub(crate) fn find<T>(&self, choose: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.0.borrow().iter().find_map(choose)
    }

    /// Waits while [`Fault::TokenHeld`] is on.
    pub(crate) async fn released(&self) {
        let mut faults = self.0.subscribe();
        // Fails only if the sender is gone, and `self` holds it.
        let _ = faults
            .wait_for(|faults| !faults.contains(&Fault::TokenHeld))
            .await;
    }
}
