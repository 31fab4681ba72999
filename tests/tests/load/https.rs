//! HTTP under TLS: the certificate is shown, checked, and replaced while the engine runs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tests::authority::Authority;
use tests::engine::Signal;
use tests::ports::free_address;
use tests::{Answer, Client, Engine, Request, Role, Scratch, hunts, token, wait_until};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// Whom the certificate is for.
const ENGINE: &str = "engine";

type Connection = StreamOwned<ClientConnection, TcpStream>;

/// A connection of somebody who trusts this authority; nothing is shown or checked yet.
fn connect(address: SocketAddr, authority: &Authority) -> Connection {
    let mut roots = RootCertStore::empty();
    roots.add(read(&authority.own_certificate())).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::from(address.ip());
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    StreamOwned::new(session, stream)
}

/// The answer; why there is none. One request is under way at a time, so nothing is read beyond it.
fn ask(connection: &mut Connection, request: &Request) -> io::Result<Answer> {
    connection.write_all(&request.bytes())?;
    let (mut reader, mut head) = (BufReader::new(connection), Vec::new());
    while !head.ends_with(b"\r\n\r\n") {
        if reader.read_until(b'\n', &mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let mut answer = Answer::of_head(&head)?;
    let length = answer.header("content-length").unwrap_or("0");
    answer.body = vec![0; length.parse().map_err(io::Error::other)?];
    reader.read_exact(&mut answer.body)?;
    Ok(answer)
}

/// The certificate that a new connection is shown.
fn shown(address: SocketAddr, authority: &Authority) -> Option<CertificateDer<'static>> {
    let mut connection = connect(address, authority);
    let ready = ask(&mut connection, &Request::get("/readyz")).ok()?;
    let certificates = connection.conn.peer_certificates()?;
    (ready.status == 200).then(|| certificates[0].clone().into_owned())
}

fn read(certificate: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(certificate).unwrap()
}

fn claim(player: &str) -> Request {
    Request::post("/v1/hunts/rush/treasures/coin/claim")
        .token(&token(Role::Service, "game"))
        .player(player)
        .key("k")
}

#[test]
fn a_certificate_is_shown_checked_and_replaced_while_connections_last() {
    let (scratch, authority) = (Scratch::new("https"), Authority::new("https-ca"));
    authority.sign(ENGINE);
    let store = scratch.join("store");
    let plain = Engine::start(&store, &[]);
    hunts::put_open(&mut plain.client(), &hunts::coins("rush", 10));
    assert_eq!(plain.stop().code(), Some(0));

    let (certificate, key) = (authority.certificate(ENGINE), authority.key(ENGINE));
    let settings = [
        ("tls_cert", certificate.to_str().unwrap()),
        ("tls_key", key.to_str().unwrap()),
    ];
    let address = free_address();
    let engine = Engine::spawn_at(address, &store, &settings);
    wait_until("it is ready", || {
        TcpStream::connect(address).is_ok() && shown(address, &authority).is_some()
    });
    let first = read(&certificate);
    assert_eq!(shown(address, &authority), Some(first.clone()));
    let mut lasting = connect(address, &authority);
    let told = ask(&mut lasting, &claim("ann")).unwrap();
    assert_eq!(told.outcome(), "granted", "{}", told.text());

    // Who trusts others, or speaks in clear, gets nothing.
    let others = Authority::new("https-others");
    assert!(ask(&mut connect(address, &others), &claim("eve")).is_err());
    let in_clear = Client::new(address).ask(&claim("eve"));
    assert!(in_clear.is_err(), "{in_clear:?}");

    authority.sign(ENGINE);
    engine.signal(Signal::HangUp);
    let second = read(&certificate);
    assert_ne!(first, second);
    wait_until("the new certificate is shown", || {
        shown(address, &authority) == Some(second.clone())
    });
    std::fs::write(&certificate, "damaged").unwrap();
    engine.signal(Signal::HangUp);
    wait_until("the fault is told", || {
        engine.log().contains("could not be read again")
    });
    assert_eq!(shown(address, &authority), Some(second));
    let told = ask(&mut lasting, &claim("bob")).unwrap();
    assert_eq!(told.outcome(), "granted", "{}", told.text());
    drop(lasting);
    assert_eq!(engine.stop().code(), Some(0));
}
