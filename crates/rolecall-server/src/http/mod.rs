//! Routes and middleware.

mod administration;
mod authzen;
mod body;
mod console;
mod events;
mod filters;
mod headers;
mod health;
mod import;
mod invitations;
mod lists;
mod login;
mod mark;
mod oauth;
mod objects;
mod observe;
mod openapi;
mod passes;
mod queries;
mod router;
mod scopes;
mod sign_on;
mod stream;
mod transactions;
mod viewed;
mod views;

pub(crate) use router::router;
