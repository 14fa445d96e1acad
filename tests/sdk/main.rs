//! MLflow's own client, in front of and behind the gateway, and the examples.

mod deployment;
mod examples;
mod large;
mod machines;
mod plugin;
mod round;
mod rounds;
mod signed_in;
