CREATE TABLE legs_with_key (
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
INSERT INTO legs_with_key SELECT * FROM legs;
DROP TABLE legs;
ALTER TABLE legs_with_key RENAME TO legs;
CREATE INDEX legs_call_idx ON legs (call);
CREATE INDEX legs_day_agent_idx ON legs (day, agent_id);
CREATE INDEX legs_open_idx ON legs (agent_id) WHERE ended_at IS NULL;
CREATE INDEX legs_day_started_idx ON legs (day, started_at, id);
DROP INDEX mail_queue_user_idx;
DROP INDEX one_time_links_user_idx;
DROP TABLE import_mappings;
DROP TABLE import_results;
DROP TABLE import_rows;
DROP TABLE import_chunks;
DROP TABLE imports;
