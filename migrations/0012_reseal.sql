-- A job may seal secrets again with the first of GATEWAY_SECRET_KEYS.

ALTER TABLE gateway.job
    DROP CONSTRAINT job_kind_check,
    ADD CONSTRAINT job_kind_check CHECK (kind IN ('verify', 'reconcile', 'collect', 'reseal'));
COMMENT ON TABLE gateway.job IS 'Work on the whole fleet, done by one worker: look for drift, verify, collect orphans, seal secrets again';
