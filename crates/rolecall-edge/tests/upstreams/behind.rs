//! Servers behind the gate, each a process that records the requests of its application.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The folder of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Returns a loopback port without a listener.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A process that ends when this is dropped.
pub(crate) struct Running(Child);

impl Running {
    /// Starts a process and waits until its port answers.
    pub(crate) fn start(command: &mut Command, port: u16) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit()).spawn();
        let running = Self(child.unwrap_or_else(|error| panic!("{command:?}: {error}; run `cargo xtask gate`")));
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(30), "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // First a termination signal: a master process then ends its workers.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server behind the gate.
pub(crate) struct Behind {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
    /// Whether it records all headers and the body.
    pub(crate) in_full: bool,
    folder: tempfile::TempDir,
    read: usize,
    _running: Running,
}

impl Behind {
    pub(crate) fn start(name: &'static str) -> Self {
        let (folder, port, here) = (tempfile::tempdir().unwrap(), free_port(), root().join("tests/gate"));
        let venv = root().join("target/gate/venv/bin");
        let mut command = match name {
            "gunicorn" => {
                let mut command = Command::new(venv.join("gunicorn"));
                command
                    .args(["wsgi:application", "--log-level", "critical", "--bind"])
                    .arg(format!("127.0.0.1:{port}"));
                command
            }
            "uvicorn" => {
                let mut command = Command::new(venv.join("uvicorn"));
                command.args(["asgi:application", "--log-level", "critical", "--port"]).arg(port.to_string());
                command
            }
            "node" | "express" => {
                let mut command = Command::new("node");
                if name == "express" {
                    command.env("EXPRESS", root().join("target/gate/express"));
                }
                command.arg("echo.mjs").env("PORT", port.to_string());
                command
            }
            _ => nginx(&here.join("nginx.conf"), folder.path(), &[("@LISTEN@", port)]),
        };
        command.current_dir(&here).env("SEEN", folder.path().join("seen")).env("PYTHONDONTWRITEBYTECODE", "1");
        let running = Running::start(&mut command, port);
        Self { name, port, in_full: name != "nginx", folder, read: 0, _running: running }
    }

    /// Returns the requests that the application saw since the last call, once this many have arrived.
    pub(crate) fn seen(&mut self, awaited: usize) -> Vec<Value> {
        let started = Instant::now();
        loop {
            let text = std::fs::read(self.folder.path().join("seen")).unwrap_or_default();
            let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(&[][..], |end| &text[..end]);
            let lines: Vec<&[u8]> = whole.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
            if lines.len() >= self.read + awaited || started.elapsed() > Duration::from_secs(3) {
                let new = lines[self.read..].iter().map(|line| serde_json::from_slice(line).unwrap()).collect();
                self.read = lines.len();
                return new;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// nginx with a configuration in which placeholders become `127.0.0.1` and a port, and `@FOLDER@` its folder.
pub(crate) fn nginx(config: &Path, folder: &Path, ports: &[(&str, u16)]) -> Command {
    let mut text = std::fs::read_to_string(config).unwrap().replace("@FOLDER@", &folder.display().to_string());
    for (name, port) in ports {
        text = text.replace(name, &format!("127.0.0.1:{port}"));
    }
    std::fs::write(folder.join("nginx.conf"), text).unwrap();
    let found = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        .into_iter()
        .find(|path| Path::new(path).exists());
    let mut command = Command::new(found.unwrap_or("nginx"));
    command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).arg("-e").arg(folder.join("error.log"));
    command
}

/// Sends bytes from a loopback address, and returns everything received until the server closes.
pub(crate) fn send(runtime: &tokio::runtime::Runtime, from: [u8; 4], to: SocketAddr, bytes: &[u8]) -> String {
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from((from, 0))).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    let mut stream = stream;
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count) = stream.read(&mut buffer) {
        if count == 0 {
            break;
        }
        answer.extend_from_slice(&buffer[..count]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
