//! What of the HTML artifacts in the frame is missing, in words.

use std::cell::RefCell;

use shell_core::artifact_page::{LARGEST, notice};
use shell_web::{frame, page, spawn_local};

use crate::screen;

thread_local! {
    /// The addresses that were there when last looked at: each is read once.
    static SHOWN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Looks at the artifacts of the frame's document, which is at `base`.
pub(crate) fn look(base: &str) {
    let now = frame::artifact_pages(base);
    let before = SHOWN.replace(now.clone());
    let new = now.into_iter().filter(|address| !before.contains(address));
    for address in new {
        spawn_local(tell(base.to_owned(), address));
    }
}

async fn tell(base: String, address: String) {
    let Some(references) = frame::references(&base, &address, LARGEST).await else {
        return;
    };
    let allowed = screen::site().page_origins;
    if let Some(sentence) = notice(&references, &page::origin(), &allowed) {
        screen::mention(&sentence);
    }
}
