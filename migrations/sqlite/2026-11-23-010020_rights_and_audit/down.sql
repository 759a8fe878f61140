DROP INDEX audit_entries_actor_idx;
DROP INDEX audit_entries_at_idx;
DROP INDEX audit_entries_order_idx;
DROP TABLE audit_anchors;
DROP TABLE token_scope_groups;
ALTER TABLE roles DROP COLUMN deleted_at;
