//! Ports that nobody else takes between the choice and the server's start.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::ops::Range;
use std::sync::Mutex;

use crate::{DevServerError, io_error};

/// Below what systems give to outgoing connections and to port 0 (Linux from 32768 on, macOS from 49152 on): of those,
/// another process may get the chosen port before the server listens.
const PORTS: Range<u16> = 20_000..32_000;

/// The UDP sockets of the ports that this process was given: while one is open, no other caller gets its port, nor in
/// other processes. The system closes them with the process, however that ends.
static GIVEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());

/// A loopback port that nobody listens on, and that no other caller gets while this process lives.
pub fn free_port() -> Result<u16, DevServerError> {
    let mut error = io::Error::from(io::ErrorKind::AddrInUse);
    for port in PORTS {
        match reserve(port) {
            Ok(()) => return Ok(port),
            Err(taken) => error = taken,
        }
    }
    Err(io_error("a free port")(error))
}

fn reserve(port: u16) -> io::Result<()> {
    let mark = UdpSocket::bind(("127.0.0.1", port))?;
    TcpListener::bind(("127.0.0.1", port))?;
    GIVEN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .push(mark);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_port_is_given_twice() {
        let ports: Vec<u16> = (0..50).map(|_| super::free_port().unwrap()).collect();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 50);
        let taken = super::reserve(ports[0]).unwrap_err();
        assert_eq!(taken.kind(), std::io::ErrorKind::AddrInUse);
    }
}
