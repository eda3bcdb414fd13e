-- The same wish about many tenants, the limits they have in common, and where they are put.

-- One call that wishes the same of many tenants. Workers open the wishes one after the other, each as if it had been made
-- on its tenant alone; every row below is written in the transaction of what it tells of, so a worker that dies in the
-- middle leaves nothing to mend.
CREATE TABLE gateway.batch (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    verb         text NOT NULL CONSTRAINT batch_verb_known CHECK (verb IN ('suspend', 'reactivate', 'retry', 'pause', 'resume', 'rotate_credentials', 'delete', 'undelete', 'move')),
    state        text NOT NULL DEFAULT 'running' CONSTRAINT batch_state_known CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
    force        boolean NOT NULL DEFAULT false,
    pool_id      uuid,
    parallelism  integer NOT NULL CHECK (parallelism BETWEEN 1 AND 100),
    max_failures integer CHECK (max_failures BETWEEN 1 AND 1000),
    requested_by text NOT NULL DEFAULT gateway.actor(),
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    CONSTRAINT batch_end_known CHECK ((state = 'running') = (ended_at IS NULL)),
    CONSTRAINT batch_pool_of_move CHECK ((verb = 'move') = (pool_id IS NOT NULL))
);
COMMENT ON TABLE gateway.batch IS 'One wish about many tenants, opened on one after the other by the workers';
COMMENT ON COLUMN gateway.batch.pool_id IS 'Where a move leads. No reference: a pool that is removed meanwhile refuses its tenants one by one';
COMMENT ON COLUMN gateway.batch.parallelism IS 'Operations of it that may be open at once';
COMMENT ON COLUMN gateway.batch.max_failures IS 'Failures after which no further wish is opened; null for no such limit';
CREATE INDEX batch_open ON gateway.batch (created_at) WHERE ended_at IS NULL;
CREATE INDEX batch_order ON gateway.batch (created_at DESC, id DESC);

CREATE TABLE gateway.batch_tenant (
    batch_id      uuid NOT NULL REFERENCES gateway.batch (id),
    place         integer NOT NULL,
    tenant_id     uuid NOT NULL REFERENCES gateway.tenant (id),
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'opened', 'refused', 'left')),
    operation_id  uuid REFERENCES gateway.operation (id),
    error_code    text,
    error_message text,
    PRIMARY KEY (batch_id, place),
    UNIQUE (batch_id, tenant_id),
    CONSTRAINT batch_tenant_operation_of_opened CHECK (operation_id IS NULL OR state = 'opened'),
    CONSTRAINT batch_tenant_refusal_whole CHECK ((state = 'refused') = (error_code IS NOT NULL) AND (error_code IS NULL) = (error_message IS NULL))
);
COMMENT ON TABLE gateway.batch_tenant IS 'The tenants of a batch, in the order in which they are taken';
COMMENT ON COLUMN gateway.batch_tenant.operation_id IS 'What the wish opened; null where it needs no work';

-- How far a batch is with each of its tenants: what was opened is as far as its operation.
CREATE VIEW gateway.batch_progress AS
SELECT b.batch_id, b.place, b.tenant_id, t.key AS tenant_key, t.pool_id, b.operation_id,
       CASE WHEN b.state <> 'opened' THEN b.state
            WHEN o.id IS NULL OR o.state = 'succeeded' THEN 'succeeded'
            WHEN o.ended_at IS NULL THEN 'running'
            ELSE 'failed' END AS state,
       coalesce(b.error_code, CASE WHEN o.ended_at IS NOT NULL THEN o.error_code END) AS error_code,
       coalesce(b.error_message, CASE WHEN o.ended_at IS NOT NULL THEN o.error_message END) AS error_message
  FROM gateway.batch_tenant b
  JOIN gateway.tenant t ON t.id = b.tenant_id
  LEFT JOIN gateway.operation o ON o.id = b.operation_id;

-- The limits that tenants of one kind have in common.
CREATE TABLE gateway.plan (
    name                                text PRIMARY KEY CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    title                               text NOT NULL CHECK (length(title) BETWEEN 1 AND 200 AND title = btrim(title) AND title !~ '[\u0001-\u001f\u007f]'),
    tier                                text CHECK (tier IN ('shared', 'dedicated')),
    connection_limit                    integer CHECK (connection_limit BETWEEN 1 AND 10000),
    statement_timeout_seconds           integer NOT NULL DEFAULT 60 CHECK (statement_timeout_seconds BETWEEN 1 AND 86400),
    idle_in_transaction_timeout_seconds integer NOT NULL DEFAULT 60 CHECK (idle_in_transaction_timeout_seconds BETWEEN 1 AND 86400),
    memory_mib                          integer CHECK (memory_mib BETWEEN 16 AND 1048576),
    cpus                                double precision CHECK (cpus BETWEEN 0.01 AND 1024),
    pids                                integer CHECK (pids BETWEEN 8 AND 1000000),
    revision                            bigint NOT NULL DEFAULT 0,
    created_at                          timestamptz NOT NULL DEFAULT now(),
    updated_at                          timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gateway.plan IS 'Limits of tenants. Where one is null, the worker''s setting of that name counts';
COMMENT ON COLUMN gateway.plan.tier IS 'Only tenants served so may have it; null for all. Never changes';
COMMENT ON COLUMN gateway.plan.revision IS 'Counts changes';
INSERT INTO gateway.plan (name, title) VALUES ('default', 'Default');

-- Bound to the row's type, which is about to change; made again below.
DROP FUNCTION gateway.is_changed_wish(gateway.tenant, gateway.tenant);

ALTER TABLE gateway.tenant
    ADD COLUMN plan          text NOT NULL DEFAULT 'default' REFERENCES gateway.plan (name),
    ADD COLUMN plan_revision bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN gateway.tenant.plan IS 'Its limits; another one is a wish';
COMMENT ON COLUMN gateway.tenant.plan_revision IS 'Raised when the limits of its plan change, which is a wish';
CREATE INDEX tenant_plan ON gateway.tenant (plan);

CREATE FUNCTION gateway.is_changed_wish(was gateway.tenant, wanted gateway.tenant) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (wanted).status IN ('pending', 'provisioning', 'active', 'suspended')
       AND ((wanted).credentials <> (was).credentials OR (wanted).plan <> (was).plan OR (wanted).plan_revision <> (was).plan_revision
            OR ((was).pool_id IS NOT NULL AND (wanted).pool_id IS DISTINCT FROM (was).pool_id))
        OR (was).due_at IS NULL AND (wanted).due_at IS NOT NULL;

-- The etag of a tenant that has nothing to do changes with its plan, too.
DROP TRIGGER tenant_edited ON gateway.tenant;
CREATE TRIGGER tenant_edited BEFORE UPDATE OF company_name, labels, notes, paused, plan ON gateway.tenant
    FOR EACH ROW WHEN ((OLD.company_name, OLD.labels, OLD.notes, OLD.paused, OLD.plan) IS DISTINCT FROM (NEW.company_name, NEW.labels, NEW.notes, NEW.paused, NEW.plan))
    EXECUTE FUNCTION gateway.tenant_edited();

CREATE FUNCTION gateway.tenant_plan_fits() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM gateway.plan p WHERE p.name = NEW.plan AND p.tier <> NEW.tier) THEN
        RAISE EXCEPTION 'the plan % is not for tenants of the tier %', NEW.plan, NEW.tier
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_plan_fits', COLUMN = 'plan';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenant_plan_fits BEFORE INSERT OR UPDATE OF plan, tier ON gateway.tenant
    FOR EACH ROW EXECUTE FUNCTION gateway.tenant_plan_fits();

CREATE FUNCTION gateway.plan_before_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.name <> OLD.name OR NEW.tier IS DISTINCT FROM OLD.tier THEN
        RAISE EXCEPTION 'name and tier of a plan never change' USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_identity_fixed';
    END IF;
    NEW.revision := OLD.revision + 1;
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER plan_before_update BEFORE UPDATE ON gateway.plan FOR EACH ROW EXECUTE FUNCTION gateway.plan_before_update();

-- Other limits are a wish about each tenant of the plan. Work that nobody asked for goes behind what people wait for; what is
-- being made for the first time keeps its place.
CREATE FUNCTION gateway.plan_after_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE gateway.tenant
       SET plan_revision = NEW.revision, reason = format('the plan %s was changed (%s)', NEW.name, NEW.revision),
           repair = repair OR status IN ('active', 'suspended')
     WHERE plan = NEW.name AND status IN ('pending', 'provisioning', 'active', 'suspended');
    RETURN NULL;
END $$;
CREATE TRIGGER plan_after_update AFTER UPDATE ON gateway.plan
    FOR EACH ROW WHEN ((OLD.connection_limit, OLD.statement_timeout_seconds, OLD.idle_in_transaction_timeout_seconds, OLD.memory_mib, OLD.cpus, OLD.pids)
        IS DISTINCT FROM (NEW.connection_limit, NEW.statement_timeout_seconds, NEW.idle_in_transaction_timeout_seconds, NEW.memory_mib, NEW.cpus, NEW.pids))
    EXECUTE FUNCTION gateway.plan_after_update();

-- Pools that are filled by their weight up to their capacity, emptied, stopped, and have several members.
ALTER TABLE gateway.shared_pool
    ADD COLUMN state        text NOT NULL DEFAULT 'active' CONSTRAINT shared_pool_state_known CHECK (state IN ('active', 'draining', 'stopped')),
    ADD COLUMN capacity     integer CHECK (capacity BETWEEN 0 AND 1000000),
    ADD COLUMN weight       integer NOT NULL DEFAULT 100 CHECK (weight BETWEEN 1 AND 1000),
    ADD COLUMN further_urls text[] NOT NULL DEFAULT '{}'
        CHECK (cardinality(further_urls) <= 15 AND array_to_string(further_urls, ' ', ' ') ~ '^(https?://[^ ]+( https?://[^ ]+)*)?$');
COMMENT ON COLUMN gateway.shared_pool.backend_url IS 'Where its first member answers';
COMMENT ON COLUMN gateway.shared_pool.state IS 'draining: it takes no new tenants. stopped: none either, and its tenants get the 503 page';
COMMENT ON COLUMN gateway.shared_pool.capacity IS 'Tenants it takes at most; null for any number. Those of another state, and those put there by SQL, stay';
COMMENT ON COLUMN gateway.shared_pool.weight IS 'A tenant whose creator names no pool goes where tenants divided by weight are fewest';
COMMENT ON COLUMN gateway.shared_pool.further_urls IS 'Where its other members answer';
CREATE INDEX tenant_pool ON gateway.tenant (pool_id) WHERE status <> 'deleted';
