//! The JSON API under `/api/v1`: the same rules, rights and scope as the pages.

pub mod agents;
pub mod openapi;
mod paging;
mod version;
