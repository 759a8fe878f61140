-- A role that was deleted keeps its row, so that history and Undo find it; it has no rights any more.
ALTER TABLE roles ADD COLUMN deleted_at BIGINT;

-- The groups on whose agents a token's role holds; none: as the role says.
CREATE TABLE token_scope_groups (
    token_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    CONSTRAINT token_scope_groups_pk PRIMARY KEY (token_id, group_id),
    CONSTRAINT token_scope_groups_token_fk FOREIGN KEY (token_id) REFERENCES api_tokens (id),
    CONSTRAINT token_scope_groups_group_fk FOREIGN KEY (group_id) REFERENCES agent_groups (id)
);

-- Where the chain of seals begins once retention has removed what was before: the last seal of that.
CREATE TABLE audit_anchors (
    seal BIGINT NOT NULL,
    last_tx BIGINT NOT NULL,
    last_entry BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    removed_at BIGINT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT audit_anchors_pk PRIMARY KEY (seal)
);

-- The audit log is read newest first, by time or by who did it, and sealed in the order in which entries became
-- visible. These indexes grow at their ends.
CREATE INDEX audit_entries_order_idx ON audit_entries (tx, id);
CREATE INDEX audit_entries_at_idx ON audit_entries (at, id);
CREATE INDEX audit_entries_actor_idx ON audit_entries (actor_id, at, id);
