//! The codes of the errors of stores.

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal)*) => {
        /// The code of an error of a store, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum StoreCode {
            $($(#[doc = $doc])* $name,)*
        }

        impl StoreCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code as text, such as `store.busy`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

codes! {
    /// The state has another version than the caller expected.
    Conflict = "conflict"
    /// The id belongs to another command.
    Renamed = "command.renamed"
    /// The time of the command is too far from the last event.
    ClockJump = "time.jump"
    /// Another program has locked the store.
    Busy = "store.busy"
    /// The file to create exists already.
    Exists = "store.exists"
    /// The file does not exist.
    Absent = "store.absent"
    /// The file is not a Rolecall file, or it is damaged.
    Unusable = "store.unusable"
    /// The audit log was changed after it was written.
    Tampered = "store.tampered"
    /// The file is the store itself, but another file is needed.
    Same = "store.same"
    /// The database failed.
    Database = "store.database"
    /// The file system failed.
    Io = "store.io"
}
