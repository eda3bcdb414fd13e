-- Digests that tell nothing without a key, locks that are taken in one order, lanes that are kept, and an end for what has
-- ended.

-- Bodies may hold passwords, and a digest that anybody can make lets whoever reads the table try them.
ALTER TABLE gateway.installation ADD COLUMN digest_key_sealed text;
COMMENT ON COLUMN gateway.installation.digest_key_sealed IS 'Key of the digests of calls, sealed with GATEWAY_SECRET_KEYS; null until the first is made';
-- What stands there was digested without one. A call of the last day that is repeated is made anew.
DELETE FROM gateway.answer;
COMMENT ON COLUMN gateway.answer.fingerprint IS 'Keyed digest of method, path, query and body: another call under the same key is refused';
COMMENT ON COLUMN gateway.answer.principal IS 'Whose key: a caller that is known; of strangers, a digest of address and call, so that two never share one; of who follows a link, a digest of its token';

-- Whoever locks several tenants takes them by id, so that two who do wait for each other only one way.
--
-- Work that nobody asked for goes behind what people wait for. Where they wait already, be it for a suspend, the lane stays.
CREATE OR REPLACE FUNCTION gateway.plan_after_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Nobody gets the plan from here on: such a tenant would keep the limits before.
    PERFORM FROM gateway.plan WHERE name = NEW.name FOR UPDATE;
    PERFORM FROM gateway.tenant
      WHERE plan = NEW.name AND status IN ('pending', 'provisioning', 'active', 'suspended')
      ORDER BY id FOR NO KEY UPDATE;
    UPDATE gateway.tenant
       SET plan_revision = NEW.revision, reason = format('the plan %s was changed (%s)', NEW.name, NEW.revision),
           repair = repair OR due_at IS NULL
     WHERE plan = NEW.name AND status IN ('pending', 'provisioning', 'active', 'suspended');
    RETURN NULL;
END $$;

-- What has ended is looked for by its age; the last of each kind stays.
CREATE INDEX job_ended ON gateway.job (kind, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX batch_ended ON gateway.batch (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_end ON gateway.session (expires_at);
COMMENT ON TABLE gateway.job IS 'Work on the whole fleet, done by one worker: look for drift, verify, collect orphans, seal secrets again. Goes when job_retention_seconds are over';
COMMENT ON TABLE gateway.batch IS 'One wish about many tenants, opened on one after the other by the workers. Goes when job_retention_seconds are over';
