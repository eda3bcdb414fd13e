-- Deletion with a way back, credentials and pools that can be changed, repairs behind requests, fences for what a
-- stalled worker may still do, and work on the whole fleet.

ALTER TABLE gateway.tenant
    ADD COLUMN credentials      integer NOT NULL DEFAULT 1,
    ADD COLUMN credentials_made integer NOT NULL DEFAULT 0,
    ADD COLUMN fence            bigint NOT NULL DEFAULT 0,
    ADD COLUMN reason           text,
    ADD COLUMN repair           boolean NOT NULL DEFAULT false,
    ADD COLUMN purge_at         timestamptz,
    DROP CONSTRAINT tenant_status_known,
    ADD CONSTRAINT tenant_status_known CHECK (status IN ('pending', 'provisioning', 'active', 'suspended', 'deleting', 'purging', 'deleted', 'error')),
    ADD CONSTRAINT tenant_credentials_counted CHECK (credentials >= 1 AND credentials_made BETWEEN 0 AND credentials),
    ADD CONSTRAINT tenant_purge_of_deleted CHECK (purge_at IS NULL OR status IN ('deleting', 'purging', 'deleted'));
COMMENT ON COLUMN gateway.tenant.credentials IS 'Raise it by one to have the app''s password drawn anew';
COMMENT ON COLUMN gateway.tenant.credentials_made IS 'Which of these password_sealed is';
COMMENT ON COLUMN gateway.tenant.fence IS 'Raised by every claim. The tenant''s server, Redis and the labels on Docker''s objects remember it and refuse lower ones';
COMMENT ON COLUMN gateway.tenant.reason IS 'Why the present work is wanted, where nobody asked for it, such as what a reconciler found';
COMMENT ON COLUMN gateway.tenant.repair IS 'The present work is a repair: it goes behind what people wait for';
COMMENT ON COLUMN gateway.tenant.purge_at IS 'While deleting: when the data goes for good. Until then the tenant can be taken back';
UPDATE gateway.tenant SET credentials_made = 1 WHERE password_sealed IS NOT NULL;
-- As if claimed before, which they were: the next claim ends what was begun for them.
UPDATE gateway.tenant t SET fence = 1
 WHERE t.status <> 'deleted' AND EXISTS (SELECT FROM gateway.step_attempt a WHERE a.tenant_id = t.id AND a.state = 'started');

-- Two queues in one index. Ask for the first column by IS FALSE and IS TRUE: the planner turns NOT (repair OR attempt > 0)
-- into something it does not recognise the index by, and reads and sorts every row that is due.
DROP INDEX gateway.tenant_due;
CREATE INDEX tenant_due ON gateway.tenant ((repair OR attempt > 0), due_at) WHERE due_at IS NOT NULL;
CREATE INDEX tenant_purge ON gateway.tenant (purge_at) WHERE status = 'deleting';

ALTER TABLE gateway.operation
    ADD COLUMN reason text,
    ADD COLUMN repair boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT operation_kind_check,
    ADD CONSTRAINT operation_kind_known CHECK (kind IN ('provision', 'reconverge', 'suspend', 'reactivate', 'rotate', 'move', 'undelete', 'deprovision', 'purge'));
-- Open is what has not ended. Said without the state, a move from pending to running touches no index, and the new version
-- of the row finds room beside the old one.
ALTER TABLE gateway.operation ALTER COLUMN created_at SET DEFAULT clock_timestamp();
DROP INDEX gateway.operation_open;
CREATE UNIQUE INDEX operation_open ON gateway.operation (tenant_id) WHERE ended_at IS NULL;
ALTER TABLE gateway.operation SET (fillfactor = 80);

ALTER TABLE gateway.step_attempt
    ADD COLUMN fence bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT step_attempt_action_check,
    ADD CONSTRAINT step_attempt_action_known CHECK (action IN ('ensure', 'retire', 'remove')),
    DROP CONSTRAINT step_attempt_state_check,
    ADD CONSTRAINT step_attempt_state_known CHECK (state IN ('started', 'succeeded', 'skipped', 'failed', 'abandoned'));
CREATE INDEX step_attempt_started ON gateway.step_attempt (tenant_id) WHERE state = 'started';

CREATE TABLE gateway.orphan (
    kind          text NOT NULL CHECK (kind IN ('database', 'role', 'network', 'container', 'route')),
    place         text NOT NULL,
    name          text NOT NULL,
    tenant_id     uuid,
    detail        jsonb NOT NULL DEFAULT '{}',
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    condemned_at  timestamptz,
    condemned_by  text,
    PRIMARY KEY (kind, place, name),
    CONSTRAINT orphan_condemned_whole CHECK ((condemned_at IS NULL) = (condemned_by IS NULL))
);
COMMENT ON TABLE gateway.orphan IS 'Objects with the mark of this control plane that no tenant owns. Reported by the reconciler; removed only when somebody asks for it and they were seen long enough';

CREATE TABLE gateway.job (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind             text NOT NULL CHECK (kind IN ('verify', 'reconcile', 'collect')),
    state            text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'succeeded', 'failed')),
    parameters       jsonb NOT NULL DEFAULT '{}',
    requested_by     text NOT NULL DEFAULT gateway.actor(),
    worker           text,
    attempt          integer NOT NULL DEFAULT 0,
    lease_expires_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    started_at       timestamptz,
    ended_at         timestamptz,
    result           jsonb,
    error_message    text,
    CONSTRAINT job_end_known CHECK ((state IN ('pending', 'running')) = (ended_at IS NULL))
);
COMMENT ON TABLE gateway.job IS 'Work on the whole fleet, done by one worker: look for drift, verify, collect orphans';
CREATE INDEX job_open ON gateway.job (created_at) WHERE state IN ('pending', 'running');
CREATE INDEX job_order ON gateway.job (created_at DESC, id DESC);

CREATE FUNCTION gateway.job_after_insert() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gateway_job', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER job_after_insert AFTER INSERT ON gateway.job FOR EACH ROW EXECUTE FUNCTION gateway.job_after_insert();

-- Functions with RETURN are bound to what they name when they are made, so they need no search path of their own, and
-- PostgreSQL puts them into the expression that calls them. A function with one is planned anew in each transaction.
CREATE OR REPLACE FUNCTION gateway.actor() RETURNS text LANGUAGE sql STABLE
    RETURN coalesce(nullif(current_setting('gateway.actor', true), ''), 'sql:' || session_user);

CREATE OR REPLACE FUNCTION gateway.is_legal_transition(from_status text, to_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (from_status, to_status) IN (
        ('pending', 'provisioning'), ('pending', 'error'), ('pending', 'suspended'),
        ('provisioning', 'active'), ('provisioning', 'pending'), ('provisioning', 'error'), ('provisioning', 'suspended'),
        ('active', 'suspended'), ('active', 'pending'),
        ('suspended', 'pending'), ('error', 'pending'), ('error', 'suspended'),
        ('pending', 'deleting'), ('provisioning', 'deleting'), ('active', 'deleting'), ('suspended', 'deleting'), ('error', 'deleting'),
        ('deleting', 'pending'), ('deleting', 'purging'), ('purging', 'deleted'));

-- A wish is a move that asks for work; the other moves are the worker's record of work done.
CREATE OR REPLACE FUNCTION gateway.is_wish(from_status text, to_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN to_status IN ('suspended', 'deleting', 'purging') OR (to_status = 'pending' AND from_status <> 'provisioning');

-- Besides a move of status these are wishes: another pool, a raised count of credentials, and making a row due that had
-- nothing to do. The worker fills an empty pool_id, which is none.
CREATE FUNCTION gateway.is_changed_wish(was gateway.tenant, wanted gateway.tenant) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (wanted).status IN ('pending', 'provisioning', 'active', 'suspended')
       AND ((wanted).credentials <> (was).credentials OR ((was).pool_id IS NOT NULL AND (wanted).pool_id IS DISTINCT FROM (was).pool_id))
        OR (was).due_at IS NULL AND (wanted).due_at IS NOT NULL;

CREATE OR REPLACE FUNCTION gateway.tenant_before_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wish boolean := false;
    cancel boolean := false;
BEGIN
    IF NEW.id <> OLD.id OR NEW.key <> OLD.key THEN
        RAISE EXCEPTION 'id and key of a tenant never change' USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_identity_fixed';
    END IF;
    IF OLD.status = 'deleted' THEN
        RAISE EXCEPTION 'a deleted tenant is a tombstone and never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_transition_legal', COLUMN = 'status';
    END IF;
    IF NEW.fence < OLD.fence OR NEW.generation < OLD.generation OR NEW.credentials < OLD.credentials THEN
        RAISE EXCEPTION 'fence, generation and credentials of a tenant never go back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_counts_forward';
    END IF;
    IF NEW.status = OLD.status THEN
        wish := gateway.is_changed_wish(OLD, NEW);
        IF wish AND OLD.status IN ('active', 'error') THEN
            NEW.status := 'pending';
        END IF;
    END IF;
    IF NEW.status <> OLD.status THEN
        IF NOT gateway.is_legal_transition(OLD.status, NEW.status) THEN
            RAISE EXCEPTION 'a tenant cannot go from % to %', OLD.status, NEW.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_transition_legal', COLUMN = 'status';
        END IF;
        IF NEW.status = 'suspended' AND OLD.observed_generation = 0 THEN
            RAISE EXCEPTION 'a tenant that was never active cannot be suspended'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_transition_legal', COLUMN = 'status';
        END IF;
        wish := gateway.is_wish(OLD.status, NEW.status);
        IF NEW.status = 'error' AND NOT (OLD.lease_token IS NOT NULL AND NEW.lease_token IS NULL) THEN
            -- Somebody cancels the work; a worker that gives up ends its lease with the same write.
            cancel := true;
            NEW.generation := OLD.generation + 1;
            NEW.due_at := NULL;
            NEW.attempt := 0;
            NEW.error_step := coalesce((SELECT step FROM gateway.step_attempt WHERE tenant_id = NEW.id ORDER BY id DESC LIMIT 1), 'allocate');
            NEW.error_code := 'cancelled';
            NEW.error_message := 'cancelled by ' || gateway.actor();
        END IF;
        IF NEW.status NOT IN ('deleting', 'purging', 'deleted') THEN
            NEW.purge_at := NULL;
        END IF;
    END IF;
    IF NOT wish AND NOT cancel THEN
        NEW.generation := OLD.generation;
        IF NEW.due_at IS NULL AND OLD.due_at IS NOT NULL AND NEW.observed_generation <> NEW.generation AND NEW.status <> 'deleted'
           AND NOT (OLD.lease_token IS NOT NULL AND NEW.lease_token IS NULL) THEN
            RAISE EXCEPTION 'open work stays due: pause the tenant, or cancel the work by the status error'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_work_stays_due', COLUMN = 'due_at';
        END IF;
    END IF;
    IF wish THEN
        NEW.generation := OLD.generation + 1;
        NEW.due_at := now();
        NEW.attempt := 0;
        NEW.error_step := NULL;
        NEW.error_code := NULL;
        NEW.error_message := NULL;
        IF NEW.reason IS NOT DISTINCT FROM OLD.reason THEN
            NEW.reason := NULL;
            NEW.repair := false;
        END IF;
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END $$;

-- Opens the operation a wish asks for; one that is still open is superseded.
CREATE OR REPLACE FUNCTION gateway.open_operation(wanted gateway.tenant, kind text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE gateway.operation SET state = 'cancelled', ended_at = clock_timestamp(),
           error_code = 'superseded', error_message = 'replaced by a newer request'
     WHERE tenant_id = wanted.id AND ended_at IS NULL;
    INSERT INTO gateway.operation (tenant_id, kind, generation, requested_by, reason, repair)
    VALUES (wanted.id, kind, wanted.generation, gateway.actor(), wanted.reason, wanted.repair);
END $$;

-- What a raised generation asks for.
CREATE FUNCTION gateway.kind_of_wish(was gateway.tenant, wanted gateway.tenant) RETURNS text LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE
        WHEN wanted.status = 'purging' THEN 'purge'
        WHEN wanted.status = 'deleting' THEN 'deprovision'
        WHEN was.status = 'deleting' THEN 'undelete'
        WHEN wanted.status = 'suspended' AND was.status <> 'suspended' THEN 'suspend'
        WHEN was.status = 'suspended' AND wanted.status <> 'suspended' THEN 'reactivate'
        WHEN wanted.observed_generation = 0 THEN 'provision'
        WHEN wanted.credentials <> was.credentials THEN 'rotate'
        WHEN wanted.pool_id IS DISTINCT FROM was.pool_id THEN 'move'
        ELSE 'reconverge' END
$$;

CREATE OR REPLACE FUNCTION gateway.tenant_after_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO gateway.tenant_transition (tenant_id, to_status, generation, actor)
        VALUES (NEW.id, NEW.status, NEW.generation, gateway.actor());
        PERFORM gateway.open_operation(NEW, 'provision');
        PERFORM pg_notify('gateway_tenant', NEW.id::text);
        RETURN NULL;
    END IF;
    IF OLD.status <> NEW.status THEN
        INSERT INTO gateway.tenant_transition (tenant_id, from_status, to_status, generation, actor)
        VALUES (NEW.id, OLD.status, NEW.status, NEW.generation, gateway.actor());
    END IF;
    IF NEW.generation <> OLD.generation THEN
        IF NEW.status = 'error' THEN
            UPDATE gateway.operation SET state = 'cancelled', ended_at = clock_timestamp(),
                   error_step = NEW.error_step, error_code = NEW.error_code, error_message = NEW.error_message
             WHERE tenant_id = NEW.id AND ended_at IS NULL;
        ELSE
            PERFORM gateway.open_operation(NEW, gateway.kind_of_wish(OLD, NEW));
        END IF;
    END IF;
    -- A claim is nobody's business but the worker's.
    IF (OLD.status <> NEW.status AND NEW.status <> 'provisioning') OR NEW.generation <> OLD.generation
       OR (NEW.due_at IS NOT NULL AND (NEW.due_at IS DISTINCT FROM OLD.due_at OR (OLD.lease_token IS NOT NULL AND NEW.lease_token IS NULL))) THEN
        PERFORM pg_notify('gateway_tenant', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER tenant_after_change ON gateway.tenant;
CREATE TRIGGER tenant_after_insert AFTER INSERT ON gateway.tenant
    FOR EACH ROW EXECUTE FUNCTION gateway.tenant_after_change();
CREATE TRIGGER tenant_after_update AFTER UPDATE ON gateway.tenant
    FOR EACH ROW WHEN (OLD.status <> NEW.status OR OLD.generation <> NEW.generation
                       OR OLD.due_at IS DISTINCT FROM NEW.due_at OR OLD.lease_token IS DISTINCT FROM NEW.lease_token)
    EXECUTE FUNCTION gateway.tenant_after_change();

-- Claims due tenants, at most `places` and of these at most `places_behind` repairs and further attempts, which go behind
-- first attempts at what people asked for. One call is one transaction and one round trip.
--
-- The rows are locked by one statement and read again by the next, which sees what was committed until the locks were had.
-- In one statement, a wish that commits in between would show the new row beside the old operation.
--
-- The queues are read from their heads whatever the planner knows of the tables, and plans are kept: making them takes
-- longer than claiming.
CREATE FUNCTION gateway.claim(worker text, lease interval, places integer, places_behind integer)
RETURNS TABLE (
    id uuid, key text, company_name text, tier text, status text, host text, pool_id uuid, server_id uuid,
    password_sealed text, verifier_sealed text, migration_version bigint, network_id text, container_id text,
    generation bigint, fence bigint, repair boolean, credentials_current boolean, attempt integer, lease_token uuid,
    created_at timestamptz, operation_id uuid, kind text, subnet cidr)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_sort = off AS $$
#variable_conflict use_column
DECLARE
    due uuid[];
    behind uuid[];
    -- Whether one of them was claimed before: only then there may be attempts that a worker began and never ended.
    again boolean;
    again_behind boolean;
BEGIN
    SELECT coalesce(array_agg(head.id), '{}'), coalesce(bool_or(head.again), false) INTO due, again FROM (
        SELECT t.id, t.fence > 0 OR t.lease_token IS NOT NULL AS again FROM gateway.tenant t
         WHERE (t.repair OR t.attempt > 0) IS FALSE AND t.due_at <= now() AND NOT t.paused
           AND (t.lease_expires_at IS NULL OR t.lease_expires_at < now())
           AND EXISTS (SELECT FROM gateway.operation o WHERE o.tenant_id = t.id AND o.ended_at IS NULL)
         ORDER BY t.due_at LIMIT places FOR UPDATE OF t SKIP LOCKED) head;
    IF places_behind > 0 AND cardinality(due) < places THEN
        SELECT coalesce(array_agg(head.id), '{}'), coalesce(bool_or(head.again), false) INTO behind, again_behind FROM (
            SELECT t.id, t.fence > 0 OR t.lease_token IS NOT NULL AS again FROM gateway.tenant t
             WHERE (t.repair OR t.attempt > 0) IS TRUE AND t.due_at <= now() AND NOT t.paused
               AND (t.lease_expires_at IS NULL OR t.lease_expires_at < now())
               AND EXISTS (SELECT FROM gateway.operation o WHERE o.tenant_id = t.id AND o.ended_at IS NULL)
             ORDER BY t.due_at LIMIT least(places_behind, places - cardinality(due)) FOR UPDATE OF t SKIP LOCKED) head;
        due := due || behind;
        again := again OR again_behind;
    END IF;
    IF due = '{}' THEN
        RETURN;
    END IF;
    IF again THEN
        UPDATE gateway.step_attempt a SET state = 'abandoned', ended_at = clock_timestamp()
         WHERE a.tenant_id = ANY (due) AND a.state = 'started';
    END IF;
    RETURN QUERY
    WITH taken AS (
        UPDATE gateway.operation o
           SET state = 'running', attempt = t.attempt + 1, started_at = coalesce(o.started_at, clock_timestamp())
          FROM gateway.tenant t WHERE t.id = ANY (due) AND o.tenant_id = t.id AND o.ended_at IS NULL
        RETURNING o.id, o.kind, o.tenant_id
    ), claimed AS (
        UPDATE gateway.tenant t
           SET status = CASE t.status WHEN 'pending' THEN 'provisioning' ELSE t.status END,
               attempt = t.attempt + 1,
               -- Above what was given out by commits that a failover lost: those were made at an earlier time.
               fence = greatest(t.fence + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint), lease_token = gen_random_uuid(), lease_worker = worker,
               lease_expires_at = now() + lease
          FROM taken WHERE t.id = taken.tenant_id
        RETURNING t.*, taken.id AS operation_id, taken.kind
    )
    SELECT c.id, c.key, c.company_name, c.tier, c.status, c.host, c.pool_id, c.server_id,
           c.password_sealed, c.verifier_sealed, c.migration_version, c.network_id, c.container_id,
           c.generation, c.fence, c.repair, c.credentials = c.credentials_made, c.attempt, c.lease_token,
           c.created_at, c.operation_id, c.kind, s.subnet
      FROM claimed c LEFT JOIN gateway.subnet s ON s.tenant_id = c.id;
END $$;
