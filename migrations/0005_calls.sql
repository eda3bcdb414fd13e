-- What calls leave behind: a record of each that changes something, answers that can be given twice, and what people
-- note about a tenant.

CREATE FUNCTION gateway.are_labels(labels jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN jsonb_typeof(labels) = 'object'
       AND NOT EXISTS (SELECT FROM jsonb_each(CASE jsonb_typeof(labels) WHEN 'object' THEN labels ELSE '{}' END) l
                        WHERE jsonb_typeof(l.value) <> 'string' OR l.key !~ '^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$'
                           OR length(l.value #>> '{}') > 200 OR (l.value #>> '{}') ~ '[\u0001-\u001f\u007f]');

-- Bound to the row's type, which is about to change; made again below.
DROP FUNCTION gateway.is_changed_wish(gateway.tenant, gateway.tenant);

ALTER TABLE gateway.tenant
    ADD COLUMN labels   jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN notes    text NOT NULL DEFAULT '',
    ADD COLUMN revision bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT tenant_labels_shape CHECK (gateway.are_labels(labels)),
    ADD CONSTRAINT tenant_notes_shape CHECK (length(notes) <= 10000);
CREATE FUNCTION gateway.is_changed_wish(was gateway.tenant, wanted gateway.tenant) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (wanted).status IN ('pending', 'provisioning', 'active', 'suspended')
       AND ((wanted).credentials <> (was).credentials OR ((was).pool_id IS NOT NULL AND (wanted).pool_id IS DISTINCT FROM (was).pool_id))
        OR (was).due_at IS NULL AND (wanted).due_at IS NOT NULL;
COMMENT ON COLUMN gateway.tenant.labels IS 'Words of the operator''s own, such as {"plan": "gold"}; lists can be asked for by them';
COMMENT ON COLUMN gateway.tenant.notes IS 'Free text for people';
COMMENT ON COLUMN gateway.tenant.revision IS 'Counts edits of what needs no work: name, labels, notes, paused. With generation it is the row''s entity tag';
CREATE INDEX tenant_labels ON gateway.tenant USING gin (labels jsonb_path_ops);

CREATE FUNCTION gateway.tenant_edited() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    PERFORM pg_notify('gateway_tenant', NEW.id::text);
    RETURN NEW;
END $$;
CREATE TRIGGER tenant_edited BEFORE UPDATE OF company_name, labels, notes, paused ON gateway.tenant
    FOR EACH ROW WHEN ((OLD.company_name, OLD.labels, OLD.notes, OLD.paused) IS DISTINCT FROM (NEW.company_name, NEW.labels, NEW.notes, NEW.paused))
    EXECUTE FUNCTION gateway.tenant_edited();

-- One row for each call that changes something or was refused, in a chain: each carries the digest of the one before.
CREATE TABLE gateway.audit (
    id         bigint PRIMARY KEY,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    via        text NOT NULL CHECK (via IN ('api_key', 'session', 'anonymous')),
    address    text NOT NULL,
    request_id text NOT NULL,
    call       text NOT NULL,
    path       text NOT NULL,
    target     text,
    status     integer NOT NULL CHECK (status BETWEEN 100 AND 599),
    code       text,
    before     jsonb,
    after      jsonb,
    digest     bytea NOT NULL CHECK (length(digest) = 32)
);
COMMENT ON TABLE gateway.audit IS 'Append-only. Written in the transaction of the change it tells of; refused calls by themselves';
COMMENT ON COLUMN gateway.audit.id IS 'Rises by one without gaps';
COMMENT ON COLUMN gateway.audit.call IS 'Operation id of the admin API''s document';
COMMENT ON COLUMN gateway.audit.target IS 'What was changed, as kind:id; null for what was refused';
COMMENT ON COLUMN gateway.audit.digest IS 'SHA-256 of the digest before and of this row; see gateway.audit_digest';
CREATE INDEX audit_of_target ON gateway.audit (target, id);
CREATE INDEX audit_of_actor ON gateway.audit (actor, id);

CREATE TABLE gateway.audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       bigint NOT NULL,
    digest   bytea NOT NULL CHECK (length(digest) = 32)
);
COMMENT ON TABLE gateway.audit_head IS 'One row: the newest of gateway.audit. Locking it puts the rows in order';
INSERT INTO gateway.audit_head (id, digest) VALUES (0, decode(repeat('00', 32), 'hex'));

-- The digest covers the former digest and each column as its length in bytes, a colon and its text; a minus stands for null.
-- Programs that check the chain compute it by themselves.
CREATE FUNCTION gateway.audit_digest(former bytea, entry gateway.audit) RETURNS bytea LANGUAGE sql IMMUTABLE
    RETURN sha256(former || convert_to((
        SELECT string_agg(coalesce(octet_length(convert_to(part, 'UTF8')) || ':' || part, '-'), '' ORDER BY place)
          FROM unnest(ARRAY[(entry).id::text, ((extract(epoch FROM (entry).at) * 1000000)::bigint)::text, (entry).actor, (entry).via,
                            (entry).address, (entry).request_id, (entry).call, (entry).path, (entry).target,
                            (entry).status::text, (entry).code, (entry).before::text, (entry).after::text])
               WITH ORDINALITY AS parts (part, place)), 'UTF8'));

CREATE FUNCTION gateway.audit_before_insert() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head gateway.audit_head;
BEGIN
    SELECT * INTO STRICT head FROM gateway.audit_head FOR UPDATE;
    NEW.id := head.id + 1;
    NEW.at := clock_timestamp();
    NEW.digest := gateway.audit_digest(head.digest, NEW);
    UPDATE gateway.audit_head SET id = NEW.id, digest = NEW.digest;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_before_insert BEFORE INSERT ON gateway.audit FOR EACH ROW EXECUTE FUNCTION gateway.audit_before_insert();

CREATE FUNCTION gateway.audit_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never changed' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_append_only';
END $$;
CREATE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON gateway.audit FOR EACH STATEMENT EXECUTE FUNCTION gateway.audit_guard();

CREATE TABLE gateway.answer (
    principal   text NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    status      integer NOT NULL,
    location    text,
    etag        text,
    body_sealed text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key)
);
COMMENT ON TABLE gateway.answer IS 'Answers to calls with an Idempotency-Key, written in the transaction of what they did; kept for a day';
COMMENT ON COLUMN gateway.answer.fingerprint IS 'SHA-256 of method, path, query and body: another call under the same key is refused';
COMMENT ON COLUMN gateway.answer.body_sealed IS 'Sealed with GATEWAY_SECRET_KEYS: some answers hold a secret that is shown once';
CREATE INDEX answer_age ON gateway.answer (created_at);

-- Keys that end, that see only some tenants, and that can be exchanged while the old one still works for a time.
ALTER TABLE gateway.api_key
    ADD COLUMN tenants       uuid[],
    ADD COLUMN pools         uuid[],
    ADD COLUMN created_by    text NOT NULL DEFAULT gateway.actor(),
    ADD COLUMN expires_at    timestamptz,
    ADD COLUMN last_used_at  timestamptz,
    ADD COLUMN rotated_at    timestamptz,
    ADD COLUMN former_hash   bytea CHECK (length(former_hash) = 32),
    ADD COLUMN former_until  timestamptz,
    ADD CONSTRAINT api_key_former_whole CHECK ((former_hash IS NULL) = (former_until IS NULL));
COMMENT ON COLUMN gateway.api_key.tenants IS 'The tenants it sees; null for all';
COMMENT ON COLUMN gateway.api_key.pools IS 'The shared pools whose tenants it sees; null for all';
COMMENT ON COLUMN gateway.api_key.last_used_at IS 'Written at most once a minute';
COMMENT ON COLUMN gateway.api_key.former_hash IS 'Of the secret before the last rotation, which works until former_until';
CREATE INDEX api_key_order ON gateway.api_key (created_at DESC, id DESC);
