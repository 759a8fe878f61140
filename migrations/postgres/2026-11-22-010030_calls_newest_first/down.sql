DROP INDEX legs_day_started_idx;
