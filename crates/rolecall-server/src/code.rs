//! The codes of error responses that only the server has, with their statuses.

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $status:literal;)*) => {
        /// The code of an error response that only the server has. Responses also contain codes of malformed requests,
        /// passes, the store and refused commands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum ServerCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl ServerCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code as text, such as `session.ended`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the HTTP status of the response.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

codes! {
    /// The request has no known token or pass.
    Unauthenticated = "unauthenticated", 401;
    /// The token does not grant the right.
    Forbidden = "forbidden", 403;
    /// The token is not valid from the network of the client.
    NetworkDenied = "network.denied", 403;
    /// The caller may not state the connection of someone else.
    ContextForbidden = "context.forbidden", 403;
    /// The request may come from another page.
    Csrf = "csrf", 403;
    /// The caller sent too many requests.
    RateExceeded = "rate.exceeded", 429;
    /// Too many streams are open.
    StreamsExceeded = "streams.exceeded", 503;
    /// No route has the address.
    AddressUnknown = "address.unknown", 404;
    /// The address does not support the method.
    MethodUnknown = "method.unknown", 405;
    /// Another server could read the request differently.
    RequestAmbiguous = "request.ambiguous", 400;
    /// The body is not declared as JSON.
    BodyType = "body.type", 415;
    /// The body is too large.
    BodySize = "body.size", 413;
    /// The body ended early.
    BodyBroken = "body.broken", 400;
    /// The request or its response took too long.
    TimeExceeded = "time.exceeded", 503;
    /// The server has documents instead of a store.
    StoreMissing = "store.missing", 404;
    /// The store did not answer in time, and the command may still be applied.
    CommandUnsettled = "command.unsettled", 503;
    /// The AuthZEN mapping does not fit the policy.
    MappingInvalid = "mapping.invalid", 500;
    /// The server does not answer from current data.
    NotReady = "not-ready", 503;
    /// The server failed.
    Internal = "internal", 500;
    /// The server has no login.
    LoginMissing = "login.missing", 404;
    /// The provider is not configured.
    ProviderUnknown = "provider.unknown", 404;
    /// Support staff log in at a tenant, which the address must name.
    LoginTenant = "login.tenant", 400;
    /// The return address is not allowed.
    LoginReturn = "login.return", 400;
    /// The browser has no pending login with this state.
    LoginState = "login.state", 400;
    /// The link of an invitation has no token.
    InvitationToken = "invitation.token", 400;
    /// The provider is unreachable or misconfigured.
    LoginProvider = "login.provider", 502;
    /// The provider denied the login.
    LoginDenied = "login.denied", 403;
    /// The response of the provider is not valid for this login.
    LoginToken = "login.token", 403;
    /// The provider does not identify the user reliably.
    LoginClaim = "login.claim", 403;
    /// The subject is not of the identity domain of the provider.
    LoginDomain = "login.domain", 403;
    /// A guard of the identity domain denies the login.
    LoginRefused = "login.refused", 403;
    /// Nobody is logged in.
    SessionMissing = "session.missing", 401;
    /// The session has ended.
    SessionEnded = "session.ended", 401;
    /// A pass of a browser session cannot be renewed by itself.
    SessionPass = "session.pass", 401;
}

macro_rules! ends {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal)*) => {
        /// Why the server or its user ended a session, as the audit log records it. If a guard ended the session, the
        /// log has the reason of the guard instead.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum SessionCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl SessionCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code as text, such as `logged-out`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

ends! {
    /// The user logged out.
    LoggedOut = "logged-out"
    /// The user logged in again in the same browser.
    LoggedInAgain = "logged-in-again"
    /// The user has too many sessions; the oldest ended.
    Limit = "session-limit"
    /// The session reached its longest duration.
    Over = "session-over"
    /// The provider of the login was removed or replaced.
    ProviderRemoved = "provider-removed"
    /// The cookie came from another address.
    Moved = "session-moved"
}
