//! Tests the stream of changes through a real nginx with default settings, which buffers responses unless they opt out.

use crate::served::Served;
use crate::setup;
use crate::shell::{at, built, program, quiet, write};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// The maximum time of an event. Buffered events arrive later, when the buffer is full.
const SOON: Duration = Duration::from_secs(10);

/// A running nginx, which is stopped on drop.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Nginx {
    /// Starts nginx in front of a server. Only the upstream is configured.
    fn start(folder: &Path, upstream: &str) -> Result<(Self, SocketAddr)> {
        let program = setup::nginx()?;
        // The port is free now. If another program takes it, nginx reports an error.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let config = format!(
            "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr error;\nevents {{ }}\nhttp {{\n  access_log off;\n  \
             client_body_temp_path body;\n  proxy_temp_path proxy;\n  fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n  \
             server {{ listen {address}; location / {{ proxy_pass http://{upstream}; }} }}\n}}\n"
        );
        write(&folder.join("nginx.conf"), config.as_bytes())?;
        let child = Command::new(program).arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "stderr"]).spawn()?;
        let nginx = Self(child);
        let end = Instant::now() + SOON;
        while TcpStream::connect(address).is_err() {
            if Instant::now() > end {
                bail!("nginx does not listen on {address}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok((nginx, address))
    }
}

/// Reads a stream until it contains a text.
fn wait_for(stream: &mut TcpStream, text: &mut String, expected: &str) -> Result<Duration> {
    let begun = Instant::now();
    while !text.contains(expected) {
        let left =
            SOON.checked_sub(begun.elapsed()).with_context(|| format!("no `{expected}` in time, but: {text}"))?;
        stream.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(0) => bail!("the stream ended before `{expected}`: {text}"),
            Ok(length) => text.push_str(&String::from_utf8_lossy(part.get(..length).unwrap_or_default())),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(begun.elapsed())
}

/// Checks that a change arrives through nginx. The command must be built.
pub(crate) fn nginx() -> Result<bool> {
    let (binary, folder) = (built("debug/rolecall"), at("target/nginx"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let directory = std::fs::read_to_string(at("examples/blueconic/directory.yaml"))?;
    write(&folder.join("directory.yaml"), directory.as_bytes())?;
    let output = quiet(&mut program(&binary, ["token"]))?;
    let line = |name: &str| output.lines().find_map(|line| line.strip_prefix(name)).map(str::trim).context("a token");
    let config = json!({ "rolecall": 1, "listen": "127.0.0.1:0", "policy": "preset:blueconic", "directory": "directory.yaml",
        "tokens": [{ "subject": "app:nginx", "sha256": line("sha256:")?, "may": ["snapshot"] }] });
    write(&folder.join("server.json"), config.to_string().as_bytes())?;
    let mut serve = program(&binary, ["serve", "--config", "server.json"]);
    let server = Served::start(serve.current_dir(&folder).env("RUST_LOG", "error"))?;
    let (_nginx, address) = Nginx::start(&folder, &server.address)?;
    let mut stream = TcpStream::connect(address)?;
    let bearer = line("token:")?;
    // Send the header of a browser, which accepts compressed responses.
    write!(
        stream,
        "GET /v1/stream HTTP/1.1\r\nHost: roles.example.com\r\nAccept-Encoding: gzip\r\nAuthorization: Bearer {bearer}\r\n\r\n"
    )?;
    let mut text = String::new();
    let ready = wait_for(&mut stream, &mut text, "event: ready")?;
    let changed = directory.replace("role: roles-viewer", "role: insights-only");
    if changed == directory {
        bail!("the directory of the example does not contain the role to change");
    }
    write(&folder.join("directory.yaml"), changed.as_bytes())?;
    let changed = wait_for(&mut stream, &mut text, "event: changed")?;
    println!("through nginx: ready after {} ms, a change after {} ms", ready.as_millis(), changed.as_millis());
    Ok(true)
}
