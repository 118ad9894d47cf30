//! Reads the route table, the policy and the directory, at the start and again on `SIGHUP`.

use super::component::{named, read};
use anyhow::{Context, Error, Result};
use rolecall_edge::{DocumentIssues, EdgeError, EngineSource, Gate, Pool, Routes};
use std::path::PathBuf;
use std::sync::Arc;

/// The files that are reloaded while the gate runs.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) routes: PathBuf,
    /// Policy and directory; a gate that follows a server has none.
    pub(super) documents: Option<(PathBuf, PathBuf)>,
}

impl Files {
    pub(super) fn routes(&self) -> Result<Routes> {
        Routes::parse(&read(&self.routes)?).with_context(|| named(&self.routes))
    }

    pub(super) fn source(&self) -> Result<Option<EngineSource>> {
        let Some((policy, directory)) = &self.documents else { return Ok(None) };
        Ok(Some(EngineSource::documents(read(policy)?, read(directory)?)))
    }

    /// Reloads all files, or none: a file that is invalid, or does not fit the others, leaves the previous contents in
    /// use, and is reported.
    fn reload(&self, gate: &Gate) {
        let what = if self.documents.is_some() { "route table, policy and directory" } else { "route table" };
        match self.take(gate) {
            Ok(()) => eprintln!("reloaded the {what}"),
            Err(errors) => {
                for error in errors {
                    eprintln!("reload failed; keeping the previous {what}: {error:#}");
                }
            }
        }
    }

    fn take(&self, gate: &Gate) -> Result<(), Vec<Error>> {
        let (routes, pool) = match (self.routes(), self.pool(gate)) {
            (Ok(routes), Ok(pool)) => (routes, pool),
            (routes, pool) => return Err(routes.err().into_iter().chain(pool.err()).collect()),
        };
        let misfit = || match &self.documents {
            Some((policy, _)) => format!("{} does not fit {}", named(&self.routes), named(policy)),
            None => named(&self.routes),
        };
        gate.replace(Some(routes), pool).with_context(misfit).map_err(|error| vec![error])
    }

    /// Compiles policy and directory, if the gate has them.
    fn pool(&self, gate: &Gate) -> Result<Option<Pool>> {
        let pool = self.source()?.map(|source| gate.rules().pool().with_source(source)).transpose();
        pool.map_err(|error| match self.at_fault(&error) {
            Some(files) => Error::new(error).context(files),
            None => error.into(),
        })
    }

    /// Names the files to which issues belong.
    fn at_fault(&self, error: &EdgeError) -> Option<String> {
        let EdgeError::Documents(DocumentIssues { issues, .. }) = error else { return None };
        let (policy, directory) = self.documents.as_ref()?;
        let files = [("policy", policy), ("directory", directory)];
        let found = files.iter().filter(|(document, _)| issues.iter().any(|issue| issue.document == *document));
        Some(found.map(|(_, path)| named(path)).collect::<Vec<_>>().join(", "))
    }
}

/// Reloads the files on `SIGHUP`.
#[cfg(unix)]
pub(super) fn reload_on_hangup(gate: Arc<Gate>, files: Files) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else { return };
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            let (gate, files) = (Arc::clone(&gate), files.clone());
            if let Err(error) = tokio::task::spawn_blocking(move || files.reload(&gate)).await {
                eprintln!("reload failed; keeping everything: {error}");
            }
        }
    });
}

#[cfg(not(unix))]
pub(super) fn reload_on_hangup(_: Arc<Gate>, _: Files) {}
