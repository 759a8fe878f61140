//! Signing in and out, and the sessions that live in between.

pub mod cookie;
pub mod forgotten;
pub mod hasher;
pub mod links;
pub mod local_path;
pub mod password_link;
pub mod proof;
pub mod recovery;
pub mod registry;
pub mod second_step;
pub mod secret;
pub mod sign_in;
pub mod sign_out;
pub mod throttle;
pub mod tokens;
pub mod view;

pub use hasher::Hasher;
pub use registry::{Limits, Live, Sessions};
pub use throttle::Throttle;
pub use tokens::Tokens;
