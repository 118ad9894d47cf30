//! The command line of applications.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum App {
    /// Replace the settings of an application; an omitted setting gets its default.
    Set {
        /// The application, such as `app:crm`.
        subject: String,
        /// The display name.
        #[arg(long)]
        title: Option<String>,
        /// The description.
        #[arg(long)]
        description: Option<String>,
        /// The lifetime of access tokens, from `1m` to `24h`; defaults to an hour.
        #[arg(long, value_name = "DURATION")]
        token_lifetime: Option<String>,
        /// A range of addresses from which the application may connect, in CIDR notation; can be repeated. Default: any
        /// address.
        #[arg(long = "network", value_name = "RANGE")]
        networks: Vec<String>,
    },
    /// Generate a secret and print it with the client id; it is not shown again.
    AddSecret {
        /// The application.
        subject: String,
        /// The end of the secret, in RFC 3339.
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// A note for people.
        #[arg(long)]
        note: Option<String>,
    },
    /// Remove a secret; tokens that were issued for it end.
    RemoveSecret {
        /// The application.
        subject: String,
        /// The id of the secret.
        secret: String,
    },
}
