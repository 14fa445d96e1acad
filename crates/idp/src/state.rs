use shell_core::Timestamp;

use crate::{
    expiring::Expiring,
    grant::{CODE_LIFETIME, Code, Grant, LOGIN_LIFETIME, Login, Refresh},
    refreshes::{RefreshOutcome, Refreshed},
    settings::{Rotation, User, demonstration_users, fresh_id},
};

/// Everything the provider remembers.
pub(crate) struct State {
    users: Vec<User>,
    codes: Expiring<Code>,
    logins: Expiring<Login>,
    refresh_tokens: Expiring<Refresh>,
    access_tokens: Expiring<Grant>,
    refreshes: Vec<Refreshed>,
}

/// What comes of a refresh: if it is granted, the grant, and the new refresh
/// token if they rotate.
pub(crate) struct Renewal {
    pub(crate) outcome: RefreshOutcome,
    pub(crate) granted: Option<(Grant, Option<String>)>,
}

impl State {
    pub(crate) fn new() -> Self {
        Self {
            users: demonstration_users(),
            codes: Expiring::default(),
            logins: Expiring::default(),
            refresh_tokens: Expiring::default(),
            access_tokens: Expiring::default(),
            refreshes: Vec::new(),
        }
    }

    pub(crate) fn users(&self) -> &[User] {
        &self.users
    }

    /// The user of this name, which is compared without case.
    pub(crate) fn user(&self, email: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Adds `user`, or changes the groups of one who is there.
    pub(crate) fn put_user(&mut self, user: User) {
        self.users.retain(|other| other.email != user.email);
        self.users.push(user);
    }

    /// Remembers a login and returns the cookie that stands for it.
    pub(crate) fn open(&mut self, login: Login, now: Timestamp) -> String {
        let cookie = fresh_id();
        let ends = now.plus(LOGIN_LIFETIME);
        self.logins.insert(cookie.clone(), login, ends, now);
        cookie
    }

    pub(crate) fn login(&self, cookie: &str, now: Timestamp) -> Option<Login> {
        self.logins.get(cookie, now).cloned()
    }

    pub(crate) fn close(&mut self, cookie: &str, now: Timestamp) {
        self.logins.take(cookie, now);
    }

    /// Ends every login of the user who has this subject.
    pub(crate) fn close_of(&mut self, subject: &str) {
        let users: Vec<_> = self
            .users
            .iter()
            .filter(|user| user.subject() == subject)
            .collect();
        self.logins
            .forget(|login| users.iter().any(|user| user.email == login.email));
    }

    pub(crate) fn end_all(&mut self) {
        self.logins.forget(|_| true);
        self.refresh_tokens.forget(|_| true);
    }

    pub(crate) fn issue_code(&mut self, code: Code, now: Timestamp) -> String {
        let name = fresh_id();
        let ends = now.plus(CODE_LIFETIME);
        self.codes.insert(name.clone(), code, ends, now);
        name
    }

    /// Returns what a code stands for, and forgets it whatever comes of it.
    pub(crate) fn take_code(&mut self, code: &str, now: Timestamp) -> Option<Code> {
        self.codes.take(code, now)
    }

    pub(crate) fn issue_refresh_token(
        &mut self,
        grant: Grant,
        ends: Timestamp,
        now: Timestamp,
    ) -> String {
        let token = [fresh_id(), fresh_id()].concat();
        let refresh = Refresh {
            grant,
            replaced: None,
        };
        self.refresh_tokens
            .insert(token.clone(), refresh, ends, now);
        token
    }

    /// Uses a refresh token. With rotation its successor ends when it would
    /// have ended, and it still works for the grace period itself.
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        rotation: Option<Rotation>,
        now: Timestamp,
    ) -> Renewal {
        let Some((refresh, ends)) = self.refresh_tokens.get_mut(token, now) else {
            return self.renewal(RefreshOutcome::Refused, None, now);
        };
        let grant = refresh.grant.clone();
        let Some(rotation) = rotation else {
            return self.renewal(RefreshOutcome::Granted, Some((grant, None)), now);
        };
        let outcome = refresh.rotate(rotation, now);
        let granted = outcome.is_granted().then(|| {
            let successor = self.issue_refresh_token(grant.clone(), ends, now);
            (grant, Some(successor))
        });
        self.renewal(outcome, granted, now)
    }

    fn renewal(
        &mut self,
        outcome: RefreshOutcome,
        granted: Option<(Grant, Option<String>)>,
        now: Timestamp,
    ) -> Renewal {
        self.note(outcome, now);
        Renewal { outcome, granted }
    }

    /// Remembers what came of a refresh.
    pub(crate) fn note(&mut self, outcome: RefreshOutcome, at: Timestamp) {
        self.refreshes.push(Refreshed { at, outcome });
    }

    pub(crate) fn refreshes(&self) -> &[Refreshed] {
        &self.refreshes
    }

    pub(crate) fn remember_access_token(
        &mut self,
        token: &str,
        grant: Grant,
        ends: Timestamp,
        now: Timestamp,
    ) {
        self.access_tokens.insert(token.into(), grant, ends, now);
    }

    pub(crate) fn access(&self, token: &str, now: Timestamp) -> Option<&Grant> {
        self.access_tokens.get(token, now)
    }

    /// Ends a sign-in: the refresh token, those that replaced it, and their
    /// access tokens as far as this provider's own endpoints are concerned.
    pub(crate) fn revoke(&mut self, token: &str, now: Timestamp) {
        let Some(refresh) = self.refresh_tokens.take(token, now) else {
            return;
        };
        let origin = refresh.grant.origin_jti;
        self.refresh_tokens
            .forget(|other| other.grant.origin_jti == origin);
        self.access_tokens
            .forget(|grant| grant.origin_jti == origin);
    }
}
