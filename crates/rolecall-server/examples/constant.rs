//! The baseline of `cargo xtask load`: the same HTTP server, which reads the body and responds with a constant.

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::post;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

async fn constant(_body: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], r#"{"decision":true}"#)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    println!("listening on {}", listener.local_addr()?);
    let router = Router::new().route("/access/v1/evaluation", post(constant));
    axum::serve(listener, router).await
}
