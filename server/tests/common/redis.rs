//! A real Redis or Valkey, where the machine has one.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Runs until it is dropped or killed.
pub struct Redis {
    child: Child,
    program: &'static str,
    pub url: String,
    port: u16,
    folder: TempDir,
    tls: bool,
}

const PASSWORD: &str = "a-password-that-nobody-prints";

impl Redis {
    /// `None`, and a line that says so, where there is none
    /// (Debian: apt-get install redis-server).
    pub fn start() -> Option<Self> {
        Self::start_over(false)
    }

    /// The same over TLS alone, with a certificate of its own; `None` too where
    /// there is no openssl to make it.
    pub fn start_with_tls() -> Option<Self> {
        Self::start_over(true)
    }

    /// The certificate that it has to be trusted by.
    pub fn certificate(&self) -> std::path::PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn start_over(tls: bool) -> Option<Self> {
        let program = ["redis-server", "valkey-server"].into_iter().find(|program| {
            Command::new(program)
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok()
        });
        let Some(program) = program else {
            eprintln!(
                "left out: there is no redis-server or valkey-server (Debian: apt-get install redis-server)"
            );
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        if tls && !make_certificate(folder.path()) {
            eprintln!("left out: there is no openssl to make a certificate");
            return None;
        }
        let child = spawn(program, port, &folder, tls);
        let scheme = if tls { "rediss" } else { "redis" };
        let url = format!("{scheme}://:{PASSWORD}@127.0.0.1:{port}/0");
        let redis = Self { child, program, url, port, folder, tls };
        redis.wait();
        Some(redis)
    }

    pub fn password() -> &'static str {
        PASSWORD
    }

    /// Killed as by a crash.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Started again on the same port, empty.
    pub fn again(&mut self) {
        self.child = spawn(self.program, self.port, &self.folder, self.tls);
        self.wait();
    }

    fn wait(&self) {
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// For 127.0.0.1, trusted by itself.
fn make_certificate(folder: &std::path::Path) -> bool {
    let settings = "[req]\ndistinguished_name = dn\nx509_extensions = own\nprompt = no\n[dn]\nCN = redis\n\
                    [own]\nsubjectAltName = IP:127.0.0.1\nbasicConstraints = critical, CA:FALSE\n";
    std::fs::write(folder.join("openssl.cnf"), settings).unwrap();
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(["req", "-x509", "-config", "openssl.cnf", "-nodes", "-days", "2", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", "key.pem", "-out", "cert.pem"])
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|status| status.success())
}

fn spawn(program: &str, port: u16, folder: &TempDir, tls: bool) -> Child {
    let port = port.to_string();
    let mut command = Command::new(program);
    if tls {
        let own = |name: &str| folder.path().join(name);
        command.args(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"]);
        command.arg("--tls-cert-file").arg(own("cert.pem")).arg("--tls-key-file").arg(own("key.pem"));
    } else {
        command.args(["--port", &port]);
    }
    command
        .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(["--requirepass", PASSWORD, "--dir"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
