//! What MLflow servers may be called, and the addresses that have their names.

/// The name that no server has: what is below it is the gateway's own.
pub(crate) const RESERVED: &str = "shell";

/// The longest name of a server, in bytes.
const LONGEST: usize = 32;

/// Whether a server may be called so.
pub(crate) fn is_server(name: &str) -> bool {
    is_name(name) && name != RESERVED
}

/// Whether a name looks the same in an address as on the screen.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(plain)
}

/// The address of the shell that shows `server`, without a route.
pub fn shell_address(server: Option<&str>) -> String {
    match server {
        Some(name) => format!("/?upstream={name}"),
        None => "/".to_owned(),
    }
}

/// The address of the MLflow document of `server`, without a route.
pub fn mlflow_address(server: Option<&str>) -> String {
    match server {
        Some(name) => format!("/mlflow/@{name}/"),
        None => "/mlflow/".to_owned(),
    }
}
