-- Shared pools whose members are containers that the gateway runs, and how the members of all pools are.

ALTER TABLE gateway.shared_pool
    ALTER COLUMN backend_url DROP NOT NULL,
    DROP CONSTRAINT shared_pool_state_known,
    ADD CONSTRAINT shared_pool_state_known CHECK (state IN ('active', 'draining', 'stopped', 'deleting')),
    ADD CONSTRAINT shared_pool_first_url_first CHECK (backend_url IS NOT NULL OR further_urls = '{}');
COMMENT ON COLUMN gateway.shared_pool.backend_url IS 'Where its first member answers; null where none does, so that its tenants get the 503 page';
COMMENT ON COLUMN gateway.shared_pool.state IS 'draining: it takes no new tenants. stopped: none either, and its tenants get the 503 page. deleting: a worker takes its containers away, then the row goes';
COMMENT ON TABLE gateway.shared_pool IS 'App containers or URLs that serve shared tenants. Where gateway.managed_pool has a row of it, workers write the URLs';

-- The pool's row is the interface to the workers, as a tenant's is: a changed wish raises the revision and makes it due.
CREATE TABLE gateway.managed_pool (
    pool_id           uuid PRIMARY KEY REFERENCES gateway.shared_pool (id) ON DELETE CASCADE,
    image             text NOT NULL CONSTRAINT managed_pool_image_shape CHECK (length(image) BETWEEN 1 AND 500 AND image ~ '^[A-Za-z0-9][A-Za-z0-9._:/@-]*$'),
    port              integer CHECK (port BETWEEN 1 AND 65535),
    replicas          integer NOT NULL DEFAULT 1 CHECK (replicas BETWEEN 1 AND 15),
    memory_mib        integer CHECK (memory_mib BETWEEN 16 AND 1048576),
    cpus              double precision CHECK (cpus BETWEEN 0.01 AND 1024),
    pids              integer CHECK (pids BETWEEN 8 AND 1000000),
    restarts          bigint NOT NULL DEFAULT 0 CHECK (restarts >= 0),
    revision          bigint NOT NULL DEFAULT 1,
    observed_revision bigint NOT NULL DEFAULT 0,
    reason            text,
    attempt           integer NOT NULL DEFAULT 0,
    due_at            timestamptz DEFAULT now(),
    fence             bigint NOT NULL DEFAULT 0,
    lease_token       uuid,
    lease_worker      text,
    lease_expires_at  timestamptz,
    network_id        text,
    error_code        text,
    error_message     text,
    CONSTRAINT managed_pool_lease_whole CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL) AND (lease_token IS NULL) = (lease_worker IS NULL)),
    CONSTRAINT managed_pool_error_whole CHECK ((error_code IS NULL) = (error_message IS NULL))
);
COMMENT ON TABLE gateway.managed_pool IS 'A shared pool whose members are containers of the gateway''s. Where a limit or the port is null, the worker''s setting of that name counts';
COMMENT ON COLUMN gateway.managed_pool.restarts IS 'Raise it by one to have every container replaced, one after the other';
COMMENT ON COLUMN gateway.managed_pool.revision IS 'Counts wishes: changes of what is above, of its state and environment, and repairs';
COMMENT ON COLUMN gateway.managed_pool.observed_revision IS 'The revision that was last made true';
COMMENT ON COLUMN gateway.managed_pool.reason IS 'Why the present work is wanted, where nobody asked for it';
COMMENT ON COLUMN gateway.managed_pool.due_at IS 'When a worker may next claim it; null when there is nothing to do, or only somebody can mend what hinders it';
COMMENT ON COLUMN gateway.managed_pool.fence IS 'Raised by every claim; Docker''s objects carry it as a label';
COMMENT ON COLUMN gateway.managed_pool.lease_token IS 'Fresh per claim; every write of the worker carries it';
COMMENT ON COLUMN gateway.managed_pool.error_code IS 'Why the last attempt failed; null once the present revision is true';
CREATE INDEX managed_pool_due ON gateway.managed_pool (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE gateway.pool_environment (
    pool_id      uuid NOT NULL REFERENCES gateway.managed_pool (pool_id) ON DELETE CASCADE,
    name         text NOT NULL CHECK (name ~ '^[A-Za-z_][A-Za-z0-9_]{0,99}$'),
    value_sealed text NOT NULL,
    PRIMARY KEY (pool_id, name)
);
COMMENT ON TABLE gateway.pool_environment IS 'Environment of a managed pool''s containers. Who writes here raises the revision of the pool';

CREATE TABLE gateway.pool_member (
    pool_id      uuid NOT NULL REFERENCES gateway.shared_pool (id) ON DELETE CASCADE,
    url          text NOT NULL CHECK (url ~ '^https?://[^ ]+$'),
    place        integer CHECK (place BETWEEN 0 AND 28),
    spec         text,
    container_id text,
    image_id     text,
    state        text NOT NULL DEFAULT 'starting' CONSTRAINT pool_member_state_known CHECK (state IN ('starting', 'healthy', 'unhealthy', 'stopped')),
    since        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (pool_id, url),
    UNIQUE (pool_id, place),
    CONSTRAINT pool_member_container_whole CHECK ((container_id IS NULL) = (image_id IS NULL) AND (place IS NULL) = (spec IS NULL) AND (container_id IS NULL OR place IS NOT NULL))
);
COMMENT ON TABLE gateway.pool_member IS 'How each member of a pool is, as a worker last found it. Written only where that changes';
COMMENT ON COLUMN gateway.pool_member.place IS 'Of a container: which address of the pool''s network it has, counted from the first one that containers can have';
COMMENT ON COLUMN gateway.pool_member.spec IS 'Of a container: digest of what it is made from';
COMMENT ON COLUMN gateway.pool_member.since IS 'Since when it is in this state';

-- Pools take their subnets from the block of the tenants'; no two overlap.
ALTER TABLE gateway.subnet
    ADD COLUMN pool_id uuid UNIQUE REFERENCES gateway.managed_pool (pool_id) ON DELETE SET NULL,
    ADD CONSTRAINT subnet_one_holder CHECK (tenant_id IS NULL OR pool_id IS NULL);
COMMENT ON TABLE gateway.subnet IS 'Every subnet ever handed out; no two overlap. Neither tenant_id nor pool_id: free again at usable_from.';

-- A wish is another description, a raised revision, and making a row due that had nothing to do.
CREATE FUNCTION gateway.managed_pool_before_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.pool_id <> OLD.pool_id OR NEW.fence < OLD.fence OR NEW.revision < OLD.revision OR NEW.restarts < OLD.restarts THEN
        RAISE EXCEPTION 'fence, revision and restarts of a pool never go back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'managed_pool_counts_forward';
    END IF;
    IF NEW.revision > OLD.revision OR (OLD.due_at IS NULL AND NEW.due_at IS NOT NULL)
       OR (NEW.image, NEW.port, NEW.replicas, NEW.memory_mib, NEW.cpus, NEW.pids, NEW.restarts)
          IS DISTINCT FROM (OLD.image, OLD.port, OLD.replicas, OLD.memory_mib, OLD.cpus, OLD.pids, OLD.restarts) THEN
        NEW.revision := OLD.revision + 1;
        NEW.due_at := now();
        NEW.attempt := 0;
        NEW.error_code := NULL;
        NEW.error_message := NULL;
        IF NEW.reason IS NOT DISTINCT FROM OLD.reason THEN
            NEW.reason := NULL;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER managed_pool_before_update BEFORE UPDATE ON gateway.managed_pool
    FOR EACH ROW EXECUTE FUNCTION gateway.managed_pool_before_update();

CREATE FUNCTION gateway.managed_pool_after_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gateway_pool', NEW.pool_id::text);
    IF TG_OP = 'UPDATE' AND NEW.revision <> OLD.revision AND NEW.reason IS NULL THEN
        INSERT INTO gateway.event (kind, data)
        SELECT 'pool.edited', jsonb_build_object('id', p.id, 'name', p.name) FROM gateway.shared_pool p WHERE p.id = NEW.pool_id;
        PERFORM pg_notify('gateway_event', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER managed_pool_after_insert AFTER INSERT ON gateway.managed_pool
    FOR EACH ROW EXECUTE FUNCTION gateway.managed_pool_after_change();
CREATE TRIGGER managed_pool_after_update AFTER UPDATE ON gateway.managed_pool
    FOR EACH ROW WHEN (OLD.revision <> NEW.revision OR (OLD.lease_token IS NOT NULL AND NEW.lease_token IS NULL AND NEW.due_at IS NOT NULL))
    EXECUTE FUNCTION gateway.managed_pool_after_change();

-- Whether a pool serves is a wish about its containers.
CREATE FUNCTION gateway.pool_state_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF OLD.state = 'deleting' THEN
        RAISE EXCEPTION 'a pool that is being deleted does not come back'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shared_pool_deleting_stays';
    END IF;
    UPDATE gateway.managed_pool SET revision = revision + 1
     WHERE pool_id = NEW.id
       AND (CASE OLD.state WHEN 'draining' THEN 'active' ELSE OLD.state END) <> (CASE NEW.state WHEN 'draining' THEN 'active' ELSE NEW.state END);
    RETURN NULL;
END $$;
CREATE TRIGGER pool_state_changed AFTER UPDATE ON gateway.shared_pool
    FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION gateway.pool_state_changed();
