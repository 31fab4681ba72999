//! HTTP under TLS: the certificate is shown, checked, and replaced while the engine runs.

use std::io::{Read, Write};
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
use tests::{Client, Engine, Request, Role, Scratch, hunts, token, wait_until};

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

/// The whole answer; why there is none.
fn ask(connection: &mut Connection, request: &Request) -> std::io::Result<String> {
    connection.write_all(&request.bytes())?;
    let mut answer = Vec::new();
    // Answers of these requests come in one piece: heads and bodies are written together.
    while !answer.ends_with(b"}") && !answer.ends_with(b"\n") {
        let mut piece = [0; 4096];
        match connection.read(&mut piece)? {
            0 => break,
            count => answer.extend_from_slice(&piece[..count]),
        }
    }
    Ok(String::from_utf8(answer).unwrap())
}

/// The certificate that a new connection is shown.
fn shown(address: SocketAddr, authority: &Authority) -> Option<CertificateDer<'static>> {
    let mut connection = connect(address, authority);
    let ready = ask(&mut connection, &Request::get("/readyz")).ok()?;
    let certificates = connection.conn.peer_certificates()?;
    ready
        .starts_with("HTTP/1.1 200")
        .then(|| certificates[0].clone().into_owned())
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
    assert!(told.contains("\"granted\""), "{told}");

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
    assert!(told.contains("\"granted\""), "{told}");
    drop(lasting);
    assert_eq!(engine.stop().code(), Some(0));
}
