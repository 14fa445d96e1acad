//! How the shell looks, to eyes, hands and assistive technology.

mod barriers;
mod keyboard;
mod shots;
mod states;
mod widths;
