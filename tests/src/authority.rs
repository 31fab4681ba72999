//! An authority that signs the certificates of the tests' engines.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

use crate::scratch::Scratch;

/// The host that all certificates are for.
const HOST: &str = "127.0.0.1";

/// An authority, with a folder for what it signs.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: Scratch,
}

impl Authority {
    /// One that nobody else knows.
    ///
    /// # Panics
    ///
    /// If its files can't be written.
    pub fn new(name: &str) -> Self {
        let folder = Scratch::new(name);
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let own = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let authority = Self { issuer, folder };
        std::fs::write(authority.own_certificate(), own.pem()).unwrap();
        authority
    }

    /// Signs a certificate of a new key for `whom`, in place of the one before.
    ///
    /// # Panics
    ///
    /// If its files can't be written.
    pub fn sign(&self, whom: &str) {
        let params = CertificateParams::new([HOST.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let signed = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(self.certificate(whom), signed.pem()).unwrap();
        std::fs::write(self.key(whom), key.serialize_pem()).unwrap();
    }

    /// Signs a certificate for the links of an engine, and says by which settings the engine shows it.
    ///
    /// # Panics
    ///
    /// If its files can't be written.
    pub fn sign_links(&self, whom: &str) -> [(&'static str, String); 3] {
        self.sign(whom);
        [
            ("cluster_tls_ca", self.own_certificate()),
            ("cluster_tls_cert", self.certificate(whom)),
            ("cluster_tls_key", self.key(whom)),
        ]
        .map(|(setting, path)| (setting, path.to_str().unwrap().to_owned()))
    }

    /// Its own certificate, by which others know what it signed.
    pub fn own_certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// What it signed last for `whom`.
    pub fn certificate(&self, whom: &str) -> PathBuf {
        self.folder.join(&format!("{whom}.pem"))
    }

    /// The key of that.
    pub fn key(&self, whom: &str) -> PathBuf {
        self.folder.join(&format!("{whom}.key"))
    }
}
