-- What a look for drift found, kept for people to see until the next one, and what only a worker can measure.
-- Rows are written where something differs from what stands here; a look that finds all as it was writes none.

CREATE TABLE gateway.drift (
    tenant_id     uuid NOT NULL REFERENCES gateway.tenant (id),
    kind          text NOT NULL,
    what          text NOT NULL,
    wanted        text,
    observed      text,
    repair        text NOT NULL,
    generation    bigint NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, kind, what),
    CONSTRAINT drift_kind_known CHECK (kind IN ('role_missing', 'role_differs', 'database_lost', 'database_differs', 'network_missing',
        'network_differs', 'network_duplicate', 'container_missing', 'container_stopped', 'container_running', 'container_differs',
        'route_missing', 'route_differs', 'returned')),
    CONSTRAINT drift_repair_known CHECK (repair IN ('asked', 'refused', 'left', 'impossible', 'repaired'))
);
COMMENT ON TABLE gateway.drift IS 'What the last look found that was not as a tenant''s row says. A row goes when a later look finds it in order';
COMMENT ON COLUMN gateway.drift.what IS 'One sentence that names the object';
COMMENT ON COLUMN gateway.drift.repair IS 'What was done about it. repaired is never stored: it is read off the tenant, which was made true since';
COMMENT ON COLUMN gateway.drift.generation IS 'The wish that the world was compared with';

CREATE TABLE gateway.look (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    looked_at       timestamptz NOT NULL DEFAULT now(),
    since           timestamptz NOT NULL DEFAULT now(),
    tenants         bigint NOT NULL,
    networks        bigint,
    containers      bigint,
    refused_code    text,
    refused_message text,
    unknown         jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT look_refused_whole CHECK ((refused_code IS NULL) = (refused_message IS NULL))
);
COMMENT ON TABLE gateway.look IS 'One row once a worker looked for drift: how the last look at the whole fleet ended';
COMMENT ON COLUMN gateway.look.looked_at IS 'When a look last found something else than stands here, or a quarter of an hour had passed: the last one was later by that at most';
COMMENT ON COLUMN gateway.look.since IS 'Since when looks end like this: refused for the same reason, the same sources unknown';
COMMENT ON COLUMN gateway.look.networks IS 'Docker networks with our mark; null where unknown, or without Docker Engine';

CREATE TABLE gateway.server_measure (
    server_id            uuid PRIMARY KEY REFERENCES gateway.database_server (id),
    max_connections      bigint NOT NULL,
    reserved_connections bigint NOT NULL,
    databases            bigint NOT NULL,
    databases_bytes      bigint,
    measured_at          timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gateway.server_measure IS 'What a worker last measured on a database server; written only when it differs';
COMMENT ON COLUMN gateway.server_measure.databases IS 'Tenants'' databases, retired ones too';
COMMENT ON COLUMN gateway.server_measure.databases_bytes IS 'Their size on disk to the next MiB, measured once an hour and when databases came or went; null where that took too long';
COMMENT ON COLUMN gateway.server_measure.measured_at IS 'When it was first measured so';
