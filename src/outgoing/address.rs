//! Which addresses are of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The ranges of IPv4 that are no public hosts: first address, length of the prefix, what they are
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>).
const SPECIAL_V4: [(Ipv4Addr, u32, &str); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this network"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private network"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "the inside of a provider's network"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "this machine"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private network"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "reserved for protocols"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "reserved for documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a relay of 6to4"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private network"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "reserved for benchmarks"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "reserved for documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "reserved for documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::BROADCAST, 32, "broadcast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// The same for IPv6 (<https://www.iana.org/assignments/iana-ipv6-special-registry>). The last one is
/// all that is not global unicast.
const SPECIAL_V6: [(Ipv6Addr, u32, &str); 11] = [
    (Ipv6Addr::UNSPECIFIED, 128, "this machine"),
    (Ipv6Addr::LOCALHOST, 128, "this machine"),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, "an IPv4 address in another form"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "a private network"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "reserved for protocols"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "reserved for documentation"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "an IPv4 address in another form"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "reserved for documentation"),
    (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3, "public"),
];

/// Where a network without IPv4 reaches it (RFC 6052): the last four bytes are the address that is
/// meant.
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

/// Why an address is not one of a host on the public internet; `None` where it is.
pub fn why_not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => {
            let has_prefix = |first: Ipv4Addr, length: u32| (address.to_bits() ^ first.to_bits()).leading_zeros() >= length;
            SPECIAL_V4.iter().find(|(first, length, _)| has_prefix(*first, *length)).map(|(.., what)| *what)
        }
        IpAddr::V6(address) => {
            let has_prefix = |first: Ipv6Addr, length: u32| (address.to_bits() ^ first.to_bits()).leading_zeros() >= length;
            if has_prefix(NAT64, 96) {
                let [.., a, b, c, d] = address.octets();
                return why_not_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
            }
            match SPECIAL_V6.iter().find(|(first, length, _)| has_prefix(*first, *length)) {
                Some((.., "public")) => None,
                Some((.., what)) => Some(what),
                None => Some("reserved"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use proptest::prelude::*;

    fn why(address: &str) -> Option<&'static str> {
        why_not_public(address.parse().unwrap())
    }

    #[test]
    fn what_only_this_machine_or_its_network_reaches_is_not_public() {
        for (address, what) in [
            ("127.0.0.1", "this machine"),
            ("127.255.0.3", "this machine"),
            ("0.0.0.0", "this network"),
            ("10.1.2.3", "a private network"),
            ("172.31.255.255", "a private network"),
            ("192.168.1.1", "a private network"),
            ("100.127.0.1", "the inside of a provider's network"),
            ("169.254.169.254", "link-local"),
            ("224.0.0.251", "multicast"),
            ("255.255.255.255", "broadcast"),
            ("250.1.1.1", "reserved"),
            ("::", "this machine"),
            ("::1", "this machine"),
            ("::ffff:10.0.0.1", "an IPv4 address in another form"),
            ("::ffff:8.8.8.8", "an IPv4 address in another form"),
            ("64:ff9b::127.0.0.1", "this machine"),
            ("64:ff9b:1::1", "reserved"),
            ("::7f00:1", "reserved"),
            ("2002:7f00:1::", "an IPv4 address in another form"),
            ("2001:0:53aa:64c::1", "reserved for protocols"),
            ("fd12:3456::1", "a private network"),
            ("fe80::1", "link-local"),
            ("ff02::1", "multicast"),
            ("100::1", "reserved"),
        ] {
            assert_eq!(why(address), Some(what), "{address}");
        }
    }

    #[test]
    fn the_neighbours_of_those_ranges_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "64:ff9b::1.1.1.1",
        ] {
            assert_eq!(why(address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_the_standard_library_knows_as_special_is_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local() || address.is_multicast()
                || address.is_broadcast() || address.is_documentation() || address.is_unspecified();
            prop_assert!(!special || why_not_public(IpAddr::V4(address)).is_some());
            prop_assert!(why_not_public(IpAddr::V6(address.to_ipv6_mapped())).is_some());
        }
    }
}
