-- The house: every record the product knows. Instants are microseconds UTC; days count from 0001-01-01.

CREATE TABLE settings (
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT settings_pk PRIMARY KEY (name)
);

CREATE TABLE roles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    built_in BOOLEAN NOT NULL,
    own_groups BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    CONSTRAINT roles_name_unique UNIQUE (name)
);

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    employee_id TEXT,
    designation TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    login_id TEXT NOT NULL,
    password_hash TEXT,
    role_id BIGINT NOT NULL,
    web_login TEXT NOT NULL,
    failed_sign_ins INTEGER NOT NULL,
    locked_until BIGINT,
    allowed_ips TEXT NOT NULL,
    preferences TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT users_role_fk FOREIGN KEY (role_id) REFERENCES roles (id)
);

CREATE TABLE time_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    always BOOLEAN NOT NULL,
    open_now BOOLEAN NOT NULL,
    next_change_at BIGINT,
    version BIGINT NOT NULL,
    deleted_at BIGINT
);

CREATE TABLE time_group_rows (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time_group_id BIGINT NOT NULL,
    weekdays INTEGER NOT NULL,
    from_minute INTEGER NOT NULL,
    to_minute INTEGER NOT NULL,
    CONSTRAINT time_group_rows_group_fk FOREIGN KEY (time_group_id) REFERENCES time_groups (id)
);
CREATE INDEX time_group_rows_group_idx ON time_group_rows (time_group_id);

CREATE TABLE time_group_holidays (
    time_group_id BIGINT NOT NULL,
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT time_group_holidays_pk PRIMARY KEY (time_group_id, day),
    CONSTRAINT time_group_holidays_group_fk FOREIGN KEY (time_group_id) REFERENCES time_groups (id)
);

CREATE TABLE agents (
    user_id BIGINT NOT NULL,
    forwarding_number TEXT,
    alternative_numbers TEXT NOT NULL,
    rings_on TEXT NOT NULL,
    intercom TEXT,
    time_group_id BIGINT,
    outgoing_calls TEXT NOT NULL,
    login_based BOOLEAN NOT NULL,
    admin_state TEXT NOT NULL,
    admin_reason TEXT,
    admin_until BIGINT,
    admin_at BIGINT NOT NULL,
    admin_by BIGINT,
    removed_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT agents_pk PRIMARY KEY (user_id),
    CONSTRAINT agents_user_fk FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT agents_time_group_fk FOREIGN KEY (time_group_id) REFERENCES time_groups (id)
);
CREATE INDEX agents_admin_until_idx ON agents (admin_until);

CREATE TABLE agent_live (
    agent_id BIGINT NOT NULL,
    duty TEXT NOT NULL,
    duty_reason TEXT,
    duty_at BIGINT NOT NULL,
    duty_heard_at BIGINT NOT NULL DEFAULT 0,
    duty_sequence TEXT NOT NULL DEFAULT '',
    device TEXT NOT NULL,
    device_at BIGINT NOT NULL,
    device_heard_at BIGINT NOT NULL DEFAULT 0,
    device_sequence TEXT NOT NULL,
    call_state TEXT NOT NULL,
    call_at BIGINT NOT NULL,
    call_heard_at BIGINT NOT NULL DEFAULT 0,
    call_sequence TEXT NOT NULL,
    call_until BIGINT,
    CONSTRAINT agent_live_pk PRIMARY KEY (agent_id),
    CONSTRAINT agent_live_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id)
);
CREATE INDEX agent_live_call_until_idx ON agent_live (call_until) WHERE call_until IS NOT NULL;

CREATE TABLE intervals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    agent_id BIGINT NOT NULL,
    axis TEXT NOT NULL,
    value TEXT NOT NULL,
    reason TEXT,
    by_user BIGINT,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT intervals_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id)
);
CREATE INDEX intervals_agent_idx ON intervals (agent_id, axis, started_at);

CREATE TABLE extensions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    agent_id BIGINT,
    digest TEXT,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL,
    CONSTRAINT extensions_username_unique UNIQUE (username),
    CONSTRAINT extensions_agent_unique UNIQUE (agent_id),
    CONSTRAINT extensions_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id)
);

CREATE TABLE agent_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE user_scope_groups (
    user_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    CONSTRAINT user_scope_groups_pk PRIMARY KEY (user_id, group_id),
    CONSTRAINT user_scope_groups_user_fk FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT user_scope_groups_group_fk FOREIGN KEY (group_id) REFERENCES agent_groups (id)
);

CREATE TABLE agent_group_members (
    group_id BIGINT NOT NULL,
    agent_id BIGINT NOT NULL,
    CONSTRAINT agent_group_members_pk PRIMARY KEY (agent_id, group_id),
    CONSTRAINT agent_group_members_group_fk FOREIGN KEY (group_id) REFERENCES agent_groups (id),
    CONSTRAINT agent_group_members_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id)
);
CREATE INDEX agent_group_members_group_idx ON agent_group_members (group_id);

CREATE TABLE departments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    ring_strategy TEXT NOT NULL,
    ring_timeout_seconds INTEGER NOT NULL,
    wrap_up_seconds INTEGER NOT NULL,
    use_as_queue BOOLEAN NOT NULL,
    transfer_code TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE department_members (
    department_id BIGINT NOT NULL,
    agent_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT department_members_pk PRIMARY KEY (agent_id, department_id),
    CONSTRAINT department_members_department_fk FOREIGN KEY (department_id) REFERENCES departments (id),
    CONSTRAINT department_members_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id)
);
CREATE INDEX department_members_department_idx ON department_members (department_id, position);

CREATE TABLE ivrs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    transfer_code TEXT NOT NULL,
    target TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE caller_ids (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    number TEXT NOT NULL,
    label TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id BIGINT,
    deleted_at BIGINT,
    version BIGINT NOT NULL
);

CREATE TABLE agent_caller_ids (
    agent_id BIGINT NOT NULL,
    caller_id_id BIGINT NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT agent_caller_ids_pk PRIMARY KEY (agent_id, caller_id_id),
    CONSTRAINT agent_caller_ids_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id),
    CONSTRAINT agent_caller_ids_caller_id_fk FOREIGN KEY (caller_id_id) REFERENCES caller_ids (id)
);

-- Who holds a value that must be unique, or held it until the quarantine ends.
CREATE TABLE claims (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    owner_kind TEXT NOT NULL,
    owner_id BIGINT NOT NULL,
    held_until BIGINT,
    CONSTRAINT claims_pk PRIMARY KEY (kind, value)
);
CREATE INDEX claims_owner_idx ON claims (owner_kind, owner_id);

CREATE TABLE calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    call_id TEXT NOT NULL,
    direction TEXT NOT NULL,
    caller TEXT NOT NULL,
    callee TEXT NOT NULL,
    department_id BIGINT,
    started_at BIGINT NOT NULL,
    answered_at BIGINT,
    reported_answer_at BIGINT,
    reported_end_at BIGINT,
    end_reason TEXT,
    ended_at BIGINT,
    day INTEGER NOT NULL,
    missed BOOLEAN NOT NULL,
    CONSTRAINT calls_source_unique UNIQUE (source, call_id)
);
CREATE INDEX calls_open_idx ON calls (source) WHERE ended_at IS NULL;

CREATE TABLE legs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    leg_id TEXT NOT NULL,
    authority TEXT NOT NULL,
    call BIGINT NOT NULL,
    agent_id BIGINT NOT NULL,
    department_id BIGINT,
    direction TEXT NOT NULL,
    other_party TEXT NOT NULL,
    our_number TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    answered_at BIGINT,
    ended_at BIGINT,
    end_reason TEXT,
    day INTEGER NOT NULL,
    counts INTEGER NOT NULL,
    CONSTRAINT legs_source_unique UNIQUE (source, leg_id),
    CONSTRAINT legs_call_fk FOREIGN KEY (call) REFERENCES calls (id),
    CONSTRAINT legs_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id)
);
CREATE INDEX legs_call_idx ON legs (call);
CREATE INDEX legs_day_agent_idx ON legs (day, agent_id);
CREATE INDEX legs_open_idx ON legs (agent_id) WHERE ended_at IS NULL;

CREATE TABLE seen_events (
    source TEXT NOT NULL,
    event_id TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    CONSTRAINT seen_events_pk PRIMARY KEY (source, event_id)
);
CREATE INDEX seen_events_received_idx ON seen_events (received_at);

CREATE TABLE sources (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    CONSTRAINT sources_pk PRIMARY KEY (name)
);

-- An agent's rows split the agent's counts by department (0: none). The row with agent_id 0 is the
-- department's own: all its answered calls, and the callers who gave up.
CREATE TABLE day_counts (
    generation INTEGER NOT NULL,
    day INTEGER NOT NULL,
    agent_id BIGINT NOT NULL,
    department_id BIGINT NOT NULL,
    answered INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    CONSTRAINT day_counts_pk PRIMARY KEY (generation, day, agent_id, department_id)
);

CREATE TABLE audit_entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tx BIGINT NOT NULL DEFAULT 0,
    at BIGINT NOT NULL,
    operation TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id BIGINT,
    actor_name TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id BIGINT,
    subject_name TEXT NOT NULL,
    before TEXT,
    after TEXT,
    version_after BIGINT
);
CREATE INDEX audit_entries_subject_idx ON audit_entries (subject_kind, subject_id, id);
CREATE INDEX audit_entries_operation_idx ON audit_entries (operation);

-- Each seal closes the entries up to (last_tx, last_entry) since the seal before it.
CREATE TABLE audit_seals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sealed_at BIGINT NOT NULL,
    last_tx BIGINT NOT NULL,
    last_entry BIGINT NOT NULL,
    entries INTEGER NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tx BIGINT NOT NULL DEFAULT 0,
    node BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    id BIGINT NOT NULL,
    day INTEGER
);
CREATE INDEX changes_cursor_idx ON changes (tx, seq);

CREATE TABLE leases (
    name TEXT NOT NULL,
    holder TEXT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT leases_pk PRIMARY KEY (name)
);

CREATE TABLE sessions (
    id_hash TEXT NOT NULL,
    user_id BIGINT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    CONSTRAINT sessions_pk PRIMARY KEY (id_hash),
    CONSTRAINT sessions_user_fk FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX sessions_user_idx ON sessions (user_id);

CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    role_id BIGINT NOT NULL,
    created_by BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT,
    CONSTRAINT api_tokens_hash_unique UNIQUE (hash),
    CONSTRAINT api_tokens_role_fk FOREIGN KEY (role_id) REFERENCES roles (id)
);

CREATE TABLE one_time_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    user_id BIGINT,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CONSTRAINT one_time_links_hash_unique UNIQUE (hash),
    CONSTRAINT one_time_links_user_fk FOREIGN KEY (user_id) REFERENCES users (id)
);
