-- Numbers that departments and IVRs hold: a handful, which every piece of an upload has to know, among those of a
-- hundred thousand people.
CREATE INDEX claims_of_records_idx ON claims (kind, value) WHERE owner_kind <> 'user';
