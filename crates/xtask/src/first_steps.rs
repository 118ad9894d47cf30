//! Follows the first steps of a user: an empty folder becomes a page in React with a menu for each user, and an endpoint of
//! FastAPI that refuses. Uses the packed packages, the files of the guides, and nothing else of this repository.

use crate::lines::block;
use crate::shell::{at, program, quiet, step, write};
use crate::{build, docs, lines, pack, setup};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// The page around the guide's `main.jsx`, as Vite's template has it.
const INDEX: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Shop</title></head>\
    <body><div id=\"root\"></div><script type=\"module\" src=\"/main.jsx\"></script></body></html>";

/// The server of the application: files, and the view that the guide's `server.mjs` makes for one user.
const SERVE: &str = "import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { viewOf } from './server.mjs';
createServer(async (request, response) => {
  const isView = request.url === '/view';
  const file = 'dist' + (request.url === '/' ? '/index.html' : request.url);
  const body = isView ? JSON.stringify(viewOf(process.argv[2])) : await readFile(file).catch(() => '');
  const kind = isView ? 'application/json' : file.endsWith('.js') ? 'text/javascript' : 'text/html';
  response.setHeader('content-type', kind).end(body);
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
";

/// Takes both walks and prints the lines that each framework needs.
pub(crate) fn run(is_built: bool) -> Result<bool> {
    if !is_built {
        build::run(&["browser", "node", "servers", "frontends", "python"].map(String::from))?;
    }
    let folder = at("target/first-steps");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let page = page(&folder.join("page"))?;
    step("an endpoint of FastAPI that refuses", || endpoint(&folder.join("api")))?;
    lines::table(true)?;
    println!("\nthe page for ada and for bo: {}", page.display());
    Ok(true)
}

/// Builds the page of the guide and opens it for two users. Returns the folder of the pictures.
fn page(folder: &Path) -> Result<PathBuf> {
    save("react", folder, &["server.mjs", "main.jsx", "app.jsx"])?;
    write(&folder.join("package.json"), br#"{ "private": true, "type": "module" }"#)?;
    write(&folder.join("index.html"), INDEX.as_bytes())?;
    write(&folder.join("serve.mjs"), SERVE.as_bytes())?;
    step("install React and the packed packages", || {
        let packed = ["bindings/js/rolecall", "bindings/js/react"].map(|package| pack::folder_of(&at(package), folder));
        let packed = packed.into_iter().collect::<Result<Vec<_>>>()?;
        let options = ["install", "--no-fund", "--no-audit", "--silent", "vite", "react", "react-dom"];
        quiet(program("npm", options).args(packed).current_dir(folder))
    })?;
    let vite = folder.join("node_modules/.bin/vite");
    step("build the page", || {
        quiet(program(vite, ["build", "--logLevel=error", "--target=es2022"]).current_dir(folder))
    })?;
    for (user, shown, hidden) in [("ada", "Users", "You may not edit."), ("bo", "You may not edit.", "Users")] {
        step(&format!("open the page as {user}"), || {
            let served = Served::start(folder, user)?;
            let html = served.open(folder, user)?;
            if !html.contains(shown) || html.contains(hidden) {
                bail!("the page for {user} must show `{shown}`, and not `{hidden}`:\n{html}");
            }
            Ok(())
        })?;
    }
    Ok(folder.to_path_buf())
}

/// Runs the file of the guide and compares what it prints with the guide.
fn endpoint(folder: &Path) -> Result<()> {
    save("python-frameworks", folder, &["api.py"])?;
    let python = folder.join("venv/bin/python");
    quiet(program("python3", ["-m", "venv"]).arg(folder.join("venv")))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "fastapi", "httpx"];
    quiet(program(&python, install).arg(build::wheel()?))?;
    let printed = quiet(program(&python, ["api.py"]).current_dir(folder))?;
    let guide = guide("python-frameworks")?;
    let after = guide.split_once("file=api.py").context("the guide has api.py")?.1;
    let wanted =
        after.split_once("```text output\n").and_then(|(_, rest)| rest.split_once("```")).context("an output")?.0;
    if printed.trim() != wanted.trim() {
        bail!("api.py printed\n{printed}\ninstead of\n{wanted}");
    }
    Ok(())
}

/// Saves files of a guide, and the documents that it continues, in an empty folder.
fn save(page: &str, folder: &Path, files: &[&str]) -> Result<()> {
    let text = guide(page)?;
    for name in files {
        let code = block(&text, name).with_context(|| format!("the guide has no file `{name}`"))?;
        write(&folder.join(name), code.as_bytes())?;
    }
    for (name, document) in docs::example()? {
        write(&folder.join(format!("{name}.json")), document.to_string().as_bytes())?;
    }
    Ok(())
}

fn guide(page: &str) -> Result<String> {
    Ok(std::fs::read_to_string(at("docs/guides").join(format!("{page}.md")))?)
}

/// The server of the application, for one user.
struct Served {
    child: Child,
    port: String,
}

impl Served {
    fn start(folder: &Path, user: &str) -> Result<Self> {
        let mut node = program("node", ["serve.mjs", &format!("user:{user}")]);
        let mut child = node.current_dir(folder).stdout(Stdio::piped()).spawn()?;
        let mut port = String::new();
        BufReader::new(child.stdout.take().context("the server prints its port")?).read_line(&mut port)?;
        Ok(Self { child, port: port.trim().to_string() })
    }

    /// Opens the page in Chromium, saves a picture, and returns what the page contains.
    fn open(&self, folder: &Path, user: &str) -> Result<String> {
        let chromium = setup::chromium()?;
        let address = format!("http://127.0.0.1:{}/", self.port);
        let options =
            ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=10000", "--window-size=800,300"];
        let picture = format!("--screenshot={}", folder.join(format!("{user}.png")).display());
        quiet(program(&chromium, options).arg(picture).arg(&address))?;
        quiet(program(&chromium, options).arg("--dump-dom").arg(&address))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
