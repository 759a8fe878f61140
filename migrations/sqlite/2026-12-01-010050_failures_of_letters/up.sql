-- What the last try of a letter that waits came to, for those who may do something about it.
ALTER TABLE mail_queue ADD COLUMN failed_at BIGINT;
ALTER TABLE mail_queue ADD COLUMN failure TEXT;
