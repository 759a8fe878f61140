//! The columns of the agents table: their order, words and which of them a person sees.

/// One column. Its key is the `data-col` of the cells, the `sort` word and the word in the chooser.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub key: &'static str,
    pub label: &'static str,
    /// Seen until somebody chooses otherwise.
    pub default: bool,
    /// Name and Action can't be hidden.
    pub fixed: bool,
    pub sortable: bool,
}

macro_rules! columns {
    ($($key:ident $label:literal $default:literal $fixed:literal $sortable:literal),+ $(,)?) => {
        /// Every column, in the order of the table.
        pub static COLUMNS: &[Column] = &[$(Column {
            key: stringify!($key),
            label: $label,
            default: $default,
            fixed: $fixed,
            sortable: $sortable,
        }),+];

        /// Which columns are seen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Columns { $(pub $key: bool),+ }

        impl Columns {
            /// Unknown keys are passed over: a stored choice may be older or newer than the program.
            pub fn from_keys<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
                let mut columns = Self { $($key: $fixed),+ };
                for key in keys {
                    match key {
                        $(stringify!($key) => columns.$key = true,)+
                        _ => {}
                    }
                }
                columns
            }

            pub fn shows(&self, key: &str) -> bool {
                match key {
                    $(stringify!($key) => self.$key,)+
                    _ => false,
                }
            }
        }

        impl Default for Columns {
            fn default() -> Self {
                Self { $($key: $default),+ }
            }
        }
    };
}

columns! {
    // key label default fixed sortable
    agent_id "Agent ID" true false true,
    name "Name" true true true,
    employee_id "Employee ID" false false true,
    designation "Designation" false false true,
    call_forwarding_number "Call Forwarding Number" true false true,
    alternative_numbers "Alternative Numbers" true false true,
    phone "Phone" false false true,
    email "Email" false false true,
    intercom_number "Intercom Number" true false true,
    time_group "Time Group" true false true,
    departments "Departments" true false true,
    agent_groups "Agent Groups" false false false,
    username "Username" true false true,
    extension_caller_id "Extension Caller ID" true false true,
    agent_status "Agent Status" true false true,
    extension_status "Extension Status" true false true,
    calls_answered "Calls Answered" true false true,
    missed "Missed" false false true,
    action "Action" true true false,
}

impl Columns {
    /// The keys that are seen, in the order of the table, to store.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        let columns = *self;
        COLUMNS
            .iter()
            .map(|column| column.key)
            .filter(move |key| columns.shows(key))
    }

    /// How many cells stand before the counts: the width of "Total".
    pub fn before_counts(&self) -> usize {
        self.keys()
            .take_while(|key| !matches!(*key, "calls_answered" | "missed" | "action"))
            .count()
    }

    pub fn count(&self) -> usize {
        self.keys().count()
    }

    /// More columns than the page has room for beside the open menu at 1440 px.
    pub fn wide(&self) -> bool {
        COLUMNS
            .iter()
            .any(|column| !column.default && self.shows(column.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_choice_comes_back_and_keeps_name_and_action() {
        let columns = Columns::from_keys(["missed", "no_such_column", "agent_id"]);
        assert_eq!(
            columns.keys().collect::<Vec<_>>(),
            ["agent_id", "name", "missed", "action"]
        );
        assert_eq!(columns.before_counts(), 2);
        assert!(columns.wide());
    }

    #[test]
    fn the_thirteen_columns_are_the_default() {
        assert_eq!(Columns::default().count(), 13);
        assert!(!Columns::default().wide());
    }
}
