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
}

const PASSWORD: &str = "a-password-that-nobody-prints";

impl Redis {
    /// `None`, and a line that says so, where there is none
    /// (Debian: apt-get install redis-server).
    pub fn start() -> Option<Self> {
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
        let child = spawn(program, port, &folder);
        let url = format!("redis://:{PASSWORD}@127.0.0.1:{port}/0");
        let redis = Self { child, program, url, port, folder };
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
        self.child = spawn(self.program, self.port, &self.folder);
        self.wait();
    }

    fn wait(&self) {
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn spawn(program: &str, port: u16, folder: &TempDir) -> Child {
    Command::new(program)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
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
