//! The server, its tokens and keys, and asking a log of decisions again.

use super::args::{Keys as KeysArgs, Log, Replay as ReplayArgs, Serve};
use crate::input;
use crate::output::{ExitStatus, println};
use crate::report::{BAD, Failure, GOOD, print_line};
use rolecall_authzen::Mapping;
use rolecall_pass::{Keys, Secret};
use rolecall_server::{
    Config, Decisions, LogFormat, Reload, Replay, Replayed, Server, StartError, Traces, fresh_token, replay,
    token_digest,
};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use tempfile::NamedTempFile;

fn named(path: &Path) -> impl Fn(String) -> Failure + '_ {
    |why| Failure::Input { path: path.to_path_buf(), why }
}

/// The configuration of the file, and what the command line says otherwise.
fn config(args: &Serve) -> Result<Config, Failure> {
    let mut config = match &args.config {
        None => Config::default(),
        Some(path) => {
            let folder = path.parent().unwrap_or(Path::new(""));
            Config::parse(&input::text(path)?, folder).map_err(|error| named(path)(error.to_string()))?
        }
    };
    if args.policy.is_some() || args.directory.is_some() || args.store.is_some() {
        (config.policy, config.directory, config.store) =
            (args.policy.clone(), args.directory.clone(), args.store.clone());
    }
    config.listen = args.listen.unwrap_or(config.listen);
    config.url = args.url.clone().or(config.url);
    config.mapping = args.mapping.clone().or(config.mapping);
    config.open |= args.open;
    if let Some(file) = &args.decisions {
        let given = Decisions::to_file(file.clone());
        config.decisions =
            Some(config.decisions.map_or(given, |decisions| Decisions { file: file.clone(), ..decisions }));
    }
    if let Some(endpoint) = &args.traces {
        let sample = config.traces.map_or(1.0, |traces| traces.sample);
        config.traces = Some(Traces { endpoint: endpoint.clone(), sample });
    }
    config.log = match args.log {
        None => config.log,
        Some(Log::Text) => LogFormat::Text,
        Some(Log::Json) => LogFormat::Json,
    };
    Ok(config)
}

pub(crate) fn serve(args: &Serve) -> Result<ExitStatus, Failure> {
    let config = config(args)?;
    rolecall_server::log(config.log);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let failure = |error: StartError| Failure::Conflict(error.to_string());
        if args.check {
            Server::check(config).await.map_err(failure)?;
            print_line(format_args!("{GOOD}good{GOOD:#}: the server would start"));
            return Ok(ExitStatus::Allow);
        }
        let server = Server::bind(config).await.map_err(failure)?;
        reload_on_hangup(server.reloader(), args.clone());
        // One line on standard output, for whoever waits for it; the log goes to standard error.
        println(&format!("listening on {}, as {}", server.address(), server.url()))?;
        std::io::stdout().flush()?;
        server.run(stopped()).await?;
        Ok(ExitStatus::Allow)
    })
}

/// Reads files again on `SIGHUP`, as `logrotate` and others send it; without a handler the signal would end the process.
#[cfg(unix)]
fn reload_on_hangup(reload: Reload, args: Serve) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return };
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            let (reload, args) = (reload.clone(), args.clone());
            let reread = move || {
                reload.tokens(config(&args).map_err(|failure| match failure {
                    Failure::Input { path, why } => format!("{}: {why}", path.display()),
                    _ => "it cannot be read".to_string(),
                }));
                reload.reload();
            };
            // What fails is in the server's own log.
            let _ = tokio::task::spawn_blocking(reread).await;
        }
    });
}

#[cfg(not(unix))]
fn reload_on_hangup(_: Reload, _: Serve) {}

/// Waits for Ctrl-C, or to be terminated.
async fn stopped() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            },
            Err(_) => interrupted.await,
        }
    }
    #[cfg(not(unix))]
    interrupted.await;
}

pub(crate) fn token() -> Result<ExitStatus, Failure> {
    let token =
        fresh_token().map_err(|error| Failure::Conflict(format!("the system gives no random bytes: {error}")))?;
    println(&format!("token:  {token}"))?;
    println(&format!("sha256: {}", token_digest(&token)))?;
    Ok(ExitStatus::Allow)
}

fn read_keys(file: &Path) -> Result<Keys, Failure> {
    Keys::from_json(&input::text(file)?).map_err(|error| named(file)(error.to_string()))
}

pub(crate) fn keys(args: &KeysArgs) -> Result<ExitStatus, Failure> {
    match args {
        KeysArgs::Rotate { file } => {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed)
                .map_err(|error| Failure::Conflict(format!("the system gives no random bytes: {error}")))?;
            let secret = Secret::from_seed(seed);
            let id = secret.id().to_string();
            let keys = match file.exists() {
                true => {
                    let mut keys = read_keys(file)?;
                    keys.rotate(secret);
                    keys
                }
                false => Keys::new(vec![secret]),
            };
            write_keys(file, &keys)?;
            println(&id)?;
        }
        KeysArgs::Retire { file, id } => {
            let mut keys = read_keys(file)?;
            if !keys.retire(id) {
                let why = format!(
                    "there is no key `{id}` here, or it is the one that signs; `keys rotate` makes another one that signs"
                );
                return Err(named(file)(why));
            }
            write_keys(file, &keys)?;
        }
        KeysArgs::Show { file } => println(&read_keys(file)?.public().to_json())?,
    }
    Ok(ExitStatus::Allow)
}

/// Replaces the file whole: who reads it sees the old keys or the new ones. It is a new file, which nobody else can read.
fn write_keys(file: &Path, keys: &Keys) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut next = NamedTempFile::new_in(folder)?;
        next.write_all(keys.to_json().as_bytes())?;
        next.write_all(b"\n")?;
        next.as_file().sync_all()?;
        next.persist(file)?;
        Ok(())
    };
    write().map_err(input::unreadable(file))
}

pub(crate) fn replayed(args: &ReplayArgs) -> Result<ExitStatus, Failure> {
    let engine = input::engine(&args.documents)?;
    let mapping = match &args.mapping {
        None => Mapping::default(),
        Some(path) => {
            Mapping::parse(engine.policy(), &input::text(path)?).map_err(|error| named(path)(error.to_string()))?
        }
    };
    let log = std::fs::File::open(&args.log).map_err(input::unreadable(&args.log))?;
    let mut counts = Replay::default();
    for line in BufReader::new(log).lines() {
        let line = line.map_err(input::unreadable(&args.log))?;
        let one = replay(&engine, &mapping, &line);
        counts.count(&one);
        match &one {
            Replayed::Changed { .. } if args.json => println(&rolecall_contract::canonical(&one))?,
            Replayed::Changed { request, before, after } => {
                let told = |decisions: &[bool]| {
                    let words = decisions.iter().map(|allow| if *allow { "allow" } else { "deny" });
                    words.collect::<Vec<_>>().join(" ")
                };
                let (before, after) = (told(before), told(after));
                print_line(format_args!("{BAD}changed{BAD:#}  {before} -> {after}  {request}"));
            }
            Replayed::Unreadable { why } if !args.json => print_line(format_args!("{BAD}unreadable{BAD:#}  {why}")),
            Replayed::Same | Replayed::Masked | Replayed::Unreadable { .. } => {}
        }
    }
    if args.json {
        println(&rolecall_contract::canonical(&counts))?;
    } else {
        let Replay { same, changed, masked, unreadable } = counts;
        print_line(format_args!("{same} the same, {changed} changed, {masked} masked, {unreadable} unreadable"));
    }
    if counts.unreadable > 0 {
        let why = format!("{} lines are not decisions of a log", counts.unreadable);
        return Err(named(&args.log)(why));
    }
    Ok(if counts.changed == 0 { ExitStatus::Allow } else { ExitStatus::Deny })
}
