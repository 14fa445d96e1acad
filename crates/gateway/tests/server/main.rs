//! The listener, in front of routers that are made for it: what is slow, large,
//! many, encrypted, multiplexed, or told to end.

mod clients;
mod draining;
mod fixture;
mod heads;
mod http2;
mod readers;
mod tls;
