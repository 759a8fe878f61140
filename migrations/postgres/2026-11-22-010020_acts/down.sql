DROP TABLE selections;
DROP TABLE undone_operations;
ALTER TABLE agent_live DROP COLUMN next_duty_by;
ALTER TABLE agent_live DROP COLUMN next_duty_reason;
ALTER TABLE agent_live DROP COLUMN next_duty;
