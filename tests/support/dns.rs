//! A name server and a web server on loopback, for what proves control of a domain.

#![allow(dead_code, reason = "each suite takes its part")]

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{CAA, CNAME, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

type Records = Arc<Mutex<HashMap<(String, RecordType), Option<RData>>>>;

pub struct Dns {
    pub address: SocketAddr,
    records: Records,
}

impl Dns {
    pub fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let records = Records::default();
        let answering = Arc::clone(&records);
        std::thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let answer = answer(&buffer[..length], &answering);
                socket.send_to(&answer, from).unwrap();
            }
        });
        Self { address, records }
    }

    pub fn cname(&self, host: &str, point: &str) {
        let data = RData::CNAME(CNAME(Name::from_ascii(point).unwrap()));
        self.put(host, RecordType::CNAME, data);
    }

    pub fn txt(&self, host: &str, text: &str) {
        let data = RData::TXT(TXT::new(vec![text.to_owned()]));
        self.put(host, RecordType::TXT, data);
    }

    pub fn caa(&self, domain: &str, issuer: &str) {
        let issuer = Name::from_ascii(issuer).unwrap();
        let data = RData::CAA(CAA::new_issue(false, Some(issuer), Vec::new()));
        self.put(domain, RecordType::CAA, data);
    }

    /// From now on the domain's signatures do not verify, as for a validating name server.
    pub fn break_dnssec(&self, domain: &str) {
        let key = (domain.to_lowercase(), RecordType::SOA);
        self.records.lock().unwrap().insert(key, None);
    }

    fn put(&self, host: &str, kind: RecordType, data: RData) {
        let key = (host.to_lowercase(), kind);
        self.records.lock().unwrap().insert(key, Some(data));
    }
}

fn answer(bytes: &[u8], records: &Records) -> Vec<u8> {
    let query = Message::from_vec(bytes).unwrap();
    let asked = query.queries[0].clone();
    let mut answer = Message::response(query.metadata.id, query.metadata.op_code);
    answer.add_query(asked.clone());
    let key = (asked.name().to_ascii().to_lowercase(), asked.query_type());
    match records.lock().unwrap().get(&key) {
        None if asked.query_type() == RecordType::SOA => {}
        Some(None) if !query.metadata.checking_disabled => {
            answer.metadata.response_code = ResponseCode::ServFail;
        }
        Some(None) => {}
        Some(Some(data)) => {
            answer.add_answer(Record::from_rdata(asked.name().clone(), 60, data.clone()));
        }
        None => answer.metadata.response_code = ResponseCode::NXDomain,
    }
    answer.to_vec().unwrap()
}

/// Serves these files by their path, whatever the host.
pub async fn web(files: Arc<Mutex<HashMap<String, String>>>) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 2048];
            let length = stream.read(&mut buffer).await.unwrap();
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
            let found = files.lock().unwrap().get(&path).cloned();
            let answer = match found {
                Some(body) => format!("HTTP/1.0 200 OK\r\n\r\n{body}"),
                None => "HTTP/1.0 404 Not Found\r\n\r\n".to_owned(),
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    address
}
