-- The schema says which programs it still serves, so that a release can be taken back after its migration.

CREATE TABLE gateway.schema_floor (
    one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
    version bigint NOT NULL CHECK (version > 0)
);
COMMENT ON TABLE gateway.schema_floor IS 'One row. A migration that takes away what programs use raises its version';
COMMENT ON COLUMN gateway.schema_floor.version IS 'Programs built for this version of the schema or a newer one may run on it';
INSERT INTO gateway.schema_floor (version) VALUES (22);
