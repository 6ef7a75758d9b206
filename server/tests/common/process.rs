//! The real binary, in a process of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

/// A running `sealift-server`; killed when dropped.
pub struct Process {
    child: Child,
    pub url: String,
    pub s3_url: String,
    pub metrics_url: String,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
}

/// What a process left behind.
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

pub fn command(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealift-server"));
    command.current_dir(data_dir.parent().unwrap());
    command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
    command
}

impl Process {
    /// Waits for the lines that say where it listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text);
            text
        });
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (mut text, mut url, mut s3_url) = (String::new(), String::new(), String::new());
        let mut metrics_url = String::new();
        while url.is_empty() {
            let mut line = String::new();
            if stdout.read_line(&mut line).unwrap() == 0 {
                panic!("it did not start: {text}{}", stderr.join().unwrap());
            }
            if let Some(found) = line.strip_prefix("dev-s3 listening on ") {
                s3_url = found.trim().to_owned();
            } else if let Some(found) = line.strip_prefix("metrics listening on ") {
                metrics_url = found.trim().to_owned();
            } else if let Some(found) = line.strip_prefix("sealift-server listening on ") {
                url = found.trim().to_owned();
            }
            text.push_str(&line);
        }
        let stdout = std::thread::spawn(move || {
            let _ = stdout.read_to_string(&mut text);
            text
        });
        Self { child, url, s3_url, metrics_url, stdout: Some(stdout), stderr: Some(stderr) }
    }

    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    pub fn wait(mut self) -> Ended {
        let status = self.child.wait().unwrap();
        let stdout = self.stdout.take().unwrap().join().unwrap();
        let stderr = self.stderr.take().unwrap().join().unwrap();
        Ended { status, stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
