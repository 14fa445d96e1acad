//! The provider as a browser and an app meet it: requests in, answers out.

mod authorize;
mod deployment;
mod faults;
mod flow;
mod login;
mod machines;
mod others;
mod refresh;
mod token;
