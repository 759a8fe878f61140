-- The calls page reads newest first. Rows arrive nearly in this order, so the index grows at its end.
CREATE INDEX legs_day_started_idx ON legs (day, started_at, id);
