//! Installs missing tools of the commands.

use crate::shell::{at, cargo, copy, exists, program, quiet, run, step};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// Installs the WebAssembly target of Rust.
pub(crate) fn wasm_target() -> Result<()> {
    rust_target("wasm32-unknown-unknown")
}

/// Installs a target of Rust.
pub(crate) fn rust_target(target: &str) -> Result<()> {
    let sysroot = quiet(&mut program("rustc", ["--print", "sysroot"]))?;
    if PathBuf::from(sysroot.trim()).join("lib/rustlib").join(target).is_dir() {
        return Ok(());
    }
    step(&format!("install the Rust target {target}"), || run(&mut program("rustup", ["target", "add", target])))
}

/// Installs zig and the command of cargo that builds with it. Returns the folder of both.
pub(crate) fn zig() -> Result<PathBuf> {
    environment("target/zig", "zig and cargo-zigbuild", &["ziglang==0.17.1", "cargo-zigbuild==0.24.0"])
}

/// Installs qemu, which runs programs for other processors.
pub(crate) fn qemu() -> Result<()> {
    if !exists("qemu-aarch64") {
        if !exists("apt-get") {
            bail!("programs for arm64 need qemu; install `qemu-user`");
        }
        debian("qemu-user")?;
    }
    Ok(())
}

/// Installs the npm packages that build and test the JavaScript bindings.
pub(crate) fn npm() -> Result<()> {
    if !exists("npm") {
        bail!("npm is needed for the JavaScript bindings; install Node.js 20 or later");
    }
    let lock = std::fs::read(at("bindings/js/package-lock.json"))?;
    let stamp = at("bindings/js/node_modules/.rolecall-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    step("install the npm packages of bindings/js", || {
        run(program("npm", ["ci", "--no-fund", "--no-audit"]).current_dir(at("bindings/js")))?;
        Ok(std::fs::write(stamp, lock)?)
    })
}

/// Installs the npm packages of a project in another folder, unless they are installed.
pub(crate) fn npm_project(project: &Path, folder: &Path) -> Result<()> {
    let lock = std::fs::read(project.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.rolecall-lock");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    for name in ["package.json", "package-lock.json"].into_iter().filter(|_| project != folder) {
        copy(&project.join(name), &folder.join(name))?;
    }
    step(&format!("install npm packages in {}", folder.display()), || {
        run(program("npm", ["ci", "--no-fund", "--no-audit"]).current_dir(folder))?;
        Ok(std::fs::write(stamp, lock)?)
    })
}

/// Returns the path of a program of an npm package.
pub(crate) fn npm_program(name: &str) -> PathBuf {
    at("bindings/js/node_modules/.bin").join(name)
}

/// Prepares a virtual environment with the tools of the Python binding. Returns the path of its Python.
pub(crate) fn python() -> Result<PathBuf> {
    let packages = ["maturin==1.16.0", "pytest>=8,<10", "mypy>=1.15,<3", "ruff==0.17.6"];
    Ok(environment("target/venv", "maturin, pytest, mypy and ruff", &packages)?.join("python"))
}

/// Prepares a virtual environment with the libraries that filters are written for. Returns the path of its Python.
pub(crate) fn filters() -> Result<PathBuf> {
    let packages = [
        "duckdb>=1.4,<3",
        "polars>=1.30,<3",
        "pandas>=2.2,<4",
        "sqlalchemy>=2,<3",
        "django>=5.2,<7",
        "psycopg[binary]>=3.2,<4",
    ];
    Ok(environment("target/filters", "databases and data frames", &packages)?.join("python"))
}

/// Installs schemathesis, which sends valid and invalid requests to a server, generated from its description.
pub(crate) fn schemathesis() -> Result<PathBuf> {
    Ok(environment("target/schemathesis", "schemathesis", &["schemathesis==4.32.5"])?.join("schemathesis"))
}

/// Installs the servers and proxies of the gate's tests: gunicorn, uvicorn and Express in `target/gate`, nginx and
/// Caddy from Debian.
pub(crate) fn gate() -> Result<()> {
    let packages = ["gunicorn==27.0.1", "uvicorn==0.54.0", "httptools>=0.6,<1"];
    environment("target/gate/venv", "gunicorn and uvicorn", &packages)?;
    let (folder, express) = (at("target/gate/express"), ["express@5.3.0", "method-override@3.0.0"]);
    if !folder.join("node_modules/method-override").is_dir() {
        step("install Express in target/gate/express", || {
            std::fs::create_dir_all(&folder)?;
            run(program("npm", ["install", "--no-fund", "--no-audit", "--silent", "--prefix", "."])
                .args(express)
                .current_dir(&folder))
        })?;
    }
    nginx()?;
    if !exists("caddy") {
        if !exists("apt-get") {
            bail!("the tests of the gate need Caddy; install `caddy`");
        }
        debian("caddy")?;
    }
    Ok(())
}

/// Prepares a virtual environment with packages, unless it exists. Returns the folder of its programs.
fn environment(folder: &str, contents: &str, packages: &[&str]) -> Result<PathBuf> {
    let venv = at(folder);
    let (programs, ready) = (venv.join("bin"), venv.join(".rolecall-ready"));
    let wanted = packages.join("\n");
    // Create it again if the packages change.
    if std::fs::read_to_string(&ready).ok().as_deref() != Some(&*wanted) {
        step(&format!("make a virtual environment in {folder}, with {contents}"), || {
            let _ = std::fs::remove_dir_all(&venv);
            run(program("python3", ["-m", "venv"]).arg(&venv))?;
            let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            run(program(programs.join("python"), pip).args(packages))?;
            Ok(std::fs::write(ready, &wanted)?)
        })?;
    }
    Ok(programs)
}

/// Returns the path of Chromium; `ROLECALL_CHROMIUM` overrides it.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("ROLECALL_CHROMIUM") {
        return Ok(named.into());
    }
    let find = || {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let mut all = std::env::split_paths(&paths).flat_map(|folder| names.map(|name| folder.join(name)));
        all.find(|path| path.is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    if !exists("apt-get") {
        bail!("the browser tests need Chromium: install it, or set ROLECALL_CHROMIUM to its path");
    }
    debian("chromium")?;
    find().context("Chromium is installed but not found")
}

/// Returns the path of Firefox; `ROLECALL_FIREFOX` overrides it.
pub(crate) fn firefox() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("ROLECALL_FIREFOX") {
        return Ok(named.into());
    }
    let find = || {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let names = ["firefox-esr", "firefox"];
        let mut all = std::env::split_paths(&paths).flat_map(|folder| names.map(|name| folder.join(name)));
        all.find(|path| path.is_file())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    if !exists("apt-get") {
        bail!("the tests of the console need Firefox: install it, or set ROLECALL_FIREFOX to its path");
    }
    debian("firefox-esr")?;
    find().context("Firefox is installed but not found")
}

/// Installs Valgrind, which counts instructions.
pub(crate) fn valgrind() -> Result<PathBuf> {
    if !exists("valgrind") {
        if !exists("apt-get") {
            bail!("counting instructions requires Valgrind; install `valgrind`");
        }
        debian("valgrind")?;
    }
    Ok("valgrind".into())
}

/// Installs cargo-deny, which checks the licences and the sources of dependencies.
pub(crate) fn cargo_deny() -> Result<()> {
    if cargo(["deny", "--version"]).output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    step("install cargo-deny from the registry (once, some minutes)", || {
        run(&mut cargo(["install", "--quiet", "--locked", "cargo-deny@0.20.2"]))
    })
}

/// Installs wrk, which measures the speed of a server.
pub(crate) fn wrk() -> Result<()> {
    if !exists("wrk") {
        if !exists("apt-get") {
            bail!("measuring the server requires `wrk`; install it");
        }
        debian("wrk")?;
    }
    Ok(())
}

/// Installs nginx, for tests behind a proxy.
pub(crate) fn nginx() -> Result<PathBuf> {
    let find =
        || ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].map(PathBuf::from).into_iter().find(|path| path.is_file());
    if exists("nginx") {
        return Ok("nginx".into());
    }
    if find().is_none() {
        if !exists("apt-get") {
            bail!("the tests behind nginx require it; install `nginx`");
        }
        debian("nginx")?;
    }
    find().context("nginx is installed but not found")
}

/// Installs a Debian package.
fn debian(package: &str) -> Result<()> {
    step(&format!("install {package} from Debian"), || {
        let apt = |args: &[&str]| {
            let mut command = if exists("sudo") && std::env::var("USER").is_ok_and(|user| user != "root") {
                program("sudo", ["apt-get"])
            } else {
                program("apt-get", [""; 0])
            };
            command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
            run(&mut command)
        };
        apt(&["update", "-qq"])?;
        apt(&["install", "-y", "-qq", "--no-install-recommends", package])
    })
}
