//! The CA's checks of domain control, with real requests to a DNS server or a web server.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::domain::{Look, Sought};
use super::settings::Switches;

const LONGEST: Duration = Duration::from_secs(2);
const LARGEST_FILE: u64 = 16 * 1024;

/// Makes all checks at the same time. If a server cannot be reached, the result is "not found".
pub async fn all(looks: Vec<Look>, switches: &Switches) -> Vec<(Look, bool)> {
    join_all(looks.into_iter().map(async |look| {
        let found = match timeout(LONGEST, is_there(&look.sought, switches)).await {
            Ok(Some(found)) => found,
            Ok(None) | Err(_) => false,
        };
        (look, found)
    }))
    .await
}

async fn is_there(sought: &Sought, switches: &Switches) -> Option<bool> {
    match sought {
        Sought::Cname { host, point } => {
            let wanted = Name::from_ascii(point).ok()?;
            let found = records(switches.dcv_resolver?, host, RecordType::CNAME).await?;
            Some(found.iter().any(|data| match data {
                RData::CNAME(name) => name.0.to_lowercase() == wanted.to_lowercase(),
                _ => false,
            }))
        }
        Sought::Txt { host, text } => {
            let found = texts(switches.dcv_resolver?, host).await?;
            Some(found.iter().any(|found| found == text))
        }
        Sought::PersistentTxt { host } => {
            let found = texts(switches.dcv_resolver?, host).await?;
            Some(found.iter().any(|text| names_us_for_good(text)))
        }
        Sought::File { host, path, lines } => {
            let body = file(switches.dcv_http?, host, path).await?;
            Some(
                body.lines()
                    .map(str::trim)
                    .eq(lines.iter().map(String::as_str)),
            )
        }
    }
}

/// A text of the form `sectigo.com; accounturi=…`.
fn names_us_for_good(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    parts.next() == Some("sectigo.com") && parts.any(|part| part.starts_with("accounturi="))
}

async fn texts(resolver: SocketAddr, host: &str) -> Option<Vec<String>> {
    let found = records(resolver, host, RecordType::TXT).await?;
    Some(
        found
            .iter()
            .filter_map(|data| match data {
                RData::TXT(txt) => Some(txt.txt_data.concat()),
                _ => None,
            })
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect(),
    )
}

async fn records(resolver: SocketAddr, host: &str, kind: RecordType) -> Option<Vec<RData>> {
    let mut query = Message::query();
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(Name::from_ascii(host).ok()?, kind));
    let socket = UdpSocket::bind("127.0.0.1:0").await.ok()?;
    socket.send_to(&query.to_vec().ok()?, resolver).await.ok()?;
    let mut buffer = vec![0; 4096];
    let (length, _) = socket.recv_from(&mut buffer).await.ok()?;
    let answer = Message::from_vec(&buffer[..length]).ok()?;
    Some(
        answer
            .answers
            .iter()
            .map(|record| record.data.clone())
            .collect(),
    )
}

/// Reads a file with HTTP/1.0, which has no chunked bodies.
async fn file(server: SocketAddr, host: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream
        .take(LARGEST_FILE)
        .read_to_end(&mut answer)
        .await
        .ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_ascii_whitespace().nth(1)?;
    (status == "200").then(|| body.to_owned())
}
