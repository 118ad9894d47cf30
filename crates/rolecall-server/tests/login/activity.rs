//! What counts as activity of a session.

use crate::provider::{csrf, log_in, provider, served, session};
use std::time::Duration;

/// The policy's timeout of 1.5 seconds applies to this user, who has no identity domain.
const USER: &str = "free@example.org";

#[tokio::test]
async fn calls_of_administration_extend_a_session_unless_they_are_in_the_background() {
    let replies = provider().await;
    let server = served(&replies, |config| config).await;
    for (background, lives) in [(false, true), (true, false)] {
        let cookie = log_in(&server, &replies, "google", USER).await.unwrap();
        let token = csrf(&server, &cookie).await;
        let mut headers = vec![("cookie", &*cookie), ("rolecall-csrf", &*token)];
        if background {
            headers.push(("rolecall-background", "1"));
        }
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(600)).await;
            // The user may see nothing, but has asked.
            server.get("/v1/administration/settings?at=acme", &headers).await;
        }
        assert_eq!(session(&server, &cookie).await.status.as_u16() == 200, lives, "background: {background}");
    }
}
