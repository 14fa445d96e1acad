//! What each role may do, at real MLflow servers of several versions, judged by
//! what the gateway answers and by what is in MLflow's store afterwards.

mod approval;
mod deployment;
mod every_endpoint;
mod owners;
mod paths;
mod raw;
mod store;
mod subject;
mod teams;
mod workspaces;
