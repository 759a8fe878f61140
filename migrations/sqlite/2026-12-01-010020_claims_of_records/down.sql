DROP INDEX claims_of_records_idx;
