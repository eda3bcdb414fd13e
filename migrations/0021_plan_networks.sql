-- Plans say what network their tenants have, and a claim tells what the plan allows.

ALTER TABLE gateway.plan
    ADD COLUMN network text NOT NULL DEFAULT 'per-tenant'
        CONSTRAINT plan_network_known CHECK (network IN ('per-tenant', 'per-pool', 'none')),
    -- A container is on the network of its tenant.
    ADD CONSTRAINT plan_network_fits CHECK (tier IS DISTINCT FROM 'dedicated' OR network = 'per-tenant');
COMMENT ON COLUMN gateway.plan.network IS 'What a tenant of the shared tier has: a network of its own, that of the pool that serves it, or none. A dedicated one always has its own';

-- What a tenant is to have changes with it, as with a limit.
CREATE OR REPLACE TRIGGER plan_after_update AFTER UPDATE ON gateway.plan
    FOR EACH ROW WHEN ((OLD.connection_limit, OLD.statement_timeout_seconds, OLD.idle_in_transaction_timeout_seconds, OLD.memory_mib, OLD.cpus, OLD.pids, OLD.network)
        IS DISTINCT FROM (NEW.connection_limit, NEW.statement_timeout_seconds, NEW.idle_in_transaction_timeout_seconds, NEW.memory_mib, NEW.cpus, NEW.pids, NEW.network))
    EXECUTE FUNCTION gateway.plan_after_update();

-- Gives more columns than before; programs name those that they read, so one that runs on goes on.
DROP FUNCTION gateway.claim(text, interval, integer, integer);

-- Claims due tenants, at most `places` and of these at most `places_behind` repairs and further attempts, which go behind
-- first attempts at what people asked for. One call is one transaction and one round trip.
--
-- The rows are locked by one statement and read again by the next, which sees what was committed until the locks were had.
-- In one statement, a wish that commits in between would show the new row beside the old operation, or the old limits of
-- its plan: whoever changes a plan commits the wishes of its tenants with it.
--
-- The queues are read from their heads whatever the planner knows of the tables, and plans are kept: making them takes
-- longer than claiming.
CREATE FUNCTION gateway.claim(worker text, lease interval, places integer, places_behind integer)
RETURNS TABLE (
    id uuid, key text, company_name text, tier text, status text, host text, pool_id uuid, server_id uuid,
    password_sealed text, verifier_sealed text, migration_version bigint, network_id text, container_id text,
    generation bigint, fence bigint, repair boolean, credentials_current boolean, attempt integer, lease_token uuid,
    created_at timestamptz, operation_id uuid, kind text, subnet cidr, connection_limit integer,
    statement_timeout_seconds integer, idle_in_transaction_timeout_seconds integer, memory_mib integer,
    cpus double precision, pids integer, network text)
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
           c.created_at, c.operation_id, c.kind, s.subnet, p.connection_limit, p.statement_timeout_seconds,
           p.idle_in_transaction_timeout_seconds, p.memory_mib, p.cpus, p.pids, p.network
      FROM claimed c JOIN gateway.plan p ON p.name = c.plan LEFT JOIN gateway.subnet s ON s.tenant_id = c.id;
END $$;
