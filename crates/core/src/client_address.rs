//! Which client a request is from, behind load balancers (`X-Forwarded-For`).
//!
//! 1. A connection is its client's, unless a trusted proxy has opened it.
//! 2. A proxy appends the address that its own connection is from. So the list is read
//!    from its end, and the first address that is not a trusted proxy's is the
//!    client's. What is before it is the client's own words.
//! 3. Several fields are one list, in their order (RFC 9110 §5.3).
//! 4. What is no address ends the list: the client is then the last proxy that was
//!    believed. So a list that cannot be read gives no client a rate of its own.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The most addresses that are read. Few sites have more than three proxies in a row.
const MOST: usize = 32;

/// The address of the client whose request came on a connection from `peer` with these
/// fields of `X-Forwarded-For`.
pub fn client_address<'a>(
    peer: IpAddr,
    fields: impl DoubleEndedIterator<Item = &'a str>,
    is_proxy: impl Fn(IpAddr) -> bool,
) -> IpAddr {
    let mut client = peer.to_canonical();
    let addresses = fields.rev().flat_map(|field| field.rsplit(','));
    for address in addresses.take(MOST) {
        if !is_proxy(client) {
            break;
        }
        let Some(address) = read(address.trim()) else {
            break;
        };
        client = address;
    }
    client
}

/// An address, alone, in brackets or with a port.
fn read(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let in_brackets = || {
        let bare = text.strip_prefix('[')?.strip_suffix(']')?;
        bare.parse().ok().map(|address: Ipv6Addr| address.into())
    };
    let address: Option<IpAddr> = text.parse().ok();
    let address = address.or_else(with_port).or_else(in_brackets)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The proxies are 10.0.0.0/8 and fd00::/8.
    fn client(peer: &str, fields: &[&str]) -> String {
        let is_proxy = |address: IpAddr| match address {
            IpAddr::V4(address) => address.octets()[0] == 10,
            IpAddr::V6(address) => address.octets()[0] == 0xfd,
        };
        let peer = peer.parse().unwrap();
        client_address(peer, fields.iter().copied(), is_proxy).to_string()
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_clients() {
        let table: [(&str, &[&str], &str); 22] = [
            // Not from a proxy: its words do not count.
            ("192.0.2.1", &[], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.1"], "192.0.2.1"),
            ("192.0.2.1", &["10.0.0.1"], "192.0.2.1"),
            ("2001:db8::1", &["198.51.100.1"], "2001:db8::1"),
            // From one.
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &[" 198.51.100.1\t"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
            // What a client sends ahead of what a proxy appends.
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["garbage, 198.51.100.1"], "198.51.100.1"),
            // Several proxies, in one field or in two.
            (
                "10.0.0.1",
                &["203.0.113.9, 198.51.100.1, 10.2.0.1"],
                "198.51.100.1",
            ),
            (
                "10.0.0.1",
                &["203.0.113.9, 198.51.100.1", "10.2.0.1,fd00::2"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            // Ports and brackets.
            ("10.0.0.1", &["198.51.100.1:443"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]:443"], "2001:db8::1"),
            (
                "10.0.0.1",
                &["::ffff:198.51.100.1, 10.0.0.2:80"],
                "198.51.100.1",
            ),
            // Nothing that can be read: the last proxy that was believed.
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["198.51.100.1", ""], "10.0.0.1"),
        ];
        for (peer, fields, expected) in table {
            assert_eq!(client(peer, fields), expected, "{peer} {fields:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_not_guessed_at() {
        for text in [
            "localhost",
            "198.51.100",
            "198.51.100.1.2",
            "198.51.100.1:",
            "198.51.100.1:99999",
            "198.51.100.1;10.0.0.1",
            "\"198.51.100.1\"",
            "for=198.51.100.1",
            "[198.51.100.1]",
            "[2001:db8::1",
            "2001:db8::1]:443",
            "0x7f000001",
            "127.1",
            "%",
            "-",
        ] {
            assert_eq!(client("10.0.0.1", &[text]), "10.0.0.1", "{text}");
        }
    }

    #[test]
    fn a_list_without_an_end_is_read_to_a_bound() {
        let long = format!("198.51.100.1{}", ", 10.0.0.2".repeat(MOST));
        assert_eq!(client("10.0.0.1", &[&long]), "10.0.0.2");
        let fits = format!("198.51.100.1{}", ", 10.0.0.2".repeat(MOST - 1));
        assert_eq!(client("10.0.0.1", &[&fits]), "198.51.100.1");
    }
}
