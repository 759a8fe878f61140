//! The JSON API under `/api/v1`: the same rules, rights and scope as the pages.

pub mod agents;
pub mod audit;
pub mod dial;
pub mod groups;
pub mod openapi;
mod paging;
pub mod roles;
pub mod routing;
pub mod time_groups;
pub mod tokens;
pub mod users;
mod version;
