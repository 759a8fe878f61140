ALTER TABLE mail_queue DROP COLUMN failure;
ALTER TABLE mail_queue DROP COLUMN failed_at;
