//! Serves a policy and a directory, or a store, over HTTP.

use super::args::{Log, Serve};
use crate::input::{self, named};
use crate::output::{ExitStatus, println};
use crate::report::{Failure, GOOD, print_line};
use rolecall_server::{Config, Decisions, LogFormat, Reload, Server, StartError, Traces};
use std::io::Write;
use std::path::Path;

/// Returns the configuration of the file, overridden by the command line.
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
            print_line(format_args!("{GOOD}good{GOOD:#}: the server can start"));
            return Ok(ExitStatus::Allow);
        }
        let server = Server::bind(config).await.map_err(failure)?;
        reload_on_hangup(server.reloader(), args.clone());
        // Print one line on standard output, for programs that wait for it. The log goes to standard error.
        println(&format!("listening on {}, as {}", server.address(), server.url()))?;
        std::io::stdout().flush()?;
        server.run(stopped()).await?;
        Ok(ExitStatus::Allow)
    })
}

/// Reads files again on `SIGHUP`, which `logrotate` and others send. Without a handler the signal would end the
/// process.
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
            // Errors are in the server's own log.
            let _ = tokio::task::spawn_blocking(reread).await;
        }
    });
}

#[cfg(not(unix))]
fn reload_on_hangup(_: Reload, _: Serve) {}

/// Waits for Ctrl-C or for a request to terminate.
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
