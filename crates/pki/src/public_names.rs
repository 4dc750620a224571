//! Which names no public CA may issue, whoever asks: the CA/Browser Forum's "internal names" and "reserved IP addresses".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::San;

/// Top-level domains that are reserved for private or special use, or that people use as if they were: RFC 6761, 6762
/// (with its appendix G), 7686, 9476, and ICANN's decisions on `internal`, `corp`, `home` and `mail`.
const SPECIAL: [&str; 16] = [
    "alt",
    "arpa",
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "onion",
    "private",
    "test",
];

/// Address and length of the blocks of IANA's special-purpose registry that are not reachable from everywhere.
const RESERVED_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The same inside 2000::/3; nothing outside of that is public.
const RESERVED_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl San {
    /// Why no public CA may issue a TLS certificate for this name: a fragment that follows the name. `None` for those
    /// that may be public, and for e-mail addresses.
    pub fn why_private(&self) -> Option<String> {
        match self {
            Self::Dns(name) => {
                let name = name.strip_prefix("*.").unwrap_or(name);
                let (_, last) = match name.rsplit_once('.') {
                    Some(labels) => labels,
                    None if name == "localhost" => return Some("is this machine".to_owned()),
                    None => return Some("is no full domain name: it has one label".to_owned()),
                };
                SPECIAL
                    .contains(&last)
                    .then(|| format!("ends in .{last}, which is not a public domain"))
            }
            Self::Ip(address) => {
                is_reserved(address).then(|| "is a private or reserved address".to_owned())
            }
            Self::Email(_) => None,
        }
    }
}

fn is_reserved(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => RESERVED_V4
            .iter()
            .any(|(block, length)| same(block.to_bits(), address.to_bits(), 32 - length)),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            bits >> 125 != 1
                || RESERVED_V6.iter().any(|(block, length)| {
                    block.to_bits() >> (128 - length) == bits >> (128 - length)
                })
        }
    }
}

fn same(block: u32, address: u32, shift: u32) -> bool {
    block >> shift == address >> shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_public_ca_may_issue() {
        for name in [
            "localhost",
            "Total",
            "*.intranet",
            "web.localhost",
            "printer.local",
            "www.example",
            "a.test",
            "a.invalid",
            "vault.internal",
            "nas.home.arpa",
            "1.2.0.192.in-addr.arpa",
            "abc.onion",
            "x.alt",
            "*.corp",
            "a.b.LAN",
            "10.0.0.5",
            "127.0.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "192.0.2.7",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "2001:db8::1",
            "2002::1",
            "64:ff9b::1",
            "::ffff:8.8.8.8",
            "ff02::1",
        ] {
            assert!(San::parse(name).unwrap().why_private().is_some(), "{name}");
        }
        for name in [
            "example.com",
            "*.example.com",
            "local.example.com",
            "test.de",
            "localhost.example.com",
            "internal.example.org",
            "xn--bcher-kva.de",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "ann@corp.local",
        ] {
            assert_eq!(San::parse(name).unwrap().why_private(), None, "{name}");
        }
    }
}
