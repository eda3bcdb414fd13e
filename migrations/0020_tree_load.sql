-- How far Traefik is with the changes of its tree, as the worker that looked last found it.

CREATE TABLE gateway.tree_load (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    looked_at     timestamptz NOT NULL DEFAULT now(),
    written       bigint,
    loaded        bigint,
    awaited       bigint,
    waiting_since timestamptz,
    CONSTRAINT tree_load_wait_whole CHECK ((awaited IS NULL) = (waiting_since IS NULL))
);
COMMENT ON TABLE gateway.tree_load IS 'One row once a worker looked how far Traefik is with the changes of its tree. Its values are those of the last look that ended';
COMMENT ON COLUMN gateway.tree_load.looked_at IS 'When a worker last set out to look';
COMMENT ON COLUMN gateway.tree_load.written IS 'How many changes of the tree were counted in Redis; null where the count is lost or Redis did not answer';
COMMENT ON COLUMN gateway.tree_load.loaded IS 'How many of them Traefik had loaded, 0 where it does not say; null where its API did not answer';
COMMENT ON COLUMN gateway.tree_load.awaited IS 'The change that Traefik is waited for to load; null while it had loaded all that were written';
COMMENT ON COLUMN gateway.tree_load.waiting_since IS 'When a look first found that change written and not loaded';
