//! The worker's clients: the pages of the shell, and messages to and from them.
//!
//! A message is a list of a text and, perhaps, the key that the pages keep.

use futures_util::future::select_ok;
use js_sys::{Array, Promise, Reflect};
use shell_core::{
    intercept::{self, RouteTarget},
    protocol::KEY_PLEASE,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Client, ClientQueryOptions, ClientType, ExtendableMessageEvent, MessageChannel, MessageEvent,
    MessagePort, Url,
};

use crate::{Error, crypto::Key, scope, time};

/// What a page sent.
#[derive(Debug)]
pub struct Message {
    /// Its text.
    pub text: String,
    /// The key the page keeps, if it has one.
    pub key: Option<Key>,
    port: MessagePort,
}

/// Reads the message of `event`, if one of the shell's own pages sent it.
/// Documents below `/mlflow/` are not listened to (rule W14).
pub fn message(event: &ExtendableMessageEvent) -> Option<Message> {
    let source: Client = event.source()?.dyn_into().ok()?;
    if !is_shell_page(&source) {
        return None;
    }
    let ports: Array = Reflect::get(event, &"ports".into()).ok()?.dyn_into().ok()?;
    let sent: Array = event.data().dyn_into().ok()?;
    Some(Message {
        text: sent.get(0).as_string()?,
        key: Key::from_stored(sent.get(1)),
        port: ports.get(0).dyn_into().ok()?,
    })
}

impl Message {
    /// Answers. A closed port drops the answer, as its page is gone.
    pub fn reply(&self, text: &str, key: Option<&Key>) {
        let _ = self.port.post_message(&parts(text, key));
    }
}

/// Sends `text` to every open page of the shell.
pub async fn broadcast(text: &str) -> Result<(), Error> {
    for page in pages().await? {
        page.post_message(&parts(text, None))?;
    }
    Ok(())
}

/// Whether a page of the shell is open.
pub async fn any() -> bool {
    pages().await.is_ok_and(|pages| !pages.is_empty())
}

/// How the search for the key that opens something ended.
#[derive(Debug)]
pub enum Search {
    /// This key opened it, and this was in it.
    Opened(Key, String),
    /// No open page has the key.
    Nowhere,
    /// A page has not answered.
    Unanswered,
}

/// Asks every open page for the key of `sealed`, and takes the first that opens
/// it. A page whose script is busy has `patience` milliseconds.
pub async fn search_key(sealed: &JsValue, label: &str, patience: u32) -> Search {
    let Ok(pages) = pages().await else {
        return Search::Unanswered;
    };
    if pages.is_empty() {
        return Search::Nowhere;
    }
    let attempts = pages
        .iter()
        .map(|page| Box::pin(ask_for_key(page, sealed, label)));
    match time::timeout(patience, select_ok(attempts)).await {
        Some(Ok(((key, text), _))) => Search::Opened(key, text),
        Some(Err(_)) => Search::Nowhere,
        None => Search::Unanswered,
    }
}

/// The key of `page`, and the text it opened.
async fn ask_for_key(page: &Client, sealed: &JsValue, label: &str) -> Result<(Key, String), Error> {
    let channel = MessageChannel::new()?;
    let reply = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    page.post_message_with_transfer(&parts(KEY_PLEASE, None), &Array::of1(&channel.port2()))?;
    let event: MessageEvent = JsFuture::from(reply).await?.unchecked_into();
    let key = Key::from_stored(event.data()).ok_or(JsValue::NULL)?;
    let text = key.open(sealed.clone(), label).await?;
    Ok((key, text))
}

async fn pages() -> Result<Vec<Client>, Error> {
    let options = ClientQueryOptions::new();
    options.set_include_uncontrolled(true);
    options.set_type(ClientType::Window);
    let clients = scope::scope().clients().match_all_with_options(&options);
    let clients: Array = JsFuture::from(clients).await?.unchecked_into();
    let clients = clients.iter().map(JsCast::unchecked_into);
    Ok(clients.filter(is_shell_page).collect())
}

fn is_shell_page(client: &Client) -> bool {
    let ours = |url: Url| {
        url.origin() == scope::own_origin()
            && intercept::route_target(&url.pathname()) == RouteTarget::Shell
    };
    Url::new(&client.url()).is_ok_and(ours)
}

pub(crate) fn parts(text: &str, key: Option<&Key>) -> JsValue {
    let key = key.map_or(JsValue::UNDEFINED, |key| key.as_stored().clone());
    Array::of2(&text.into(), &key).into()
}
