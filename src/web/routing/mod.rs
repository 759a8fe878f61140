//! Departments, IVRs and caller ids: lists, pages, forms, deleting. The address says which of the three.

mod conflict;
mod counts;
pub mod delete;
pub mod deleted;
mod department;
pub mod edit;
mod fill;
pub mod list;
mod members;
pub(in crate::web) mod noun;
mod posted;
pub(in crate::web) mod rows;
pub(in crate::web) mod rules;
pub mod show;
pub mod view;

pub(in crate::web) use counts::by_department;
pub use noun::{Of, key};
