//! Which client asks: its own address, or what a proxy of ours says.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};

/// The proxies whose word about their clients is taken. Anybody else's is not: a stranger could name
/// a new address with each request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    trusted: Vec<Network>,
    header: ProxyHeader,
}

/// In which header proxies say for whom they ask. One of them, since a proxy passes on the other as a
/// client wrote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For: client, proxy`.
    #[default]
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239).
    Forwarded,
}

/// A text that names no proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address and no network; expected for example \"10.0.0.7\" or \"10.0.0.0/8\"")]
pub struct BadProxy(pub String);

/// Addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

/// A trusted network fixes at least so many bits of its addresses, as `10.0.0.0/8` does.
const WIDEST: u8 = 8;

impl Proxies {
    /// Trusts the proxies at these addresses or in these networks.
    ///
    /// # Errors
    /// [`BadProxy`] for what is neither.
    pub fn new<T: AsRef<str>>(
        trusted: impl IntoIterator<Item = T>,
        header: ProxyHeader,
    ) -> Result<Self, BadProxy> {
        let read = |text: T| text.as_ref().parse();
        let trusted = trusted.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { trusted, header })
    }

    /// The client's address: the last one in the chain that is not a proxy of ours. `0.0.0.0` if the
    /// connection has none.
    pub(super) fn client(&self, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
        let connection = extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        self.client_behind(peer, headers)
    }

    fn client_behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.has(client) {
            return client;
        }
        // Each proxy adds whom it asks for at the end.
        for hop in self.header.hops(headers).iter().rev() {
            match address_in(hop) {
                Some(address) => client = address.to_canonical(),
                // Hidden or unreadable: the proxy that wrote it is the best that is known.
                None => return client,
            }
            if !self.has(client) {
                return client;
            }
        }
        client
    }

    /// Whether the proxy at `address` is one of ours.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.has(address))
    }
}

impl ProxyHeader {
    fn hops(self, headers: &HeaderMap) -> Vec<String> {
        let name = match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        };
        let lines = headers.get_all(name).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let elements = lines.flat_map(|line| line.split(','));
        elements
            .map(|element| match self {
                Self::XForwardedFor => element.trim().to_owned(),
                Self::Forwarded => forwarded_for(element).unwrap_or_default().to_owned(),
            })
            .collect()
    }
}

/// The value of `for` in an element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<&str> {
    let pairs = element.split(';');
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
        .map(|(_, value)| value.trim().trim_matches('"'))
}

/// An address, with or without a port, an IPv6 address with or without brackets.
fn address_in(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    let bare = text.strip_prefix('[')?.strip_suffix(']')?;
    bare.parse().ok()
}

impl FromStr for Network {
    type Err = BadProxy;

    fn from_str(text: &str) -> Result<Self, BadProxy> {
        let bad = || BadProxy(text.to_owned());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| bad())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| bad())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        // Wider than any network of one's own: it would believe what strangers say of themselves.
        if bits > most || bits < WIDEST {
            return Err(bad());
        }
        Ok(Self { address, bits })
    }
}

impl Network {
    fn has(&self, address: IpAddr) -> bool {
        let (ours, theirs, width) = match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (u128::from(ours.to_bits()), u128::from(theirs.to_bits()), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits(), theirs.to_bits(), 128),
            _ => return false,
        };
        let rest = width - u32::from(self.bits);
        ours.checked_shr(rest) == theirs.checked_shr(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &Proxies, peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        let client = proxies.client_behind(peer.parse().unwrap(), &headers);
        client.to_string()
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_about_its_own_client() {
        let ours = ["10.0.0.0/8", "2001:db8::/32"];
        let proxies = Proxies::new(ours, ProxyHeader::XForwardedFor).unwrap();
        let for_ = "x-forwarded-for";
        type Headers<'a> = &'a [(&'static str, &'a str)];
        let table: [(&str, Headers<'_>, &str); 9] = [
            ("192.0.2.1", &[(for_, "198.51.100.9")], "192.0.2.1"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &[(for_, "192.0.2.1")], "192.0.2.1"),
            // What the client itself wrote stands first.
            (
                "10.1.2.3",
                &[(for_, "198.51.100.9, 192.0.2.1")],
                "192.0.2.1",
            ),
            (
                "10.1.2.3",
                &[(for_, "198.51.100.9"), (for_, "192.0.2.1")],
                "192.0.2.1",
            ),
            ("10.1.2.3", &[(for_, "192.0.2.1, 10.9.9.9")], "192.0.2.1"),
            ("10.1.2.3", &[(for_, "192.0.2.1, unknown")], "10.1.2.3"),
            ("2001:db8::1", &[(for_, "[2001:db9::7]:443")], "2001:db9::7"),
            (
                "::ffff:10.1.2.3",
                &[("forwarded", "for=192.0.2.1")],
                "10.1.2.3",
            ),
        ];
        for (peer, lines, expected) in table {
            assert_eq!(client(&proxies, peer, lines), expected, "{peer} {lines:?}");
        }
        let forwarded = Proxies::new(ours, ProxyHeader::Forwarded).unwrap();
        let lines = [(
            "forwarded",
            "for=\"[2001:db9::7]:1\";proto=https, For=192.0.2.1;by=_x",
        )];
        assert_eq!(client(&forwarded, "10.1.2.3", &lines), "192.0.2.1");
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        for bad in ["", "proxy.example", "10.0.0.0/33", "10.0.0.0/x", "::1/129"] {
            assert!(
                Proxies::new([bad], ProxyHeader::Forwarded).is_err(),
                "{bad}"
            );
        }
        for everybody in ["0.0.0.0/0", "::/0", "0.0.0.0/7"] {
            let refused = Proxies::new([everybody], ProxyHeader::Forwarded);
            assert!(refused.is_err(), "{everybody} believes strangers");
        }
        let ours = Proxies::new(["10.0.0.0/8"], ProxyHeader::Forwarded).unwrap();
        assert!(ours.has("10.203.113.7".parse().unwrap()));
        assert!(!ours.has("::1".parse().unwrap()));
    }
}
