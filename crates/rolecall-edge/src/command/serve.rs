//! Serves the gate.

use super::args::{Asks, Serve};
use super::component::load;
use super::reload::{Files, reload_on_hangup};
use anyhow::{Context, Result};
use rolecall_edge::{Backend, Caller, EngineSource, Gate, Pool, Upstream, router};
use rolecall_http::{Http, listen};
use std::sync::Arc;

pub(super) fn serve(args: Serve) -> Result<()> {
    let bounds = args.connections.bounds()?;
    let files = Files { routes: args.routes, documents: args.policy.zip(args.directory) };
    let routes = files.routes()?;
    let behind = match (args.root, args.upstream) {
        (Some(root), _) => Backend::Files(root),
        (None, Some(upstream)) => Backend::upstream(upstream)?,
        (None, None) => Backend::Answer(match args.answer.unwrap_or(Asks::Itself) {
            Asks::Itself => Caller::Itself,
            Asks::Traefik => Caller::Traefik,
            Asks::Caddy => Caller::Caddy,
            Asks::Nginx => Caller::Nginx,
        }),
    };
    let host = load(&args.component)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let (source, following) = match (&args.follow, files.source()?) {
            (Some(url), _) => {
                let upstream = Upstream::new(url, args.token.as_deref().unwrap_or_default())?;
                let (bytes, mark) = upstream.snapshot().await?;
                (EngineSource::Snapshot(bytes), Some((upstream, mark)))
            }
            (None, Some(source)) => (source, None),
            (None, None) => anyhow::bail!("give `--policy` and `--directory`, or `--follow`"),
        };
        let gate = Arc::new(Gate::new(routes, Pool::new(host, source)?)?);
        if let Some((upstream, mark)) = following {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { upstream.follow(gate, mark).await });
        }
        reload_on_hangup(Arc::clone(&gate), files);
        // A proxy that asks before it forwards holds the connections of all clients.
        let (asks, trusting) = (matches!(behind, Backend::Answer(_)), Arc::clone(&gate));
        let is_proxy = move |peer| asks || trusting.trusts(peer);
        let router = router(gate, behind);
        let listener = listen(args.listen).with_context(|| format!("cannot listen on {}", args.listen))?;
        println!("listening on http://{}", listener.local_addr()?);
        Http::new(bounds).with_proxies(is_proxy).serve(listener, router, stopped()).await;
        Ok(())
    })
}

/// Waits for Ctrl-C, or for a termination signal.
async fn stopped() {
    // Without signal support the gate serves until the process ends.
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
