-- An upload: who, the file, what was chosen, what was found, and how far its plan, its commit or its undo has come.
CREATE TABLE imports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    actor_kind TEXT NOT NULL,
    actor_id BIGINT,
    actor TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 TEXT,
    size BIGINT NOT NULL,
    state TEXT NOT NULL,
    asked TEXT NOT NULL,
    options TEXT NOT NULL,
    found TEXT,
    listed TEXT NOT NULL,
    fault TEXT,
    plan BIGINT NOT NULL,
    counts TEXT NOT NULL,
    mode TEXT,
    place BIGINT NOT NULL,
    done TEXT NOT NULL,
    operation TEXT,
    undo_operation TEXT,
    undo_actor TEXT,
    changed_at BIGINT NOT NULL,
    finished_at BIGINT,
    version BIGINT NOT NULL
);
CREATE INDEX imports_state_idx ON imports (state, changed_at);
CREATE INDEX imports_actor_idx ON imports (actor_kind, actor_id, id);
CREATE INDEX imports_operation_idx ON imports (operation);

-- The file, until it is carried out, given up or too old: in the database, so that any node reads it.
CREATE TABLE import_chunks (
    import_id BIGINT NOT NULL,
    chunk BIGINT NOT NULL,
    bytes BLOB NOT NULL,
    CONSTRAINT import_chunks_pk PRIMARY KEY (import_id, chunk),
    CONSTRAINT import_chunks_import_fk FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE
);

-- What each row would do. The cells are kept of rows that go into the file of errors.
CREATE TABLE import_rows (
    import_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    line BIGINT NOT NULL,
    kind TEXT NOT NULL,
    plan TEXT NOT NULL,
    cells TEXT,
    CONSTRAINT import_rows_pk PRIMARY KEY (import_id, number),
    CONSTRAINT import_rows_import_fk FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE
);
CREATE INDEX import_rows_kind_idx ON import_rows (import_id, kind, number);

-- What became of rows that were carried out. A table of its own, because rows are added to it far quicker
-- than written over.
CREATE TABLE import_results (
    import_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    user_id BIGINT,
    reason TEXT,
    cells TEXT,
    CONSTRAINT import_results_pk PRIMARY KEY (import_id, number),
    CONSTRAINT import_results_import_fk FOREIGN KEY (import_id) REFERENCES imports (id) ON DELETE CASCADE
);
CREATE INDEX import_results_outcome_idx ON import_results (import_id, outcome, number);

-- What somebody said the columns of a file mean, for the next file with the same head.
CREATE TABLE import_mappings (
    head TEXT NOT NULL,
    mapping TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    CONSTRAINT import_mappings_pk PRIMARY KEY (head)
);

-- Undoing an upload deletes users for good, and a foreign key that no index serves would be looked up in the
-- whole of the other table for each of them.
CREATE INDEX one_time_links_user_idx ON one_time_links (user_id);
CREATE INDEX mail_queue_user_idx ON mail_queue (user_id);

-- An index on legs by agent would slow every call down (the ledger is the busiest table), so legs point to
-- agents without a constraint: the reducer makes them for agents it knows, and who has any is never deleted.
CREATE TABLE legs_without_key (
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
    CONSTRAINT legs_call_fk FOREIGN KEY (call) REFERENCES calls (id)
);
INSERT INTO legs_without_key SELECT * FROM legs;
DROP TABLE legs;
ALTER TABLE legs_without_key RENAME TO legs;
CREATE INDEX legs_call_idx ON legs (call);
CREATE INDEX legs_day_agent_idx ON legs (day, agent_id);
CREATE INDEX legs_open_idx ON legs (agent_id) WHERE ended_at IS NULL;
CREATE INDEX legs_day_started_idx ON legs (day, started_at, id);
