//! First start: the one-time page that names the install and makes its first administrator.

pub mod view;
