//! What every request passes through, outermost first: see [`edge`].

pub mod access;
pub mod compress;
pub mod edge;
pub mod headers;
pub mod method;
pub mod origin;
pub mod request_info;
pub mod signed_out;
