//! The pages of the settings, one beside the other.

use crate::domain::agent::words;
use crate::web::shell::Shell;

words!(/// A page of the settings.
Tab { Plan = "plan", General = "general", Tokens = "tokens", SignIn = "sign-in", Mail = "mail" });

impl Tab {
    /// Those that the reader may open: tokens are for who is held to no groups.
    pub fn seen_in(shell: &Shell) -> impl Iterator<Item = Self> + use<> {
        let scoped = shell.scoped;
        let tabs = Self::ALL.iter().copied();
        tabs.filter(move |tab| !scoped || *tab != Self::Tokens)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Plan => "Number plan",
            Self::General => "General",
            Self::Tokens => "API tokens",
            Self::SignIn => "Signing in",
            Self::Mail => "Mail",
        }
    }

    pub fn href(self) -> &'static str {
        match self {
            Self::Plan => "/settings",
            Self::General => "/settings/general",
            Self::Tokens => "/settings/tokens",
            Self::SignIn => "/settings/sign-in",
            Self::Mail => "/settings/mail",
        }
    }
}
