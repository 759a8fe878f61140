ALTER TABLE legs ADD CONSTRAINT legs_agent_fk FOREIGN KEY (agent_id) REFERENCES agents (user_id);
DROP INDEX mail_queue_user_idx;
DROP INDEX one_time_links_user_idx;
DROP TABLE import_mappings;
DROP TABLE import_results;
DROP TABLE import_rows;
DROP TABLE import_chunks;
DROP TABLE imports;
