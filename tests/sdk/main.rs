//! MLflow's own client, in front of and behind the gateway, and the examples.

mod deployment;
mod examples;
mod multipart;
mod round;
mod rounds;
