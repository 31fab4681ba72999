//! Certificates of the tests' own authority, and what is said about bad ones.

use std::path::{Path, PathBuf};

use super::*;

/// A folder with certificates; removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hunt-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays behind in the system's temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A certificate that signs itself, and its key.
fn identity() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

fn setting(cert: &Path, key: &Path) -> TlsSetting {
    TlsSetting {
        cert: cert.to_owned(),
        key: key.to_owned(),
    }
}

fn check(cert: &Path, key: &Path, expected: &str) {
    let error = ServerTls::load(&setting(cert, key)).expect_err("it is bad");
    let text = error.to_string();
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_is_wrong_with_files_is_said_with_their_names() {
    let folder = Folder::new("bad");
    let (cert, key) = identity();
    let good = folder.write("cert.pem", &cert);
    let good_key = folder.write("key.pem", &key);
    ServerTls::load(&setting(&good, &good_key)).expect("they are good");

    check(
        &folder.0.join("none.pem"),
        &good_key,
        "none.pem: No such file",
    );
    let empty = folder.write("empty.pem", "nothing here");
    check(&empty, &good_key, "no certificate in");
    check(&good, &empty, "no private key in");
    check(&good_key, &good, "no certificate in");
    let broken = folder.write("broken.pem", &cert.replace("MII", "!!!"));
    check(&broken, &good_key, "broken.pem is not PEM");
    let other = folder.write("other.pem", &identity().1);
    check(&good, &other, "can't be used with the key in");
    let garbled = folder.write(
        "garbled.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    check(&garbled, &good_key, "can't be used with the key in");
}

#[test]
fn a_reload_that_fails_keeps_what_there_was() {
    let folder = Folder::new("reload");
    let (cert, key) = identity();
    let (cert_path, key_path) = (
        folder.write("cert.pem", &cert),
        folder.write("key.pem", &key),
    );
    let tls = ServerTls::load(&setting(&cert_path, &key_path)).expect("they are good");
    folder.write("cert.pem", "gone");
    let error = tls.reload().expect_err("it is bad");
    assert!(error.to_string().contains("no certificate in"), "{error}");
    tls.session().expect("the old one serves on");
    let (cert, key) = identity();
    folder.write("cert.pem", &cert);
    folder.write("key.pem", &key);
    tls.reload().expect("they are good again");
}

#[test]
fn links_need_to_know_who_signs() {
    let folder = Folder::new("links");
    let (cert, key) = identity();
    let setting = LinkTlsSetting {
        cert: folder.write("cert.pem", &cert),
        key: folder.write("key.pem", &key),
        ca: folder.write("ca.pem", ""),
    };
    let error = LinkTls::load(&setting).expect_err("nobody signs");
    assert!(error.to_string().contains("no certificate in"), "{error}");
    folder.write("ca.pem", &cert);
    let tls = LinkTls::load(&setting).expect("it signs itself");
    tls.receive().expect("a session");
    tls.dial("engine-1:7118").expect("a name");
    tls.dial("[::1]:7118").expect("an address");
    let error = tls.dial("not a host:1").err().expect("no name");
    assert!(
        error.to_string().contains("is no name of a host"),
        "{error}"
    );
}
