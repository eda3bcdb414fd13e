-- The tenant row is the one interface to the worker: the API, the CLI, signup and a plain
--   INSERT INTO gateway.tenant (key, company_name) VALUES ('acme', 'Acme Logistics');
-- are only ways to write it. Triggers turn a wish (a new row, a changed status) into a numbered
-- operation that is due now, so every way in behaves alike.

CREATE TABLE gateway.installation (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id         uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gateway.installation IS 'One row: which control plane this is. Its id labels every object made outside.';
INSERT INTO gateway.installation DEFAULT VALUES;

CREATE TABLE gateway.database_server (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    address    text NOT NULL CHECK (address <> ''),
    state      text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'draining', 'offline')),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gateway.database_server IS 'A PostgreSQL cluster tenants are placed on. The administrator credential is a setting of the worker and never stored here.';
COMMENT ON COLUMN gateway.database_server.address IS 'host:port as the tenants'' apps reach it';

CREATE TABLE gateway.shared_pool (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name        text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    backend_url text NOT NULL CHECK (backend_url ~ '^https?://'),
    created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gateway.shared_pool IS 'App containers or URLs that serve shared tenants';

CREATE TABLE gateway.tenant (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key                 text NOT NULL,
    company_name        text NOT NULL,
    tier                text NOT NULL DEFAULT 'shared',
    status              text NOT NULL DEFAULT 'pending',
    paused              boolean NOT NULL DEFAULT false,
    host                text,
    pool_id             uuid REFERENCES gateway.shared_pool (id),
    server_id           uuid REFERENCES gateway.database_server (id),
    password_sealed     text,
    verifier_sealed     text,
    migration_version   bigint,
    network_id          text,
    container_id        text,
    container_image     text,
    generation          bigint NOT NULL DEFAULT 1,
    observed_generation bigint NOT NULL DEFAULT 0,
    attempt             integer NOT NULL DEFAULT 0,
    due_at              timestamptz,
    lease_token         uuid,
    lease_worker        text,
    lease_expires_at    timestamptz,
    error_step          text,
    error_code          text,
    error_message       text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    deleted_at          timestamptz,
    CONSTRAINT tenant_key_shape CHECK (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(key) BETWEEN 2 AND 40),
    CONSTRAINT tenant_key_not_uuid CHECK (key !~ '^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$'),
    CONSTRAINT tenant_key_not_reserved CHECK (key <> ALL (ARRAY[
        'account', 'accounts', 'admin', 'administrator', 'api', 'app', 'apps', 'assets', 'auth', 'autoconfig',
        'autodiscover', 'billing', 'blog', 'cdn', 'console', 'dashboard', 'default', 'dev', 'dns', 'docs', 'email',
        'fallback', 'ftp', 'gateway', 'help', 'imap', 'internal', 'localhost', 'login', 'logout', 'mail', 'metrics',
        'mx', 'ns', 'ns1', 'ns2', 'oauth', 'pool', 'pop', 'pop3', 'postgres', 'postmaster', 'public', 'redis', 'root',
        'security', 'signup', 'smtp', 'sso', 'staging', 'static', 'status', 'support', 'system', 'template0',
        'template1', 'test', 'traefik', 'webmail', 'wpad', 'www'])),
    CONSTRAINT tenant_company_name_shape CHECK (length(company_name) BETWEEN 1 AND 200 AND company_name = btrim(company_name)
        AND company_name !~ '[\u0001-\u001f\u007f]'),
    CONSTRAINT tenant_tier_known CHECK (tier IN ('shared', 'dedicated')),
    CONSTRAINT tenant_status_known CHECK (status IN ('pending', 'provisioning', 'active', 'suspended', 'deleting', 'deleted', 'error')),
    CONSTRAINT tenant_host_shape CHECK (host ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' AND host !~ '\.[0-9]+$' AND length(host) <= 253),
    CONSTRAINT tenant_lease_whole CHECK ((lease_token IS NULL) = (lease_expires_at IS NULL) AND (lease_token IS NULL) = (lease_worker IS NULL)),
    CONSTRAINT tenant_tombstone_empty CHECK (status <> 'deleted' OR (due_at IS NULL AND lease_token IS NULL AND password_sealed IS NULL AND verifier_sealed IS NULL AND deleted_at IS NOT NULL))
);
COMMENT ON COLUMN gateway.tenant.id IS 'Never changes; the names of its database, roles, network and container are made from it';
COMMENT ON COLUMN gateway.tenant.key IS 'What people call the tenant; part of its default host and of its Traefik router name';
COMMENT ON COLUMN gateway.tenant.status IS 'See gateway/docs/architecture.md; a trigger refuses moves outside the transition table';
COMMENT ON COLUMN gateway.tenant.paused IS 'The worker leaves a paused tenant alone';
COMMENT ON COLUMN gateway.tenant.host IS 'Asked for at creation, else <key>.<host suffix>, fixed by the allocate step';
COMMENT ON COLUMN gateway.tenant.password_sealed IS 'Password of the app''s login role, sealed with GATEWAY_SECRET_KEYS';
COMMENT ON COLUMN gateway.tenant.verifier_sealed IS 'SCRAM verifier of that password, fixed once so that setting it again changes nothing';
COMMENT ON COLUMN gateway.tenant.migration_version IS 'Highest migration applied to the tenant''s database';
COMMENT ON COLUMN gateway.tenant.generation IS 'Counts wishes; raised by every move of status that asks for work';
COMMENT ON COLUMN gateway.tenant.observed_generation IS 'The generation that was last made true';
COMMENT ON COLUMN gateway.tenant.attempt IS 'Claims spent on the present generation; back to 0 when it is settled';
COMMENT ON COLUMN gateway.tenant.due_at IS 'When a worker may next claim the row; null when there is nothing to do';
COMMENT ON COLUMN gateway.tenant.lease_token IS 'Fresh per claim; every write of the worker carries it, so a worker that lost the row cannot change it';
COMMENT ON COLUMN gateway.tenant.lease_expires_at IS 'Database time; past means the worker died or stalled and the row may be claimed again';

CREATE UNIQUE INDEX tenant_key_live ON gateway.tenant (key) WHERE status <> 'deleted';
CREATE UNIQUE INDEX tenant_host_live ON gateway.tenant (host) WHERE status <> 'deleted';
CREATE INDEX tenant_due ON gateway.tenant (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX tenant_order ON gateway.tenant (created_at DESC, id DESC);

CREATE TABLE gateway.subnet (
    subnet      cidr PRIMARY KEY,
    tenant_id   uuid UNIQUE REFERENCES gateway.tenant (id),
    usable_from timestamptz NOT NULL DEFAULT now(),
    EXCLUDE USING gist (subnet inet_ops WITH &&)
);
COMMENT ON TABLE gateway.subnet IS 'Every subnet ever handed out; no two overlap. tenant_id null: free again at usable_from.';

CREATE TABLE gateway.operation (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id     uuid NOT NULL REFERENCES gateway.tenant (id),
    kind          text NOT NULL CHECK (kind IN ('provision', 'reconverge', 'suspend', 'reactivate', 'deprovision')),
    state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'succeeded', 'failed', 'cancelled')),
    generation    bigint NOT NULL,
    attempt       integer NOT NULL DEFAULT 0,
    requested_by  text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    ended_at      timestamptz,
    error_step    text,
    error_code    text,
    error_message text,
    CONSTRAINT operation_end_known CHECK ((state IN ('pending', 'running')) = (ended_at IS NULL))
);
COMMENT ON TABLE gateway.operation IS 'One long piece of work on a tenant. At most one per tenant is open.';
CREATE UNIQUE INDEX operation_open ON gateway.operation (tenant_id) WHERE state IN ('pending', 'running');
CREATE INDEX operation_of_tenant ON gateway.operation (tenant_id, created_at DESC, id DESC);
CREATE INDEX operation_order ON gateway.operation (created_at DESC, id DESC);

CREATE TABLE gateway.step_attempt (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id  uuid NOT NULL REFERENCES gateway.operation (id),
    tenant_id     uuid NOT NULL REFERENCES gateway.tenant (id),
    step          text NOT NULL,
    action        text NOT NULL CHECK (action IN ('ensure', 'remove')),
    attempt       integer NOT NULL,
    state         text NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'succeeded', 'skipped', 'failed')),
    worker        text NOT NULL,
    lease_token   uuid NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at      timestamptz,
    result        jsonb,
    error_code    text,
    error_message text,
    retryable     boolean,
    CONSTRAINT step_attempt_end_known CHECK ((state = 'started') = (ended_at IS NULL))
);
COMMENT ON TABLE gateway.step_attempt IS 'Append-only: written before a step touches the outside, ended once afterwards, then never changed';
CREATE INDEX step_attempt_of_operation ON gateway.step_attempt (operation_id, id);

CREATE TABLE gateway.tenant_transition (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   uuid NOT NULL REFERENCES gateway.tenant (id),
    from_status text,
    to_status   text NOT NULL,
    generation  bigint NOT NULL,
    actor       text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE gateway.tenant_transition IS 'A row for every change of status, written by trigger';
CREATE INDEX tenant_transition_of_tenant ON gateway.tenant_transition (tenant_id, id);
