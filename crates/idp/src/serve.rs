use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
};

use tokio::net::TcpListener;

use crate::Provider;

/// Binds `port` on 127.0.0.1 and, where this machine has it, on `[::1]`: a
/// browser may try either for `localhost`. Port 0 chooses a free one.
pub async fn listen(port: u16) -> io::Result<Vec<TcpListener>> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let port = first.local_addr()?.port();
    match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(second) => Ok(vec![first, second]),
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => Ok(vec![first]),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(vec![first]),
        Err(error) => Err(error),
    }
}

/// Serves `provider` until the listener fails.
///
/// # Errors
///
/// `InvalidInput` at once, before anything is accepted, if the listener's
/// address is not a loopback address.
pub async fn serve(listener: TcpListener, provider: Provider) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("the development provider serves loopback addresses only, not {address}"),
        ));
    }
    axum::serve(listener, provider.router()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, Keys, Settings};
    use shell_core::Origin;

    #[tokio::test]
    async fn other_addresses_than_loopback_are_refused() {
        let base = Origin::parse("http://localhost:9400").unwrap();
        let settings = Settings::new(base.clone(), &base);
        let provider = Provider::new(settings, Keys::generate().unwrap(), Clock::system()).unwrap();
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();

        let error = serve(listener, provider).await.unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(
            error
                .to_string()
                .contains("loopback addresses only, not 0.0.0.0:")
        );
    }

    #[tokio::test]
    async fn listeners_share_one_loopback_port() {
        let listeners = listen(0).await.unwrap();
        let addresses: Vec<_> = listeners
            .iter()
            .map(|one| one.local_addr().unwrap())
            .collect();

        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
        assert!(
            addresses
                .iter()
                .all(|address| address.port() == addresses[0].port())
        );
    }
}
