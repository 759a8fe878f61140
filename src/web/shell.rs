//! What surrounds every page: top bar, navigation, banners, results; and the bare door before sign-in.

mod nav;

pub use nav::{NavEntry, NavGroup, Page};

use std::fmt;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use crate::domain::role::{Permission, Permissions, Scope};

/// Name of the cookie with the chosen theme (`light` or `dark`; absent: as the system).
pub const THEME_COOKIE: &str = "theme";
/// Name of the cookie that keeps the navigation folded (`folded`).
pub const MENU_COOKIE: &str = "menu";

/// Light or dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: &'static [Self] = &[Self::System, Self::Light, Self::Dark];

    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// From the browser's cookie; anything unknown is the system's choice.
    pub fn of(request: &HttpRequest) -> Self {
        let word = request.cookie(THEME_COOKIE);
        Self::ALL
            .iter()
            .copied()
            .find(|theme| {
                word.as_ref()
                    .is_some_and(|word| word.value() == theme.word())
            })
            .unwrap_or_default()
    }

    /// The attribute of `<html>`, with its leading space.
    pub fn attribute(self) -> ThemeAttribute {
        ThemeAttribute(self)
    }
}

/// ` data-theme="dark"`, or nothing for the system's choice.
pub struct ThemeAttribute(Theme);

impl fmt::Display for ThemeAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Theme::System => Ok(()),
            Theme::Light => f.write_str(" data-theme=\"light\""),
            Theme::Dark => f.write_str(" data-theme=\"dark\""),
        }
    }
}

impl askama::filters::HtmlSafe for ThemeAttribute {}

/// Who is looking.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    /// Name of the role.
    pub role: String,
    pub initials: String,
}

impl Who {
    pub fn new(name: impl Into<String>, role: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            initials: initials(&name),
            role: role.into(),
            name,
        }
    }
}

/// First letters of the first and the last word, upper case.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().next());
    let first = words.next();
    first
        .into_iter()
        .chain(words.next_back())
        .flat_map(char::to_uppercase)
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Done,
    Warning,
    Failed,
}

impl NoticeKind {
    pub fn icon(self) -> &'static str {
        match self {
            Self::Done => "check",
            Self::Warning => "info",
            Self::Failed => "alert",
        }
    }
}

/// The result of what was just done, shown once.
#[derive(Clone, Debug)]
pub struct Notice {
    pub kind: NoticeKind,
    pub text: String,
    /// What is behind it, a line each; shown on demand.
    pub list: Vec<String>,
    /// The operation that Undo takes back; empty for none.
    pub undo: String,
    /// Where Undo comes back to without script.
    pub back: String,
}

impl Notice {
    pub fn new(kind: NoticeKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            list: Vec::new(),
            undo: String::new(),
            back: String::new(),
        }
    }
}

/// Everything around a page of someone who is signed in.
#[derive(Clone, Debug)]
pub struct Shell {
    pub title: String,
    pub at: Page,
    pub who: Who,
    pub rights: Permissions,
    /// The rights hold on groups alone.
    pub scoped: bool,
    pub theme: Theme,
    /// The navigation is folded to icons.
    pub folded: bool,
    /// The phone system is simulated, and every page says so.
    pub simulated: bool,
    /// The page changes by itself, so it has the button that holds it still.
    pub live: bool,
    /// What stands in the search box of the top bar.
    pub search: String,
    /// Path and query of this page, for forms that come back to it.
    pub here: String,
    pub notice: Option<Notice>,
    /// What was sent waits for a newer proof of who the person is: `parts/confirm.html` says so over the form.
    pub confirm: bool,
}

impl Shell {
    pub fn new(request: &HttpRequest, who: Who, rights: Permissions, simulated: bool) -> Self {
        let folded = request
            .cookie(MENU_COOKIE)
            .is_some_and(|menu| menu.value() == "folded");
        let here = request
            .uri()
            .path_and_query()
            .map_or("/", |here| here.as_str());
        Self {
            title: String::new(),
            at: Page::None,
            who,
            rights,
            scoped: false,
            theme: Theme::of(request),
            folded,
            simulated,
            live: false,
            search: String::new(),
            here: here.to_owned(),
            notice: None,
            confirm: false,
        }
    }

    /// The form that is shown again, as it was typed, waits for the password.
    #[must_use]
    pub fn confirm(mut self, first: bool) -> Self {
        self.confirm = first;
        self
    }

    #[must_use]
    pub fn page(mut self, at: Page, title: impl Into<String>) -> Self {
        self.at = at;
        self.title = title.into();
        self
    }

    #[must_use]
    pub fn scoped(mut self, scope: &Scope) -> Self {
        self.scoped = !scope.is_all();
        self
    }

    #[must_use]
    pub fn live(mut self) -> Self {
        self.live = true;
        self
    }

    #[must_use]
    pub fn notice(mut self, kind: NoticeKind, text: impl Into<String>) -> Self {
        self.notice = Some(Notice::new(kind, text));
        self
    }

    pub fn can_search(&self) -> bool {
        self.rights.contains(Permission::AgentsRead)
    }
}

/// What surrounds sign-in, set-up and errors before sign-in.
#[derive(Clone, Debug)]
pub struct Door {
    pub title: String,
    pub theme: Theme,
    /// Room for a form in two columns.
    pub wide: bool,
    /// A line below; empty for none.
    pub foot: String,
}

impl Door {
    pub fn new(request: &HttpRequest, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            theme: Theme::of(request),
            wide: false,
            foot: String::new(),
        }
    }

    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }
}

#[derive(Debug, Deserialize)]
pub struct ThemeForm {
    theme: String,
    #[serde(default)]
    back: String,
}

/// `POST /theme`: keeps the chosen theme in a cookie and goes back. An unknown word means the system's.
pub async fn set_theme(form: web::Form<ThemeForm>) -> HttpResponse {
    let chosen = Theme::ALL.iter().find(|theme| theme.word() == form.theme);
    let (word, life) = match chosen {
        Some(theme @ (Theme::Light | Theme::Dark)) => (theme.word(), Duration::days(400)),
        Some(Theme::System) | None => ("", Duration::ZERO),
    };
    let cookie = Cookie::build(THEME_COOKIE, word)
        .path("/")
        .same_site(SameSite::Lax)
        .max_age(life)
        .finish();
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, local(&form.back)))
        .cookie(cookie)
        .finish()
}

/// The path if it stays on this site, else the dashboard. Browsers read `\` and `//` as another site.
fn local(path: &str) -> &str {
    let inside = path.starts_with('/') && !path.starts_with("//");
    let plain = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside && plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_two_letters_at_most() {
        assert_eq!(initials("Priya Nair"), "PN");
        assert_eq!(initials("  madonna "), "M");
        assert_eq!(initials("Gurpreet Kaur Sandhu"), "GS");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn going_back_never_leaves_the_site() {
        assert_eq!(local("/agents?q=a%20b"), "/agents?q=a%20b");
        for elsewhere in [
            "",
            "https://x.test/",
            "//x.test",
            "/\\x.test",
            "/a\r\nb",
            "x",
        ] {
            assert_eq!(local(elsewhere), "/");
        }
    }
}
