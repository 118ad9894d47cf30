//! Names the types that implement the resources of the world.

use crate::exports::rolecall::policy::decisions::Guest;
use crate::{engine, portable, session};

/// Implements the exports of the world.
pub(crate) struct Component;

impl Guest for Component {
    type Engine = engine::Engine;
    type Session = session::Session;
    type PortableSession = portable::PortableSession;
}
