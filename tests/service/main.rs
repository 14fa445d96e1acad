//! The gateway over HTTP, in front of a small server that stands for MLflow
//! and answers with what it was asked.

mod amplify;
mod api_gateway;
mod attacks;
mod audit;
mod bounds;
mod bundle;
mod cdn;
mod echo;
mod fixture;
mod forwarding;
mod framing;
mod headers;
mod hosted;
mod kept_connections;
mod leaks;
mod outages;
mod policies;
mod programs;
mod refusals;
mod rendezvous;
mod sagemaker;
mod sample;
mod side_by_side;
mod smoke;
mod tokens;
mod upstreams;
mod users;
