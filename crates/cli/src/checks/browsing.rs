//! Pages one after the other, with the cookies that they set (RFC 6265).

use axum::http::header::SET_COOKIE;
use cookie_store::CookieStore;
use url::Url;

use super::{
    CheckResult,
    probe::{Probe, ProbeResponse},
};

/// A visit of some pages. Its cookies end with it.
#[derive(Debug)]
pub(super) struct Browsing<'a> {
    probe: &'a Probe,
    cookies: CookieStore,
}

impl<'a> Browsing<'a> {
    pub(super) fn new(probe: &'a Probe) -> Self {
        Self {
            probe,
            cookies: CookieStore::default(),
        }
    }

    /// Gets a page, with the cookies that are for it.
    ///
    /// # Errors
    /// If there is no answer.
    pub(super) async fn get(&mut self, url: &Url) -> CheckResult<ProbeResponse> {
        let cookies = self.cookies.get_request_values(url);
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let cookies = cookies.join("; ");
        let mut headers = vec![("accept", "text/html")];
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let answer = self.probe.get_with(url.as_str(), &headers).await?;
        for set in answer.headers.get_all(SET_COOKIE) {
            // A browser ignores what is no cookie, too.
            let _ = set
                .to_str()
                .map(|text| self.cookies.parse(text, url).map(drop));
        }
        Ok(answer)
    }
}
