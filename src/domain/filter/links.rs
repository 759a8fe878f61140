//! The filter that the next link leads to: every change of what is shown begins at page one.

use super::{AgentFilter, PerPage, Sort, SortColumn};
use crate::domain::agent::words;
use crate::domain::day_range::DayChoice;
use crate::domain::ids::{DepartmentId, GroupId, TimeGroupId};
use crate::domain::status::{AgentStatus, ExtensionStatus};

words!(/// A part of the filter that narrows the list and can be taken away.
FilterPart {
    Q = "q",
    Status = "status",
    Extension = "extension",
    Group = "group",
    Department = "department",
    TimeGroup = "time_group",
});

impl AgentFilter {
    fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut filter = Self {
            page: 1,
            ..self.clone()
        };
        change(&mut filter);
        filter
    }

    #[must_use]
    pub fn with_page(&self, page: u32) -> Self {
        Self {
            page: page.max(1),
            ..self.clone()
        }
    }

    #[must_use]
    pub fn with_per(&self, per: PerPage) -> Self {
        self.changed(|filter| filter.per = per)
    }

    /// A press on a column's head: ascending, then descending, then back to the default order.
    #[must_use]
    pub fn with_sort(&self, column: SortColumn) -> Self {
        let sort = match self.sort {
            now if now.column != column => Sort {
                column,
                descending: false,
            },
            Sort {
                descending: false, ..
            } => Sort {
                column,
                descending: true,
            },
            Sort {
                descending: true, ..
            } => Sort::default(),
        };
        self.changed(|filter| filter.sort = sort)
    }

    #[must_use]
    pub fn with_q(&self, q: &str) -> Self {
        self.changed(|filter| q.trim().clone_into(&mut filter.q))
    }

    #[must_use]
    pub fn with_status(&self, status: Option<AgentStatus>) -> Self {
        self.changed(|filter| filter.status = status)
    }

    #[must_use]
    pub fn with_extension(&self, extension: Option<ExtensionStatus>) -> Self {
        self.changed(|filter| filter.extension = extension)
    }

    #[must_use]
    pub fn with_group(&self, group: Option<GroupId>) -> Self {
        self.changed(|filter| filter.group = group)
    }

    #[must_use]
    pub fn with_department(&self, department: Option<DepartmentId>) -> Self {
        self.changed(|filter| filter.department = department)
    }

    #[must_use]
    pub fn with_time_group(&self, time_group: Option<TimeGroupId>) -> Self {
        self.changed(|filter| filter.time_group = time_group)
    }

    /// Other days show the same rows, unless the list is sorted by counts.
    #[must_use]
    pub fn with_days(&self, days: DayChoice) -> Self {
        Self {
            days,
            ..self.clone()
        }
    }

    #[must_use]
    pub fn without(&self, part: FilterPart) -> Self {
        self.changed(|filter| match part {
            FilterPart::Q => filter.q.clear(),
            FilterPart::Status => filter.status = None,
            FilterPart::Extension => filter.extension = None,
            FilterPart::Group => filter.group = None,
            FilterPart::Department => filter.department = None,
            FilterPart::TimeGroup => filter.time_group = None,
        })
    }

    /// "Clear all": every agent, in the same order, page size and days.
    #[must_use]
    pub fn cleared(&self) -> Self {
        FilterPart::ALL
            .iter()
            .fold(self.changed(|_| {}), |filter, part| filter.without(*part))
    }

    /// Something keeps rows out.
    pub fn is_narrowed(&self) -> bool {
        FilterPart::ALL.iter().any(|part| self.has(*part))
    }

    pub fn has(&self, part: FilterPart) -> bool {
        match part {
            FilterPart::Q => !self.q.is_empty(),
            FilterPart::Status => self.status.is_some(),
            FilterPart::Extension => self.extension.is_some(),
            FilterPart::Group => self.group.is_some(),
            FilterPart::Department => self.department.is_some(),
            FilterPart::TimeGroup => self.time_group.is_some(),
        }
    }
}
