-- The rules of gateway.tenant as triggers. The same transition table stands in the gateway's
-- domain/status.rs; a test compares the two.

-- Who is asking: set by the API and the worker for the transaction, else the SQL login.
CREATE FUNCTION gateway.actor() RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(nullif(current_setting('gateway.actor', true), ''), 'sql:' || session_user)
$$;

CREATE FUNCTION gateway.is_legal_transition(from_status text, to_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT (from_status, to_status) IN (
        ('pending', 'provisioning'),
        ('provisioning', 'active'), ('provisioning', 'pending'), ('provisioning', 'error'),
        ('active', 'suspended'), ('active', 'pending'),
        ('suspended', 'pending'), ('error', 'pending'),
        ('pending', 'deleting'), ('provisioning', 'deleting'), ('active', 'deleting'), ('suspended', 'deleting'), ('error', 'deleting'),
        ('deleting', 'deleted'))
$$;

-- A wish is a move that asks for work; the other moves are the worker's record of work done.
CREATE FUNCTION gateway.is_wish(from_status text, to_status text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_status IN ('suspended', 'deleting') OR (to_status = 'pending' AND from_status <> 'provisioning')
$$;

CREATE FUNCTION gateway.tenant_before_insert() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.status <> 'pending' THEN
        RAISE EXCEPTION 'a tenant is created with status pending, not %', NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_transition_legal', COLUMN = 'status';
    END IF;
    NEW.due_at := coalesce(NEW.due_at, now());
    RETURN NEW;
END $$;
CREATE TRIGGER tenant_before_insert BEFORE INSERT ON gateway.tenant
    FOR EACH ROW EXECUTE FUNCTION gateway.tenant_before_insert();

CREATE FUNCTION gateway.tenant_before_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.key <> OLD.key THEN
        RAISE EXCEPTION 'id and key of a tenant never change' USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_identity_fixed';
    END IF;
    IF NEW.status <> OLD.status THEN
        IF NOT gateway.is_legal_transition(OLD.status, NEW.status) THEN
            RAISE EXCEPTION 'a tenant cannot go from % to %', OLD.status, NEW.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_transition_legal', COLUMN = 'status';
        END IF;
        IF gateway.is_wish(OLD.status, NEW.status) THEN
            NEW.generation := OLD.generation + 1;
            NEW.due_at := now();
            NEW.attempt := 0;
            NEW.error_step := NULL;
            NEW.error_code := NULL;
            NEW.error_message := NULL;
        END IF;
    ELSIF OLD.status = 'deleted' THEN
        RAISE EXCEPTION 'a deleted tenant is a tombstone and never changes'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_transition_legal', COLUMN = 'status';
    END IF;
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER tenant_before_update BEFORE UPDATE ON gateway.tenant
    FOR EACH ROW EXECUTE FUNCTION gateway.tenant_before_update();

-- Opens the operation a wish asks for; one that is still open is superseded.
CREATE FUNCTION gateway.open_operation(wanted gateway.tenant, kind text) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE gateway.operation SET state = 'cancelled', ended_at = clock_timestamp(),
           error_code = 'superseded', error_message = 'replaced by a newer request'
     WHERE tenant_id = wanted.id AND state IN ('pending', 'running');
    INSERT INTO gateway.operation (tenant_id, kind, generation, requested_by)
    VALUES (wanted.id, kind, wanted.generation, gateway.actor());
END $$;

CREATE FUNCTION gateway.tenant_after_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    came_from text := CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END;
BEGIN
    IF came_from IS DISTINCT FROM NEW.status THEN
        INSERT INTO gateway.tenant_transition (tenant_id, from_status, to_status, generation, actor)
        VALUES (NEW.id, came_from, NEW.status, NEW.generation, gateway.actor());
        IF came_from IS NULL THEN
            PERFORM gateway.open_operation(NEW, 'provision');
        ELSIF gateway.is_wish(came_from, NEW.status) THEN
            PERFORM gateway.open_operation(NEW, CASE
                WHEN NEW.status = 'deleting' THEN 'deprovision'
                WHEN NEW.status = 'suspended' THEN 'suspend'
                WHEN came_from = 'suspended' THEN 'reactivate'
                WHEN NEW.observed_generation = 0 THEN 'provision'
                ELSE 'reconverge' END);
        END IF;
        PERFORM pg_notify('gateway_tenant', NEW.id::text);
    ELSIF NEW.due_at IS DISTINCT FROM OLD.due_at AND NEW.due_at IS NOT NULL THEN
        PERFORM pg_notify('gateway_tenant', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tenant_after_change AFTER INSERT OR UPDATE ON gateway.tenant
    FOR EACH ROW EXECUTE FUNCTION gateway.tenant_after_change();

CREATE FUNCTION gateway.tenant_before_delete() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a tenant row is never removed: set its status to deleting'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'tenant_row_kept';
END $$;
CREATE TRIGGER tenant_before_delete BEFORE DELETE ON gateway.tenant
    FOR EACH ROW EXECUTE FUNCTION gateway.tenant_before_delete();

CREATE FUNCTION gateway.step_attempt_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'started' THEN
        RAISE EXCEPTION 'the record of a step attempt is append-only'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'step_attempt_append_only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER step_attempt_guard BEFORE UPDATE OR DELETE ON gateway.step_attempt
    FOR EACH ROW EXECUTE FUNCTION gateway.step_attempt_guard();
