//! The gateway in front of what stands for SageMaker: signatures, clocks,
//! credentials and errors.

mod container;
mod corpus;
mod faults;
mod roles;
mod transport;

use serde_json::Value;
use shell_tests::{
    deployment_spec::DeploymentSpec,
    environment,
    sagemaker::{Keys, Kind, SageMaker},
};

use crate::fixture::Fixture;

/// In front of a managed MLflow; nothing if botocore is not installed.
async fn managed(kind: Kind, keys: Keys) -> Option<Fixture> {
    environment::moto()?;
    Some(Fixture::with(|spec: DeploymentSpec| spec.managed(kind, keys)).await)
}

/// The ordinary one.
async fn tracking_server() -> Option<Fixture> {
    managed(Kind::TrackingServer, Keys::TEMPORARY).await
}

impl Fixture {
    fn sagemaker(&self) -> &SageMaker {
        self.deployment
            .sagemaker
            .as_ref()
            .expect("it is in the spec")
    }

    /// What it saw of requests that it checked.
    async fn seen(&self) -> Vec<Value> {
        self.sagemaker().seen().await.expect("it tells")
    }

    async fn tell(&self, told: Value) {
        self.sagemaker().tell(told).await.expect("it listens");
    }
}
