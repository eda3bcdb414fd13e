-- Tenants without a router of their own: the wildcard router leads to the tenant port, which knows them from their rows.

-- Whoever writes drift holds it and asks for the tenant next.
LOCK TABLE gateway.drift, gateway.shared_pool, gateway.tenant IN ACCESS EXCLUSIVE MODE;

-- Bound to the row's type, which is about to change; made again below.
DROP FUNCTION gateway.is_changed_wish(gateway.tenant, gateway.tenant);

ALTER TABLE gateway.tenant
    ADD COLUMN route_revision text CONSTRAINT tenant_route_revision_shape CHECK (route_revision ~ '^[0-9a-f]{16}$'),
    ADD COLUMN route_pinned   boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN gateway.tenant.route_revision IS 'Set where the wildcard router leads to the tenant: the tenant port serves it, and its answers carry this. Null where the tenant has a router of its own, or none. Written by workers';
COMMENT ON COLUMN gateway.tenant.route_pinned IS 'A router of its own whatever the routing mode; another value is a wish';

CREATE FUNCTION gateway.is_changed_wish(was gateway.tenant, wanted gateway.tenant) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (wanted).status IN ('pending', 'provisioning', 'active', 'suspended')
       AND ((wanted).credentials <> (was).credentials OR (wanted).plan <> (was).plan OR (wanted).plan_revision <> (was).plan_revision
            OR (wanted).route_pinned <> (was).route_pinned
            OR ((was).pool_id IS NOT NULL AND (wanted).pool_id IS DISTINCT FROM (was).pool_id))
        OR (was).due_at IS NULL AND (wanted).due_at IS NOT NULL;

-- Tenant ports hear on a channel of their own: workers would be woken for nothing.
CREATE FUNCTION gateway.tenant_routed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gateway_route', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER tenant_routed AFTER UPDATE ON gateway.tenant
    FOR EACH ROW WHEN (OLD.route_revision IS DISTINCT FROM NEW.route_revision OR OLD.host <> NEW.host)
    EXECUTE FUNCTION gateway.tenant_routed();

-- Where a pool answers concerns all its tenants, so nobody is named.
CREATE FUNCTION gateway.pool_led() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gateway_route', '');
    RETURN NULL;
END $$;
CREATE TRIGGER pool_led AFTER UPDATE ON gateway.shared_pool
    FOR EACH ROW WHEN ((OLD.backend_url, OLD.further_urls, OLD.state) IS DISTINCT FROM (NEW.backend_url, NEW.further_urls, NEW.state))
    EXECUTE FUNCTION gateway.pool_led();

ALTER TABLE gateway.drift DROP CONSTRAINT drift_kind_known;
ALTER TABLE gateway.drift ADD CONSTRAINT drift_kind_known CHECK (kind IN ('role_missing', 'role_differs', 'database_lost',
    'database_differs', 'network_missing', 'network_differs', 'network_duplicate', 'container_missing', 'container_stopped',
    'container_running', 'container_differs', 'route_missing', 'route_differs', 'route_mode', 'returned'));
