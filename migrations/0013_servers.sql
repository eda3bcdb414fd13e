-- Several database servers: tenants are spread over them by weight, and workers say which of them they reach.

ALTER TABLE gateway.database_server
    ADD COLUMN weight     integer NOT NULL DEFAULT 100 CONSTRAINT database_server_weight_range CHECK (weight BETWEEN 1 AND 1000),
    ADD COLUMN overcommit double precision CONSTRAINT database_server_overcommit_range CHECK (overcommit BETWEEN 0.1 AND 1000),
    ADD COLUMN revision   bigint NOT NULL DEFAULT 0,
    ADD COLUMN removed_at timestamptz,
    DROP CONSTRAINT database_server_name_key;
CREATE UNIQUE INDEX database_server_name ON gateway.database_server (name) WHERE removed_at IS NULL;
COMMENT ON COLUMN gateway.database_server.name IS 'By this name a worker''s settings hold the credential of its administrator. Never changes';
COMMENT ON COLUMN gateway.database_server.weight IS 'A tenant goes where tenants divided by weight are fewest';
COMMENT ON COLUMN gateway.database_server.overcommit IS 'How many times the connections that it takes, without those it reserves, may be promised to tenants by their plans; null for any number';
COMMENT ON COLUMN gateway.database_server.revision IS 'Counts edits; the row''s entity tag';
COMMENT ON COLUMN gateway.database_server.removed_at IS 'When it was removed; the row stays for those of deleted tenants that were on it, and its name is free again';

CREATE FUNCTION gateway.database_server_edited() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER database_server_edited BEFORE UPDATE ON gateway.database_server
    FOR EACH ROW WHEN ((OLD.address, OLD.state, OLD.capacity, OLD.weight, OLD.overcommit, OLD.region)
        IS DISTINCT FROM (NEW.address, NEW.state, NEW.capacity, NEW.weight, NEW.overcommit, NEW.region))
    EXECUTE FUNCTION gateway.database_server_edited();

CREATE TABLE gateway.server_sight (
    server_id  uuid PRIMARY KEY REFERENCES gateway.database_server (id),
    looked_at  timestamptz NOT NULL DEFAULT now(),
    reached_at timestamptz,
    problem    text CHECK (problem ~ '^[a-z][a-z_]*$'),
    CONSTRAINT server_sight_told CHECK (problem IS NOT NULL OR reached_at IS NOT NULL)
);
COMMENT ON TABLE gateway.server_sight IS 'How the last look ended of a worker that holds the credential of a database server; renewed every few minutes, so a server without a young row is one whose credential nobody holds';
COMMENT ON COLUMN gateway.server_sight.reached_at IS 'When it last answered';
COMMENT ON COLUMN gateway.server_sight.problem IS 'Code of the failure of the last look; null when it answered';

-- There may be more than one, so the list says which.
UPDATE gateway.orphan SET place = 'database-server/default' WHERE place = 'database-server';
