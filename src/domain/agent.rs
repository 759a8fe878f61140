//! What an agent is set to: choices that are stored as words.

/// A stored word that this version does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown word {0:?}")]
pub struct UnknownWord(pub String);

/// An enum whose values are stored, posted and filtered by as lower-case words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::domain::agent::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::domain::agent::UnknownWord(other.to_owned())),
                }
            }
        }
    };
}
pub(crate) use words;

words!(/// What rings when a call is offered to the agent.
RingsOn { Phone = "phone", Extension = "extension", Both = "both" });

words!(/// How far the agent may call out. Emergency numbers always go through.
OutgoingCalls { All = "all", National = "national", Internal = "internal", None = "none" });
