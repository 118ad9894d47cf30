//! Enumerations of stable codes with their texts.

macro_rules! codes {
    (
        $(#[$kind_doc:meta])*
        $kind:ident, such as $example:literal;
        $($(#[$doc:meta])* $name:ident = $text:literal)*
    ) => {
        $(#[$kind_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $kind {$(
            $(#[$doc])*
            $name,
        )*}

        impl $kind {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[doc = concat!("Returns the text of the code, such as `", $example, "`.")]
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }

        impl core::fmt::Display for $kind {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

pub(crate) use codes;
