-- What happened, in one order that everybody reads alike: written by triggers in the transaction of the change, whoever
-- makes it.
--
-- Ids are drawn while transactions run, so they do not become visible in their order. Events are therefore numbered
-- afterwards, when they are committed, by whoever reads: under the lock of one row, so that the numbers become visible in
-- their order and without gaps. Who has seen a number has seen, or can read, all below it. A transaction that stays open
-- holds back its own events and nobody else's.

CREATE TABLE gateway.event (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number       bigint,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind         text NOT NULL,
    tenant_id    uuid,
    operation_id uuid,
    actor        text NOT NULL DEFAULT gateway.actor(),
    data         jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT event_kind_known CHECK (kind IN (
        'tenant.created', 'tenant.edited', 'tenant.paused', 'tenant.resumed', 'tenant.moved', 'tenant.pending',
        'tenant.provisioning', 'tenant.activated', 'tenant.suspended', 'tenant.failed', 'tenant.deleting', 'tenant.purging',
        'tenant.deleted', 'tenant.drifted', 'tenant.repaired',
        'operation.opened', 'operation.succeeded', 'operation.failed', 'operation.cancelled',
        'job.opened', 'job.succeeded', 'job.failed', 'pool.created', 'pool.edited', 'pool.deleted',
        'api_key.created', 'api_key.rotated', 'api_key.revoked'))
);
COMMENT ON TABLE gateway.event IS 'Insert-only; removed from the beginning when event_retention_seconds are over';
COMMENT ON COLUMN gateway.event.id IS 'In the order of writing; a later one may be committed earlier';
COMMENT ON COLUMN gateway.event.number IS 'Its place in the order that is served; null until the first reader after its commit';
COMMENT ON COLUMN gateway.event.tenant_id IS 'No foreign key, whose check would be paid by each change: the row of a tenant is never removed';
COMMENT ON COLUMN gateway.event.operation_id IS 'The operation it is about, or that the tenant had then';
COMMENT ON COLUMN gateway.event.data IS 'A few words on what changed, without secrets';
CREATE INDEX event_unnumbered ON gateway.event (id) WHERE number IS NULL;
CREATE UNIQUE INDEX event_number ON gateway.event (number) WHERE number IS NOT NULL;
CREATE INDEX event_of_tenant ON gateway.event (tenant_id, number) WHERE number IS NOT NULL;

CREATE FUNCTION gateway.event_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'an event is never changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'event_insert_only';
END $$;
CREATE TRIGGER event_guard BEFORE UPDATE ON gateway.event
    FOR EACH ROW WHEN (OLD.number IS NOT NULL OR NEW.number IS NULL
                       OR (OLD.id, OLD.at, OLD.kind, OLD.tenant_id, OLD.operation_id, OLD.actor, OLD.data)
                          IS DISTINCT FROM (NEW.id, NEW.at, NEW.kind, NEW.tenant_id, NEW.operation_id, NEW.actor, NEW.data))
    EXECUTE FUNCTION gateway.event_guard();

CREATE TABLE gateway.event_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last     bigint NOT NULL DEFAULT 0,
    removed  bigint NOT NULL DEFAULT 0,
    CONSTRAINT event_head_order CHECK (removed BETWEEN 0 AND last)
);
COMMENT ON TABLE gateway.event_head IS 'One row. Locking it puts events in order';
COMMENT ON COLUMN gateway.event_head.last IS 'The highest number given';
COMMENT ON COLUMN gateway.event_head.removed IS 'Events up to this number are removed';
INSERT INTO gateway.event_head DEFAULT VALUES;

-- Numbers at most so many of the events that are committed; gives how many. The statements see what was committed until
-- they began, so those after the lock see all that was numbered before. Indexes are used whatever the planner knows of the
-- tables; what it then thinks of the costs would make it compile the statements, which takes a thousand times as long.
CREATE FUNCTION gateway.number_events(most integer) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
    head bigint;
    numbered integer;
BEGIN
    IF NOT EXISTS (SELECT FROM gateway.event WHERE number IS NULL) THEN
        RETURN 0;
    END IF;
    SELECT h.last INTO STRICT head FROM gateway.event_head h FOR UPDATE;
    UPDATE gateway.event e SET number = head + waiting.place
      FROM (SELECT w.id, row_number() OVER (ORDER BY w.id) AS place
              FROM (SELECT id FROM gateway.event WHERE number IS NULL ORDER BY id LIMIT most) w) waiting
     WHERE e.id = waiting.id;
    GET DIAGNOSTICS numbered = ROW_COUNT;
    UPDATE gateway.event_head SET last = head + numbered WHERE numbered > 0;
    RETURN numbered;
END $$;

-- Removes from the beginning at most so many events, up to the first that is younger; gives how many.
CREATE FUNCTION gateway.remove_events(older_than interval, most integer) RETURNS integer LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET jit = off AS $$
DECLARE
    upto bigint;
    gone integer;
BEGIN
    -- Where nobody reads, nobody else numbers them.
    PERFORM gateway.number_events(most);
    SELECT max(number) INTO upto FROM (
        SELECT number, bool_and(at < now() - older_than) OVER (ORDER BY number) AS is_old
          FROM (SELECT number, at FROM gateway.event WHERE number IS NOT NULL ORDER BY number LIMIT most) oldest) run
     WHERE is_old;
    IF upto IS NULL THEN
        RETURN 0;
    END IF;
    UPDATE gateway.event_head SET removed = upto WHERE removed < upto;
    DELETE FROM gateway.event WHERE number <= upto;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END $$;

-- Before the trigger that opens the operation, so that a tenant is there before work on it is.
CREATE FUNCTION gateway.event_of_new_tenant() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO gateway.event (kind, tenant_id, data) VALUES ('tenant.created', NEW.id, jsonb_build_object('tier', NEW.tier));
    PERFORM pg_notify('gateway_event', '');
    RETURN NULL;
END $$;
CREATE TRIGGER event_of_new_tenant AFTER INSERT ON gateway.tenant FOR EACH ROW EXECUTE FUNCTION gateway.event_of_new_tenant();

-- After the trigger that opens the operation, whose id the event carries.
CREATE FUNCTION gateway.event_of_tenant() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    operation uuid := (SELECT o.id FROM gateway.operation o WHERE o.tenant_id = NEW.id ORDER BY o.created_at DESC, o.id DESC LIMIT 1);
    edited text[];
BEGIN
    IF OLD.revision <> NEW.revision THEN
        edited := array_remove(ARRAY[CASE WHEN OLD.company_name <> NEW.company_name THEN 'company_name' END,
                                     CASE WHEN OLD.labels <> NEW.labels THEN 'labels' END,
                                     CASE WHEN OLD.notes <> NEW.notes THEN 'notes' END], NULL);
        IF edited <> '{}' THEN
            INSERT INTO gateway.event (kind, tenant_id, data) VALUES ('tenant.edited', NEW.id, jsonb_build_object('fields', edited));
        END IF;
        IF OLD.paused <> NEW.paused THEN
            INSERT INTO gateway.event (kind, tenant_id)
            VALUES (CASE WHEN NEW.paused THEN 'tenant.paused' ELSE 'tenant.resumed' END, NEW.id);
        END IF;
    END IF;
    -- The worker fills an empty pool_id, which moves nobody.
    IF OLD.pool_id <> NEW.pool_id THEN
        INSERT INTO gateway.event (kind, tenant_id, operation_id, data)
        VALUES ('tenant.moved', NEW.id, operation, jsonb_build_object('from', OLD.pool_id, 'to', NEW.pool_id));
    END IF;
    IF NEW.repair AND NEW.generation <> OLD.generation THEN
        INSERT INTO gateway.event (kind, tenant_id, operation_id, data)
        VALUES ('tenant.drifted', NEW.id, operation, jsonb_strip_nulls(jsonb_build_object('reason', NEW.reason)));
    END IF;
    IF OLD.status <> NEW.status THEN
        INSERT INTO gateway.event (kind, tenant_id, operation_id, data)
        VALUES (CASE NEW.status WHEN 'active' THEN 'tenant.activated' WHEN 'error' THEN 'tenant.failed' ELSE 'tenant.' || NEW.status END,
                NEW.id, operation,
                jsonb_strip_nulls(jsonb_build_object('from', OLD.status, 'step', NEW.error_step, 'code', NEW.error_code)));
    END IF;
    IF OLD.repair AND NOT NEW.repair AND NEW.observed_generation = NEW.generation AND OLD.observed_generation <> OLD.generation THEN
        INSERT INTO gateway.event (kind, tenant_id, operation_id, data)
        VALUES ('tenant.repaired', NEW.id, operation, jsonb_strip_nulls(jsonb_build_object('reason', OLD.reason)));
    END IF;
    -- Of a claim alone nobody is woken: transactions that notify commit one after another. Readers look each second.
    IF NEW.status <> 'provisioning' OR OLD.revision <> NEW.revision THEN
        PERFORM pg_notify('gateway_event', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tenant_event AFTER UPDATE ON gateway.tenant
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.revision <> NEW.revision OR OLD.repair <> NEW.repair
                       OR OLD.pool_id <> NEW.pool_id OR (NEW.repair AND OLD.generation <> NEW.generation))
    EXECUTE FUNCTION gateway.event_of_tenant();

CREATE FUNCTION gateway.event_of_operation() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO gateway.event (kind, tenant_id, operation_id, data)
    VALUES (CASE TG_OP WHEN 'INSERT' THEN 'operation.opened' ELSE 'operation.' || NEW.state END, NEW.tenant_id, NEW.id,
            jsonb_strip_nulls(jsonb_build_object('kind', NEW.kind, 'repair', NEW.repair, 'reason', NEW.reason,
                                                 'step', NEW.error_step, 'code', NEW.error_code)));
    PERFORM pg_notify('gateway_event', '');
    RETURN NULL;
END $$;
CREATE TRIGGER operation_opened AFTER INSERT ON gateway.operation FOR EACH ROW EXECUTE FUNCTION gateway.event_of_operation();
CREATE TRIGGER operation_ended AFTER UPDATE ON gateway.operation
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION gateway.event_of_operation();

CREATE FUNCTION gateway.event_of_job() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO gateway.event (kind, data)
    VALUES (CASE TG_OP WHEN 'INSERT' THEN 'job.opened' ELSE 'job.' || NEW.state END, jsonb_build_object('id', NEW.id, 'kind', NEW.kind));
    PERFORM pg_notify('gateway_event', '');
    RETURN NULL;
END $$;
CREATE TRIGGER job_opened AFTER INSERT ON gateway.job FOR EACH ROW EXECUTE FUNCTION gateway.event_of_job();
CREATE TRIGGER job_ended AFTER UPDATE ON gateway.job
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION gateway.event_of_job();

CREATE FUNCTION gateway.event_of_pool() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told gateway.shared_pool := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    INSERT INTO gateway.event (kind, data)
    VALUES (CASE TG_OP WHEN 'INSERT' THEN 'pool.created' WHEN 'UPDATE' THEN 'pool.edited' ELSE 'pool.deleted' END,
            jsonb_build_object('id', told.id, 'name', told.name));
    PERFORM pg_notify('gateway_event', '');
    RETURN NULL;
END $$;
CREATE TRIGGER pool_made AFTER INSERT OR DELETE ON gateway.shared_pool FOR EACH ROW EXECUTE FUNCTION gateway.event_of_pool();
CREATE TRIGGER pool_edited AFTER UPDATE ON gateway.shared_pool
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION gateway.event_of_pool();

CREATE FUNCTION gateway.event_of_api_key() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO gateway.event (kind, data)
    VALUES (CASE WHEN TG_OP = 'INSERT' THEN 'api_key.created' WHEN NEW.revoked_at IS NOT NULL THEN 'api_key.revoked' ELSE 'api_key.rotated' END,
            jsonb_build_object('id', NEW.id, 'name', NEW.name));
    PERFORM pg_notify('gateway_event', '');
    RETURN NULL;
END $$;
CREATE TRIGGER api_key_created AFTER INSERT ON gateway.api_key FOR EACH ROW EXECUTE FUNCTION gateway.event_of_api_key();
CREATE TRIGGER api_key_changed AFTER UPDATE ON gateway.api_key
    FOR EACH ROW WHEN (OLD.secret_hash <> NEW.secret_hash OR OLD.revoked_at IS DISTINCT FROM NEW.revoked_at)
    EXECUTE FUNCTION gateway.event_of_api_key();
