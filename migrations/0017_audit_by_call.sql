-- The audit log is asked for all calls of one kind: without this, for a rare kind, every entry was read.

CREATE INDEX audit_of_call ON gateway.audit (call, id);
