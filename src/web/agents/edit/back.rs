//! Where a form came from, and goes back to; and which days the list beside it counts.

use crate::domain::filter::AgentFilter;
use crate::domain::ids::AgentId;
use crate::web::sessions::local_path::local;
use actix_web::HttpRequest;

/// The list or the agent's page, as the link to the form was followed from there.
pub fn from_referer(req: &HttpRequest, otherwise: &str) -> String {
    let here = req.connection_info();
    let referer = header(req, "referer").and_then(|url| path_on(url, here.host()));
    referer
        .filter(|path| is_list(path))
        .unwrap_or(otherwise)
        .to_owned()
}

/// A path that a form asks to go back to, if it is one of ours, with the agent in view.
pub fn checked(back: &str, agent: AgentId) -> String {
    match local(back) {
        path if is_list(path) => format!("{path}#agent-{agent}"),
        path if path.starts_with("/agents/") => path.to_owned(),
        _ => format!("/agents/{agent}"),
    }
}

/// The filter of the list that a part is to be put into: its days decide the counts in a row.
pub fn list_filter(req: &HttpRequest) -> AgentFilter {
    let url = header(req, "hx-current-url").unwrap_or_default();
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    AgentFilter::parse(query).unwrap_or_default()
}

fn is_list(path: &str) -> bool {
    path == "/agents" || path.starts_with("/agents?")
}

/// The path of an address on this host.
fn path_on<'u>(url: &'u str, host: &str) -> Option<&'u str> {
    let rest = url.split_once("://")?.1;
    let path = rest.strip_prefix(host)?;
    path.starts_with('/').then(|| local(path))
}

fn header<'r>(req: &'r HttpRequest, name: &str) -> Option<&'r str> {
    req.headers().get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;

    #[test]
    fn a_form_goes_back_to_a_list_or_an_agent_of_ours() {
        let agent = AgentId::of(UserId(42));
        assert_eq!(
            checked("/agents?q=a&days=7", agent),
            "/agents?q=a&days=7#agent-010042"
        );
        assert_eq!(checked("/agents/010042", agent), "/agents/010042");
        for elsewhere in [
            "",
            "https://x.test/agents",
            "//x.test/agents",
            "/sign-out",
            "/\\x",
        ] {
            assert_eq!(checked(elsewhere, agent), "/agents/010042", "{elsewhere}");
        }
        assert_eq!(path_on("http://h:1/agents?q=1", "h:1"), Some("/agents?q=1"));
        assert_eq!(path_on("http://other/agents", "h:1"), None);
    }
}
