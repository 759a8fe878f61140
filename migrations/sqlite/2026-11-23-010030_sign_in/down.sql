DROP TABLE mail_queue;
DROP TABLE factor_roles;
DROP TABLE recovery_codes;
DROP TABLE second_factors;
ALTER TABLE sessions DROP COLUMN proved_at;
