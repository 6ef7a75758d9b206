//! A server on a real socket and a client that can say anything to it.
#![allow(dead_code)] // each test file uses its part

pub mod signing;

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use sealift_dev_s3::{DevS3, DevS3Config, Faults, Requests};
use tokio::sync::oneshot;

pub const ACCESS_KEY: &str = "AKIDTEST";
pub const SECRET_KEY: &str = "secret/of+the=tests";
pub const BUCKET: &str = "photos";

/// A folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        use std::hash::{BuildHasher, Hasher, RandomState};
        let name = format!("dev-s3-test-{:016x}", RandomState::new().build_hasher().finish());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Bytes of every file below.
    pub fn bytes(&self) -> u64 {
        fn below(path: &Path) -> u64 {
            let entries = std::fs::read_dir(path).unwrap().map(|e| e.unwrap());
            entries
                .map(|e| if e.path().is_dir() { below(&e.path()) } else { e.metadata().unwrap().len() })
                .sum()
        }
        below(&self.0)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A running server; dropping it stops it and waits for that.
pub struct Server {
    pub address: SocketAddr,
    pub faults: Faults,
    pub requests: Requests,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(folder: &Folder) -> Self {
        Self::start_with(folder, |_| {})
    }

    pub fn start_with(folder: &Folder, change: impl FnOnce(&mut DevS3Config)) -> Self {
        let mut config = DevS3Config::new(folder.path(), ACCESS_KEY, SECRET_KEY);
        config.buckets.push(BUCKET.to_owned());
        change(&mut config);
        let s3 = DevS3::new(config).unwrap();
        let (faults, requests) = (s3.faults(), s3.requests());
        let (stop, stopped) = oneshot::channel::<()>();
        let (send_address, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                send_address.send(listener.local_addr().unwrap()).unwrap();
                s3.serve(listener, async move {
                    let _ = stopped.await;
                })
                .await;
            });
        });
        let address = address.recv().unwrap();
        Self { address, faults, requests, stop: Some(stop), thread: Some(thread) }
    }

    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Sends a request over a connection of its own.
    pub fn send(&self, request: Request) -> Answer {
        self.try_send(request).unwrap()
    }

    pub fn try_send(&self, request: Request) -> std::io::Result<Answer> {
        let mut stream = self.open(&request)?;
        stream.write_all(&request.body)?;
        if request.cut_short {
            stream.shutdown(std::net::Shutdown::Write)?;
        }
        Answer::read(&mut stream, request.method == "HEAD")
    }

    /// Sends a request whose body is `size` times the byte 7, a little at a time.
    pub fn send_long(&self, request: Request, before: &[u8], size: u64, after: &[u8]) -> Answer {
        let mut stream = self.open(&request).unwrap();
        stream.write_all(before).unwrap();
        std::io::copy(&mut std::io::repeat(7).take(size), &mut stream).unwrap();
        stream.write_all(after).unwrap();
        Answer::read(&mut stream, false).unwrap()
    }

    /// Sends a request and counts the answer's bytes.
    pub fn count(&self, request: Request) -> u64 {
        let mut stream = self.open(&request).unwrap();
        std::io::copy(&mut stream, &mut std::io::sink()).unwrap()
    }

    /// Connects and sends the head.
    fn open(&self, request: &Request) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address)?;
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
        let has = |name: &str| request.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if !has("host") {
            head.push_str(&format!("host: {}\r\n", self.host()));
        }
        if !has("content-length") && !has("transfer-encoding") {
            head.push_str(&format!("content-length: {}\r\n", request.body.len()));
        }
        for (name, value) in &request.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("connection: close\r\n\r\n");
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }
}

/// The program, as its own process; dropping it ends it.
pub struct Program {
    pub server: Server,
    child: Child,
}

impl Program {
    pub fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_dev-s3"))
            .args(["--root", folder.path().to_str().unwrap(), "--bucket", BUCKET])
            .args(arguments)
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("dev-s3 listening on http://").unwrap().parse().unwrap();
        let server = Server {
            address,
            faults: Faults::default(),
            requests: Requests::default(),
            stop: None,
            thread: None,
        };
        Self { server, child }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// A request as it goes on the wire: `target` is encoded already.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Close our side after the body, however long it was said to be.
    pub cut_short: bool,
}

impl Request {
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self { method: method.to_owned(), target: target.into(), ..Self::default() }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn read(stream: &mut TcpStream, head_only: bool) -> std::io::Result<Self> {
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw)?;
        let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let split = raw.windows(4).position(|w| w == b"\r\n\r\n").ok_or_else(broken)?;
        let head = String::from_utf8_lossy(&raw[..split]).into_owned();
        let mut lines = head.split("\r\n");
        let status =
            lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: raw[split + 4..].to_vec() };
        let length = answer.header("content-length").and_then(|l| l.parse::<usize>().ok());
        match length {
            Some(length) if !head_only && answer.body.len() < length => return Err(broken()),
            Some(length) if !head_only => answer.body.truncate(length),
            _ => {}
        }
        Ok(answer)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// An element of an XML answer, entities and all.
    pub fn element(&self, name: &str) -> Option<String> {
        self.elements(name).into_iter().next()
    }

    pub fn elements(&self, name: &str) -> Vec<String> {
        let (text, open, close) = (self.text(), format!("<{name}>"), format!("</{name}>"));
        let pieces = text.split(&open).skip(1);
        pieces.filter_map(|piece| piece.split_once(&close)).map(|(value, _)| value.to_owned()).collect()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Asserts an error document's status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.element("Code").as_deref()), (status, Some(code)), "{}", self.text());
        assert_eq!(self.element("RequestId").as_deref(), self.header("x-amz-request-id"));
        self
    }
}
