//! Other windows of this origin, and their messages: the window that a framed
//! page signs in through.

use gloo_events::EventListener;
use gloo_utils::window;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, Event, MessageEvent, Window};

/// Another window.
#[derive(Debug, Clone)]
pub struct WindowHandle(Window);

/// Opens `address` in a window, or an empty one; `None` if the browser does not
/// allow it, or lets the window keep no touch with this one. Allowed only while
/// a click is being handled.
pub fn open(address: &str) -> Option<WindowHandle> {
    let features = "popup,width=480,height=720";
    let opened = window().open_with_url_and_target_and_features(address, "_blank", features);
    opened.ok().flatten().map(WindowHandle)
}

/// Opens `address` in a tab that knows nothing of this one.
pub fn open_tab(address: &str) {
    // The browser says neither whether it did nor where.
    let _ = window().open_with_url_and_target_and_features(address, "_blank", "noopener");
}

/// The window that opened this one, if they are still in touch.
pub fn opener() -> Option<WindowHandle> {
    let opener = window().opener().ok()?;
    (!opener.is_null()).then(|| WindowHandle(opener.unchecked_into()))
}

/// Calls `listener` with every text that a window of this origin sends, and
/// with that window, until the page is gone. Messages of other origins are ignored.
pub fn on_message(mut listener: impl FnMut(String, WindowHandle) + 'static) {
    let heard = move |event: &Event| {
        let event: &MessageEvent = event.unchecked_ref();
        let own = window().location().origin();
        if let (Some(text), Some(source)) = (event.data().as_string(), event.source())
            && own.is_ok_and(|own| own == event.origin())
        {
            listener(text, WindowHandle(source.unchecked_into()));
        }
    };
    EventListener::new(&window(), "message", heard).forget();
}

impl WindowHandle {
    /// Sends `text`, if the window still shows a page of this origin.
    pub fn post(&self, text: &str) {
        if let Ok(own) = window().location().origin() {
            // A page of another origin does not get it, and there is no error.
            let _ = self.0.post_message(&text.into(), &own);
        }
    }

    /// Whether this window opened that one. Asked of the window itself, because
    /// a page that was loaded again has forgotten what it opened.
    pub fn is_ours(&self) -> bool {
        let opener = Reflect::get(&self.0, &"opener".into());
        opener.is_ok_and(|opener| opener == JsValue::from(window()))
    }

    /// Whether this is that window.
    pub fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    /// Takes the window to `url`.
    pub fn navigate(&self, url: &str) {
        let _ = self.0.location().set_href(url);
    }

    /// Closes the window.
    pub fn close(&self) {
        let _ = self.0.close();
    }
}

/// A channel to every page of this origin in the same storage partition.
#[derive(Debug, Clone)]
pub struct Channel(BroadcastChannel);

impl Channel {
    /// Opens the channel of this name; `None` where site data is blocked.
    pub fn open(name: &str) -> Option<Self> {
        BroadcastChannel::new(name).ok().map(Self)
    }

    /// Sends `text`.
    pub fn post(&self, text: &str) {
        let _ = self.0.post_message(&text.into());
    }

    /// Calls `listener` with every text, until the page is gone.
    pub fn on_message(&self, mut listener: impl FnMut(String) + 'static) {
        let heard = move |event: &Event| {
            let event: &MessageEvent = event.unchecked_ref();
            if let Some(text) = event.data().as_string() {
                listener(text);
            }
        };
        EventListener::new(&self.0, "message", heard).forget();
    }
}
