-- What an agent's duty becomes when the call that is up ends, and who said so.
ALTER TABLE agent_live ADD COLUMN next_duty TEXT;
ALTER TABLE agent_live ADD COLUMN next_duty_reason TEXT;
ALTER TABLE agent_live ADD COLUMN next_duty_by BIGINT;

-- An operation is undone once: `undone_by` is the operation that did it.
CREATE TABLE undone_operations (
    operation TEXT NOT NULL,
    undone_by TEXT NOT NULL,
    undone_at BIGINT NOT NULL,
    CONSTRAINT undone_operations_pk PRIMARY KEY (operation)
);

-- The agents that matched when someone pressed "all that match", as ranges of keys: "5-90,93".
CREATE TABLE selections (
    id TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    agents TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    CONSTRAINT selections_pk PRIMARY KEY (id),
    CONSTRAINT selections_user_fk FOREIGN KEY (user_id) REFERENCES users (id)
);
