//! AWS's SDK over the gateway's own HTTP client, which has its own TLS and
//! needs no certificates of the machine's.

use std::time::Duration;

use aws_smithy_runtime_api::client::{
    http::{
        HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use axum::body::Body;

use crate::{
    http_client::{HttpClient, network::Network},
    settings::Settings,
};

/// How long an answer may take if the SDK sets no timeout: its own requests for
/// credentials are short, and to machines nearby.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the SDK sends its requests with.
pub(super) fn http_client() -> SharedHttpClient {
    let client = HttpClient::new(&Settings::default(), &Network::default());
    http_client_fn(move |settings, _| {
        let connect = settings.connect_timeout().unwrap_or(PATIENCE);
        let patience = connect + settings.read_timeout().unwrap_or(PATIENCE);
        let client = client.clone();
        SharedHttpConnector::new(Connector { client, patience })
    })
}

#[derive(Debug)]
struct Connector {
    client: HttpClient,
    patience: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (client, patience) = (self.client.clone(), self.patience);
        HttpConnectorFuture::new(async move {
            let answer = tokio::time::timeout(patience, send(client, request)).await;
            answer.map_err(|elapsed| ConnectorError::timeout(elapsed.into()))?
        })
    }
}

async fn send(client: HttpClient, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |error: aws_smithy_runtime_api::http::HttpError| ConnectorError::user(error.into());
    let request = request.try_into_http1x().map_err(user)?;
    let answer = client.request(request.map(Body::new)).await;
    let answer = answer.map_err(|error| ConnectorError::io(error.into()))?;
    answer.map(SdkBody::from_body_1_x).try_into().map_err(user)
}
