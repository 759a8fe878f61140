//! Rows as bulk insertion takes them, one struct per table, every column said.

use super::super::schema::*;
use diesel::prelude::*;

macro_rules! rows {
    ($($(#[$doc:meta])* $name:ident in $table:ident { $($field:ident: $type:ty),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Insertable)]
            #[diesel(table_name = $table, treat_none_as_default_value = false)]
            pub struct $name { $(pub $field: $type),+ }
        )+
    };
}

rows! {
    SettingRow in settings { name: &'static str, value: String, version: i64, updated_at: i64 }

    RoleRow in roles {
        id: i64,
        name: &'static str,
        permissions: String,
        built_in: bool,
        own_groups: bool,
        version: i64,
    }

    UserRow in users {
        id: i64,
        name: String,
        employee_id: Option<String>,
        designation: &'static str,
        phone: Option<String>,
        email: Option<String>,
        login_id: String,
        password_hash: Option<String>,
        role_id: i64,
        web_login: &'static str,
        failed_sign_ins: i32,
        locked_until: Option<i64>,
        allowed_ips: String,
        preferences: &'static str,
        created_at: i64,
        updated_at: i64,
        deleted_at: Option<i64>,
        version: i64,
    }

    AgentRow in agents {
        user_id: i64,
        forwarding_number: Option<String>,
        alternative_numbers: String,
        rings_on: &'static str,
        intercom: Option<String>,
        time_group_id: Option<i64>,
        outgoing_calls: &'static str,
        login_based: bool,
        admin_state: &'static str,
        admin_reason: Option<&'static str>,
        admin_until: Option<i64>,
        admin_at: i64,
        admin_by: Option<i64>,
        removed_at: Option<i64>,
        version: i64,
    }

    LiveRow in agent_live {
        agent_id: i64,
        duty: &'static str,
        duty_reason: Option<&'static str>,
        duty_at: i64,
        device: &'static str,
        device_at: i64,
        device_sequence: &'static str,
        call_state: &'static str,
        call_at: i64,
        call_sequence: &'static str,
        call_until: Option<i64>,
    }

    IntervalRow in intervals {
        agent_id: i64,
        axis: &'static str,
        value: &'static str,
        reason: Option<&'static str>,
        by_user: Option<i64>,
        started_at: i64,
        ended_at: Option<i64>,
    }

    ExtensionRow in extensions {
        id: i64,
        username: String,
        agent_id: Option<i64>,
        digest: Option<String>,
        created_at: i64,
        deleted_at: Option<i64>,
        version: i64,
    }

    TimeGroupRow in time_groups {
        id: i64,
        name: String,
        zone: &'static str,
        always: bool,
        open_now: bool,
        next_change_at: Option<i64>,
        version: i64,
        deleted_at: Option<i64>,
    }

    TimeGroupHoursRow in time_group_rows { time_group_id: i64, weekdays: i32, from_minute: i32, to_minute: i32 }

    TimeGroupHolidayRow in time_group_holidays { time_group_id: i64, day: i32, name: &'static str }

    GroupRow in agent_groups {
        id: i64,
        name: String,
        description: String,
        created_at: i64,
        updated_at: i64,
        deleted_at: Option<i64>,
        version: i64,
    }

    GroupMemberRow in agent_group_members { group_id: i64, agent_id: i64 }

    DepartmentRow in departments {
        id: i64,
        name: String,
        description: String,
        ring_strategy: &'static str,
        ring_timeout_seconds: i32,
        wrap_up_seconds: i32,
        use_as_queue: bool,
        transfer_code: Option<String>,
        created_at: i64,
        updated_at: i64,
        deleted_at: Option<i64>,
        version: i64,
    }

    DepartmentMemberRow in department_members { department_id: i64, agent_id: i64, position: i32 }

    IvrRow in ivrs {
        id: i64,
        name: String,
        transfer_code: String,
        target: String,
        created_at: i64,
        updated_at: i64,
        deleted_at: Option<i64>,
        version: i64,
    }

    CallerIdRow in caller_ids {
        id: i64,
        number: String,
        label: String,
        target_kind: &'static str,
        target_id: Option<i64>,
        deleted_at: Option<i64>,
        version: i64,
    }

    AgentCallerIdRow in agent_caller_ids { agent_id: i64, caller_id_id: i64, position: i32 }

    ClaimRow in claims {
        kind: &'static str,
        value: String,
        owner_kind: &'static str,
        owner_id: i64,
        held_until: Option<i64>,
    }

    CallRow in calls {
        id: i64,
        source: &'static str,
        call_id: String,
        direction: &'static str,
        caller: String,
        callee: String,
        department_id: Option<i64>,
        started_at: i64,
        answered_at: Option<i64>,
        reported_end_at: Option<i64>,
        end_reason: Option<&'static str>,
        ended_at: Option<i64>,
        day: i32,
        missed: bool,
    }

    LegRow in legs {
        id: i64,
        source: &'static str,
        leg_id: String,
        authority: &'static str,
        call: i64,
        agent_id: i64,
        department_id: Option<i64>,
        direction: &'static str,
        other_party: String,
        our_number: String,
        started_at: i64,
        answered_at: Option<i64>,
        ended_at: Option<i64>,
        end_reason: Option<&'static str>,
        day: i32,
        counts: i32,
    }

    DayCountRow in day_counts {
        generation: i32,
        day: i32,
        agent_id: i64,
        department_id: i64,
        answered: i32,
        missed: i32,
    }

    SourceRow in sources { name: &'static str, kind: &'static str, last_seen_at: i64 }

    AuditRow in audit_entries {
        at: i64,
        operation: String,
        actor_kind: &'static str,
        actor_id: Option<i64>,
        actor_name: String,
        address: Option<String>,
        request_id: Option<String>,
        action: &'static str,
        subject_kind: &'static str,
        subject_id: Option<i64>,
        subject_name: String,
        before: Option<String>,
        after: Option<String>,
        version_after: Option<i64>,
    }
}
