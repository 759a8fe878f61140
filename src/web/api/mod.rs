//! The JSON API under `/api/v1`: the same rules, rights and scope as the pages.

pub mod agents;
pub mod dial;
pub mod groups;
pub mod openapi;
mod paging;
pub mod routing;
pub mod time_groups;
mod version;
