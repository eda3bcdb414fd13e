-- The same wish about many tenants.

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
