//! The product's words and rules: no input or output, knows nothing of the other rooms.

pub mod act;
pub mod agent;
pub mod agent_form;
pub mod audit;
pub mod calendar;
pub mod call;
pub mod day_range;
pub mod feature_code;
pub mod filter;
pub mod ids;
pub mod install;
pub mod number_plan;
pub mod password;
pub mod person;
pub mod phone;
pub mod query;
pub mod record;
pub mod role;
pub mod show;
pub mod status;
pub mod text;
pub mod time;
pub mod time_group;
pub mod timeline;
