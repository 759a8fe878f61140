//! The tables as diesel sees them, the same for both databases.

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
        version -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    roles (id) {
        id -> BigInt,
        name -> Text,
        permissions -> Text,
        built_in -> Bool,
        own_groups -> Bool,
        version -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        employee_id -> Nullable<Text>,
        designation -> Text,
        phone -> Nullable<Text>,
        email -> Nullable<Text>,
        login_id -> Text,
        password_hash -> Nullable<Text>,
        role_id -> BigInt,
        web_login -> Text,
        failed_sign_ins -> Integer,
        locked_until -> Nullable<BigInt>,
        allowed_ips -> Text,
        preferences -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    time_groups (id) {
        id -> BigInt,
        name -> Text,
        zone -> Text,
        always -> Bool,
        open_now -> Bool,
        next_change_at -> Nullable<BigInt>,
        version -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    time_group_rows (id) {
        id -> BigInt,
        time_group_id -> BigInt,
        weekdays -> Integer,
        from_minute -> Integer,
        to_minute -> Integer,
    }
}

diesel::table! {
    time_group_holidays (time_group_id, day) {
        time_group_id -> BigInt,
        day -> Integer,
        name -> Text,
    }
}

diesel::table! {
    agents (user_id) {
        user_id -> BigInt,
        forwarding_number -> Nullable<Text>,
        alternative_numbers -> Text,
        rings_on -> Text,
        intercom -> Nullable<Text>,
        time_group_id -> Nullable<BigInt>,
        outgoing_calls -> Text,
        login_based -> Bool,
        admin_state -> Text,
        admin_reason -> Nullable<Text>,
        admin_until -> Nullable<BigInt>,
        admin_at -> BigInt,
        admin_by -> Nullable<BigInt>,
        removed_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    agent_live (agent_id) {
        agent_id -> BigInt,
        duty -> Text,
        duty_reason -> Nullable<Text>,
        duty_at -> BigInt,
        duty_heard_at -> BigInt,
        duty_sequence -> Text,
        device -> Text,
        device_at -> BigInt,
        device_heard_at -> BigInt,
        device_sequence -> Text,
        call_state -> Text,
        call_at -> BigInt,
        call_heard_at -> BigInt,
        call_sequence -> Text,
        call_until -> Nullable<BigInt>,
        next_duty -> Nullable<Text>,
        next_duty_reason -> Nullable<Text>,
        next_duty_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    intervals (id) {
        id -> BigInt,
        agent_id -> BigInt,
        axis -> Text,
        value -> Text,
        reason -> Nullable<Text>,
        by_user -> Nullable<BigInt>,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    extensions (id) {
        id -> BigInt,
        username -> Text,
        agent_id -> Nullable<BigInt>,
        digest -> Nullable<Text>,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    agent_groups (id) {
        id -> BigInt,
        name -> Text,
        description -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    user_scope_groups (user_id, group_id) {
        user_id -> BigInt,
        group_id -> BigInt,
    }
}

diesel::table! {
    agent_group_members (agent_id, group_id) {
        group_id -> BigInt,
        agent_id -> BigInt,
    }
}

diesel::table! {
    departments (id) {
        id -> BigInt,
        name -> Text,
        description -> Text,
        ring_strategy -> Text,
        ring_timeout_seconds -> Integer,
        wrap_up_seconds -> Integer,
        use_as_queue -> Bool,
        transfer_code -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    department_members (agent_id, department_id) {
        department_id -> BigInt,
        agent_id -> BigInt,
        position -> Integer,
    }
}

diesel::table! {
    ivrs (id) {
        id -> BigInt,
        name -> Text,
        transfer_code -> Text,
        target -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    caller_ids (id) {
        id -> BigInt,
        number -> Text,
        label -> Text,
        target_kind -> Text,
        target_id -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    agent_caller_ids (agent_id, caller_id_id) {
        agent_id -> BigInt,
        caller_id_id -> BigInt,
        position -> Integer,
    }
}

diesel::table! {
    claims (kind, value) {
        kind -> Text,
        value -> Text,
        owner_kind -> Text,
        owner_id -> BigInt,
        held_until -> Nullable<BigInt>,
    }
}

diesel::table! {
    calls (id) {
        id -> BigInt,
        source -> Text,
        call_id -> Text,
        direction -> Text,
        caller -> Text,
        callee -> Text,
        department_id -> Nullable<BigInt>,
        started_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        reported_answer_at -> Nullable<BigInt>,
        reported_end_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        day -> Integer,
        missed -> Bool,
    }
}

diesel::table! {
    legs (id) {
        id -> BigInt,
        source -> Text,
        leg_id -> Text,
        authority -> Text,
        call -> BigInt,
        agent_id -> BigInt,
        department_id -> Nullable<BigInt>,
        direction -> Text,
        other_party -> Text,
        our_number -> Text,
        started_at -> BigInt,
        answered_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
        day -> Integer,
        counts -> Integer,
    }
}

diesel::table! {
    seen_events (source, event_id) {
        source -> Text,
        event_id -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    sources (name) {
        name -> Text,
        kind -> Text,
        last_seen_at -> BigInt,
    }
}

diesel::table! {
    day_counts (generation, day, agent_id, department_id) {
        generation -> Integer,
        day -> Integer,
        agent_id -> BigInt,
        department_id -> BigInt,
        answered -> Integer,
        missed -> Integer,
    }
}

diesel::table! {
    audit_entries (id) {
        id -> BigInt,
        tx -> BigInt,
        at -> BigInt,
        operation -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<BigInt>,
        actor_name -> Text,
        address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Nullable<BigInt>,
        subject_name -> Text,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        version_after -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_seals (id) {
        id -> BigInt,
        sealed_at -> BigInt,
        last_tx -> BigInt,
        last_entry -> BigInt,
        entries -> Integer,
        hash -> Text,
    }
}

diesel::table! {
    changes (seq) {
        seq -> BigInt,
        tx -> BigInt,
        node -> BigInt,
        at -> BigInt,
        kind -> Text,
        id -> BigInt,
        day -> Nullable<Integer>,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        until -> BigInt,
    }
}

diesel::table! {
    sessions (id_hash) {
        id_hash -> Text,
        user_id -> Nullable<BigInt>,
        state -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        address -> Text,
        user_agent -> Text,
        proved_at -> BigInt,
    }
}

diesel::table! {
    second_factors (user_id) {
        user_id -> BigInt,
        secret -> Text,
        last_step -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    recovery_codes (user_id, hash) {
        user_id -> BigInt,
        hash -> Text,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    factor_roles (role_id) {
        role_id -> BigInt,
    }
}

diesel::table! {
    mail_queue (id) {
        id -> BigInt,
        user_id -> BigInt,
        recipient -> Text,
        letter -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        tries -> Integer,
        next_try_at -> BigInt,
        failed_at -> Nullable<BigInt>,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        name -> Text,
        hash -> Text,
        role_id -> BigInt,
        created_by -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    token_scope_groups (token_id, group_id) {
        token_id -> BigInt,
        group_id -> BigInt,
    }
}

diesel::table! {
    audit_anchors (seal) {
        seal -> BigInt,
        last_tx -> BigInt,
        last_entry -> BigInt,
        removed -> BigInt,
        removed_at -> BigInt,
        hash -> Text,
    }
}

diesel::table! {
    one_time_links (id) {
        id -> BigInt,
        kind -> Text,
        user_id -> Nullable<BigInt>,
        hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    undone_operations (operation) {
        operation -> Text,
        undone_by -> Text,
        undone_at -> BigInt,
    }
}

diesel::table! {
    selections (id) {
        id -> Text,
        user_id -> BigInt,
        agents -> Text,
        made_at -> BigInt,
    }
}

diesel::table! {
    imports (id) {
        id -> BigInt,
        actor_kind -> Text,
        actor_id -> Nullable<BigInt>,
        actor -> Text,
        created_at -> BigInt,
        file_name -> Text,
        sha256 -> Nullable<Text>,
        size -> BigInt,
        state -> Text,
        asked -> Text,
        options -> Text,
        found -> Nullable<Text>,
        listed -> Text,
        fault -> Nullable<Text>,
        plan -> BigInt,
        counts -> Text,
        mode -> Nullable<Text>,
        place -> BigInt,
        done -> Text,
        operation -> Nullable<Text>,
        undo_operation -> Nullable<Text>,
        undo_actor -> Nullable<Text>,
        changed_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    import_chunks (import_id, chunk) {
        import_id -> BigInt,
        chunk -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    import_rows (import_id, number) {
        import_id -> BigInt,
        number -> BigInt,
        line -> BigInt,
        kind -> Text,
        plan -> Text,
        cells -> Nullable<Text>,
    }
}

diesel::table! {
    import_results (import_id, number) {
        import_id -> BigInt,
        number -> BigInt,
        outcome -> Text,
        user_id -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        cells -> Nullable<Text>,
    }
}

diesel::table! {
    import_mappings (head) {
        head -> Text,
        mapping -> Text,
        used_at -> BigInt,
    }
}

diesel::joinable!(legs -> calls (call));
diesel::joinable!(extensions -> agents (agent_id));
diesel::joinable!(agents -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    settings,
    roles,
    users,
    time_groups,
    time_group_rows,
    time_group_holidays,
    agents,
    agent_live,
    intervals,
    extensions,
    agent_groups,
    user_scope_groups,
    agent_group_members,
    departments,
    department_members,
    ivrs,
    caller_ids,
    agent_caller_ids,
    claims,
    calls,
    legs,
    seen_events,
    sources,
    day_counts,
    audit_entries,
    audit_seals,
    changes,
    leases,
    sessions,
    second_factors,
    recovery_codes,
    factor_roles,
    mail_queue,
    api_tokens,
    token_scope_groups,
    audit_anchors,
    one_time_links,
    undone_operations,
    selections,
    imports,
    import_chunks,
    import_rows,
    import_results,
    import_mappings
);
