//! Signing in on another device, while this one waits.

use std::time::Duration;

use shell_core::{
    Config,
    oauth::{
        Grant,
        device_authorization::{self, DeviceAuthorization, DeviceError, Polled},
        failure::TokenError,
    },
};
use shell_gateway::now;

use super::{
    client::Client,
    failure::{Failure, FailureResult},
    site::check_address,
};

/// Signs in where the provider offers that.
pub(crate) async fn sign_in(client: &Client, config: &Config) -> FailureResult<Grant> {
    let found = client.discover(&config.provider.issuer).await?;
    let endpoint = found.device_authorization_endpoint.ok_or_else(|| {
        Failure::other(
            "the identity provider offers no sign-in on another device: mlflow-shell login \
             --no-browser",
        )
    })?;
    check_address(&config.origin, &endpoint)?;
    let device = begin(client, config, &endpoint).await?;
    eprintln!(
        "On any device open\n\n    {}\n\nand enter the code\n\n    {}\n",
        device.verification_uri, device.user_code
    );
    if let Some(whole) = &device.verification_uri_complete {
        eprintln!("or open\n\n    {whole}\n\nand compare the code.\n");
    }
    wait(client, config, device).await
}

async fn begin(
    client: &Client,
    config: &Config,
    endpoint: &str,
) -> FailureResult<DeviceAuthorization> {
    let request = device_authorization::begin(endpoint, config);
    let answer = client.post(&request, None).await;
    let answer = answer
        .map_err(|error| Failure::unreachable(format!("{endpoint} {error}: try again later")))?;
    let accepted = device_authorization::accept(answer.as_response(), now());
    accepted.map_err(|error| {
        if error.may_pass() {
            return Failure::unreachable(format!("{error}: try again later"));
        }
        Failure::other(format!(
            "the identity provider begins no sign-in on another device: {error}. Its administrator \
             has to allow that grant to the client `{}`",
            config.provider.client_id
        ))
    })
}

async fn wait(
    client: &Client,
    config: &Config,
    mut device: DeviceAuthorization,
) -> FailureResult<Grant> {
    loop {
        tokio::time::sleep(Duration::from_secs(device.interval)).await;
        let answer = client.post(&device.poll(config), None).await;
        let response = match &answer {
            Ok(answer) => Ok(answer.as_response()),
            Err(_) => Err(TokenError::Unreachable),
        };
        match device.polled(response, config, now()) {
            Ok(Polled::Granted(grant)) => return Ok(*grant),
            Ok(Polled::Waiting) => {}
            Err(error @ (DeviceError::Expired | DeviceError::Denied)) => {
                return Err(Failure::other(format!("{error}: begin the sign-in again")));
            }
            Err(DeviceError::Token(error)) => {
                return Err(Failure::other(format!("the sign-in failed: {error}")));
            }
        }
    }
}
