//! The product's words and rules: no input or output, knows nothing of the other rooms.

pub mod agent;
pub mod ids;
pub mod role;
pub mod status;
pub mod time;
