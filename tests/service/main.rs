//! The gateway over HTTP, in front of a small server that stands for MLflow
//! and answers with what it was asked.

mod amplify;
mod api_gateway;
mod attacks;
mod audit;
mod bounds;
mod bundle;
mod cdn;
mod discovery;
mod echo;
mod exchange;
mod fixture;
mod forwarding;
mod framing;
mod groups;
mod headers;
mod hosted;
mod issuers;
mod kept_connections;
mod leaks;
mod machines;
mod outages;
mod policies;
mod programs;
mod providers;
mod refusals;
mod rendezvous;
mod sagemaker;
mod sample;
mod side_by_side;
mod smoke;
mod tokens;
mod upstreams;
mod users;
