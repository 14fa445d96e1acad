//! Signing in from a terminal, as the program does it, at a running gateway and the
//! development provider.

mod fixture;
mod independent;
mod keyring;
mod login;
mod machines;
mod tokens;
