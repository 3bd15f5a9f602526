//! Who asks: 64 connections that are kept open, each sending its next request when it has the answer to the one before.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::{CLIENTS, Kind};

/// What browsers send with every request.
const USUAL: &str = "host: 127.0.0.1\r\n\
    user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\
    accept: */*\r\naccept-language: en-US,en;q=0.5\r\naccept-encoding: gzip, deflate, br, zstd\r\n\
    sec-fetch-dest: empty\r\nsec-fetch-mode: cors\r\nsec-fetch-site: same-origin\r\n";

/// A server in a process of its own, and the connections to it. The process ends with this.
pub(crate) struct Server {
    process: Child,
    connections: Vec<Connection>,
    /// What `wrk` is to be called with: one header for all of its connections.
    wrk: [String; 3],
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum Asker {
    /// 64 connections of this program, each with a session of its own.
    Own,
    /// `wrk` with 64 connections, all with the same session and no other headers.
    Wrk,
}

/// What came of asking for a while.
pub(crate) struct Turn {
    /// The server's processor time for a request, in microseconds: in its own code and in the kernel.
    pub(crate) micros: f64,
    pub(crate) per_second: f64,
}

impl Server {
    pub(crate) async fn start(kind: Kind) -> Self {
        let program = std::env::current_exe().expect("this program");
        let command = Command::new(program).args(["serve", &kind.name()]).stdout(Stdio::piped()).spawn();
        let mut process = command.expect("a process");
        let lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let (mut path, mut headers, mut connections) = (String::new(), Vec::<String>::new(), Vec::new());
        let mut url = String::new();
        for line in lines.map(|line| line.expect("a line")) {
            match line.split_once(' ').expect("a word and what it is about") {
                ("path", found) => path = found.to_owned(),
                ("header", found) => headers.push(found.to_owned()),
                (_, port) => {
                    url = format!("http://127.0.0.1:{port}{path}");
                    for header in &headers {
                        let request = format!("GET {path} HTTP/1.1\r\n{USUAL}{header}\r\n\r\n");
                        connections.push(Connection::open(port.parse().expect("a port"), request).await);
                    }
                    break;
                }
            }
        }
        assert_eq!(connections.len(), CLIENTS, "{kind:?} is there");
        let wrk = ["-H".to_owned(), headers.swap_remove(0), url];
        Self { process, connections, wrk }
    }

    pub(crate) async fn ask_for(&mut self, time: Duration, asker: Asker) -> Turn {
        let (began, before) = (Instant::now(), self.processor_times());
        let count = f64::from(match asker {
            Asker::Own => self.ask_ourselves(began + time).await,
            Asker::Wrk => self.ask_by_wrk(time),
        });
        let (took, used) = (began.elapsed(), processor_time_since(&before, &self.processor_times()));
        Turn { micros: used.as_secs_f64() * 1e6 / count, per_second: count / took.as_secs_f64() }
    }

    async fn ask_ourselves(&mut self, end: Instant) -> u32 {
        let asking = self.connections.drain(..).map(|connection| tokio::spawn(connection.ask_until(end)));
        let mut count = 0;
        for asking in asking.collect::<Vec<_>>() {
            let (connection, asked) = asking.await.expect("it is not aborted");
            self.connections.push(connection);
            count += asked;
        }
        count
    }

    /// For whole seconds, the only ones that it knows.
    fn ask_by_wrk(&self, time: Duration) -> u32 {
        let seconds = time.as_secs().max(1);
        let wrk = Command::new("wrk").args(["-t2", "-c64", &format!("-d{seconds}s")]).args(&self.wrk).output();
        let report = String::from_utf8(wrk.expect("apt-get install wrk").stdout).expect("text");
        assert!(!report.contains("Non-2xx") && !report.contains("Socket errors"), "{report}");
        let count = report.lines().find_map(|line| line.split_once(" requests in ")?.0.trim().parse().ok());
        count.unwrap_or_else(|| panic!("{report}"))
    }

    /// What each thread of the process has taken: the first number of its file, in nanoseconds.
    fn processor_times(&self) -> HashMap<OsString, u64> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.process.id())).expect("Linux");
        let nanos = tasks.filter_map(|task| {
            let task = task.ok()?;
            let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
            Some((task.file_name(), text.split_whitespace().next()?.parse().ok()?))
        });
        nanos.collect()
    }
}

/// What was taken since. A thread that has ended meanwhile had nothing to do, and took its count with it.
fn processor_time_since(before: &HashMap<OsString, u64>, now: &HashMap<OsString, u64>) -> Duration {
    let taken = now.iter().map(|(thread, nanos)| nanos - before.get(thread).unwrap_or(&0));
    Duration::from_nanos(taken.sum())
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    /// All answers are as long as the first.
    answer: Vec<u8>,
}

impl Connection {
    async fn open(port: u16, request: String) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        stream.set_nodelay(true).expect("it is set");
        stream.write_all(request.as_bytes()).await.expect("it takes requests");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nadmin") {
            assert!(answer.len() < 1000, "{:?}", String::from_utf8_lossy(&answer));
            answer.push(stream.read_u8().await.expect("an answer"));
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "), "{:?}", String::from_utf8_lossy(&answer));
        Self { stream, request: request.into_bytes(), answer }
    }

    async fn ask_until(mut self, end: Instant) -> (Self, u32) {
        let mut count = 0;
        while Instant::now() < end {
            self.stream.write_all(&self.request).await.expect("it takes requests");
            self.stream.read_exact(&mut self.answer).await.expect("an answer");
            assert!(self.answer.starts_with(b"HTTP/1.1 200 ") && self.answer.ends_with(b"admin"), "a good one");
            count += 1;
        }
        (self, count)
    }
}
