//! Performs [`Effect`]s in the browser, and reports what happens there as [`Msg`]s.

pub mod frame_sync;
pub mod popup;
mod tab;
pub mod worker;

use leptos::prelude::{Callable, Callback};
use shell_core::page::{Effect, Environment, Msg, PageRole};
use shell_web::{frame, page, theme, windows, workers};

/// Takes a message to where it is decided about.
pub type Dispatch = Callback<Msg>;

/// What the page knows when it is loaded.
pub fn environment() -> Environment {
    let address = page::address();
    popup::remove_stale_records(&address);
    Environment {
        origin: page::origin(),
        is_framed: page::is_framed(),
        is_secure: page::is_secure(),
        has_workers: workers::exist(),
        has_opener: windows::opener().is_some(),
        left: tab::take_left_address(&address),
        is_token_left: tab::take_token_left(),
        sign_in: popup::stored_sign_in(),
        returned: popup::returned(&address),
        address,
    }
}

/// Listens to the browser as long as the page is open, as its part needs it.
pub fn listen(part: PageRole, dispatch: Dispatch) {
    match part {
        PageRole::Shell => {
            worker::listen(dispatch);
            frame_sync::listen(dispatch);
            popup::listen_to_windows(dispatch);
        }
        PageRole::Relay | PageRole::Callback => {
            // A worker that looks for its key need not wait for this page.
            worker::answer_without_key();
            popup::listen_as_popup(dispatch);
        }
    }
}

/// Does what `effect` says: the table of who does what.
pub fn perform(effect: Effect, dispatch: Dispatch) {
    match effect {
        Effect::ShowAddress(address) => page::show_address(&address),
        Effect::Navigate(url) => page::navigate(&url),
        Effect::OpenTab(url) => windows::open_tab(&url),
        Effect::Reload => page::reload(),
        Effect::ReloadOnce(error) => tab::reload_once(error, dispatch),
        Effect::CloseWindow => page::close(),
        Effect::Copy(text) => dispatch.run(Msg::Copied(page::copy(text.expose()))),
        Effect::RememberAddress(address) => tab::remember_address(&address),
        Effect::RememberTokenLeft => tab::remember_token_left(),
        Effect::EndToast(number) => tab::end_toast(number, dispatch),

        Effect::Register => worker::register(dispatch),
        Effect::AwaitControl(patience) => worker::await_control(patience, dispatch),
        Effect::KeepAwake => worker::keep_awake(),
        Effect::AskWorker(purpose, question) => worker::ask(purpose, question, dispatch),
        Effect::ForgetKey => workers::forget_key(),
        Effect::Reset => worker::reset(),

        Effect::OpenWindow => dispatch.run(Msg::WindowOpened(popup::open("about:blank"))),
        Effect::NavigateWindow(url) => popup::navigate(&url),
        Effect::CloseOpened => popup::close(),
        Effect::OpenPopup(address) => dispatch.run(Msg::PopupOpened(popup::open(&address))),
        Effect::Reply(window, message) => popup::reply(window, &message),
        Effect::StoreSignIn(sign_in) => popup::store_sign_in(sign_in.as_ref()),
        Effect::Collect(sign_in) => popup::collect(sign_in, dispatch),
        Effect::PostToOpener(message) => popup::post_to_opener(&message),
        Effect::Broadcast(message) => popup::broadcast(&message),
        Effect::FindRecord(sign_in) => popup::find_record(sign_in, dispatch),
        Effect::StoreRecord(state, record) => popup::store_record(&state, record.as_ref()),
        Effect::Wait => popup::wait(dispatch),
        Effect::Deposit(returned) => popup::deposit(returned, dispatch),
        // The browser may refuse; the button stays.
        Effect::OpenLogin(url) => drop(windows::open(&url)),

        Effect::LoadFrame(address) => frame_sync::load(&address, dispatch),
        Effect::ClearFrame => frame_sync::clear(),
        Effect::GoTo(document, route) => frame::go(&document, route.as_str()),
        Effect::BringBack(address) => frame::bring_back(&address),
        Effect::KeepLinksInside(upstream) => frame::keep_links_inside(upstream),
        Effect::LeaveServer { from, route, to } => {
            frame_sync::leave_server(&from, &route, to, dispatch);
        }
        Effect::SwitchTheme => theme::switch(),
        Effect::AskVersion => frame_sync::ask_version(dispatch),
        Effect::IssueToken => frame_sync::issue_token(dispatch),
        Effect::ListTokens => frame_sync::list_tokens(dispatch),
        Effect::RevokeToken(id) => frame_sync::revoke_token(id, dispatch),
    }
}
