-- Numbers over time, looks into the containers of dedicated tenants, and views of the list of tenants that people keep.

CREATE TABLE gateway.traffic (
    tenant_id uuid NOT NULL,
    at        timestamptz NOT NULL,
    seconds   integer NOT NULL CHECK (seconds BETWEEN 1 AND 3600),
    requests  bigint NOT NULL CHECK (requests > 0),
    errors    bigint NOT NULL CHECK (errors BETWEEN 0 AND requests),
    durations bigint[] NOT NULL CHECK (cardinality(durations) = 13),
    PRIMARY KEY (tenant_id, at, seconds)
);
COMMENT ON TABLE gateway.traffic IS 'What was asked of tenants in spans of time. Several processes add to one row; a span without a request has none. Old rows become fewer and longer';
COMMENT ON COLUMN gateway.traffic.tenant_id IS 'The nil UUID stands for all, those asked for by hosts that nobody has included';
COMMENT ON COLUMN gateway.traffic.at IS 'When the span began';
COMMENT ON COLUMN gateway.traffic.seconds IS 'How long the span is';
COMMENT ON COLUMN gateway.traffic.errors IS 'Of these with a status of 500 or more, besides the pages of suspended and unfinished tenants';
COMMENT ON COLUMN gateway.traffic.durations IS 'How many took how long until the head of the answer: up to 5, 10, 25, 50, 100, 250, 500 ms, 1, 2.5, 5, 10, 30 s, and longer';
CREATE INDEX traffic_age ON gateway.traffic (at, seconds);

CREATE FUNCTION gateway.add_counts(one bigint[], other bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE
    RETURN ARRAY(SELECT coalesce(pair.a, 0) + coalesce(pair.b, 0)
                   FROM unnest(one, other) WITH ORDINALITY AS pair (a, b, place) ORDER BY pair.place);

CREATE TABLE gateway.level (
    metric text NOT NULL,
    name   text NOT NULL,
    at     timestamptz NOT NULL,
    value  double precision NOT NULL,
    PRIMARY KEY (metric, name, at)
);
COMMENT ON TABLE gateway.level IS 'What a worker reads off the whole fleet by the clock. A row is written when the value differs from the row before, and once an hour';
COMMENT ON COLUMN gateway.level.name IS 'What of the metric, such as a state or the name of a database server';
CREATE INDEX level_age ON gateway.level (at);

-- Series ask for operations by the time they ended. A move from pending to running touches this index no more than the others.
CREATE INDEX operation_ended ON gateway.operation (ended_at) WHERE ended_at IS NOT NULL;

-- A look into a tenant's container: asked for by a row, done by any worker at once, and gone minutes later.
CREATE TABLE gateway.inspection (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id     uuid NOT NULL REFERENCES gateway.tenant (id),
    kind          text NOT NULL CONSTRAINT inspection_kind_known CHECK (kind IN ('logs', 'stats')),
    state         text NOT NULL DEFAULT 'pending' CONSTRAINT inspection_state_known CHECK (state IN ('pending', 'running', 'succeeded', 'failed')),
    parameters    jsonb NOT NULL DEFAULT '{}',
    principal     text NOT NULL,
    worker        text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    ended_at      timestamptz,
    result        text,
    error_code    text,
    error_message text,
    CONSTRAINT inspection_end_known CHECK ((state IN ('pending', 'running')) = (ended_at IS NULL)),
    CONSTRAINT inspection_result_of_success CHECK ((state = 'succeeded') = (result IS NOT NULL)),
    CONSTRAINT inspection_error_of_failure CHECK ((state = 'failed') = (error_code IS NOT NULL) AND (error_code IS NULL) = (error_message IS NULL))
);
COMMENT ON TABLE gateway.inspection IS 'Looks into the containers of dedicated tenants, asked for by the API and done by workers. Rows are removed minutes after they were made';
COMMENT ON COLUMN gateway.inspection.principal IS 'Who asked; nobody else is shown the result';
COMMENT ON COLUMN gateway.inspection.result IS 'Sealed, as it may hold data of customers. It is gone before a key is, so it is never sealed again';
CREATE INDEX inspection_order ON gateway.inspection (created_at);
CREATE INDEX inspection_of_tenant ON gateway.inspection (tenant_id, created_at);

CREATE FUNCTION gateway.inspection_after_insert() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('gateway_inspection', NEW.id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER inspection_after_insert AFTER INSERT ON gateway.inspection
    FOR EACH ROW EXECUTE FUNCTION gateway.inspection_after_insert();

CREATE TABLE gateway.saved_view (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id    uuid NOT NULL REFERENCES gateway.user_account (id) ON DELETE CASCADE,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60 AND name = btrim(name) AND name !~ '[\u0001-\u001f\u007f]'),
    shared     boolean NOT NULL DEFAULT false,
    query      text NOT NULL CHECK (length(query) <= 2000),
    columns    text[] NOT NULL DEFAULT '{}' CHECK (cardinality(columns) <= 40),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT saved_view_name UNIQUE (user_id, name)
);
COMMENT ON TABLE gateway.saved_view IS 'Lists of tenants that people keep under a name';
COMMENT ON COLUMN gateway.saved_view.shared IS 'Everybody sees it; only its owner changes it';
COMMENT ON COLUMN gateway.saved_view.query IS 'Parameters of list_tenants, as in a URL';
COMMENT ON COLUMN gateway.saved_view.columns IS 'Columns that are shown, in order; empty for those that are shown by default';
CREATE INDEX saved_view_order ON gateway.saved_view (created_at DESC, id DESC);
