-- Signups: what strangers ask for. A tenant's row is written only when one is accepted, so nothing is spent before.

-- Keys that look alike at a glance have one skeleton. The same folding stands in the gateway's domain/likeness.rs; a test
-- compares the two.
CREATE FUNCTION gateway.key_skeleton(key text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN translate(replace(replace(key, 'rn', 'm'), 'vv', 'w'), '01i', 'oll');
CREATE INDEX tenant_skeleton ON gateway.tenant (gateway.key_skeleton(key)) WHERE status <> 'deleted';

CREATE TABLE gateway.signup (
    id                  uuid PRIMARY KEY,
    state               text NOT NULL,
    key                 text NOT NULL,
    company_name        text NOT NULL,
    email               text,
    contact_name        text,
    contact_phone       text,
    status_hash         bytea NOT NULL UNIQUE CHECK (length(status_hash) = 32),
    proof_hash          bytea UNIQUE CHECK (length(proof_hash) = 32),
    proved_at           timestamptz,
    first_user_sealed   text,
    first_user_taken_at timestamptz,
    tenant_id           uuid UNIQUE REFERENCES gateway.tenant (id),
    decided_by          text,
    reason              text,
    created_at          timestamptz NOT NULL DEFAULT now(),
    expires_at          timestamptz,
    ended_at            timestamptz,
    CONSTRAINT signup_state_known CHECK (state IN ('waiting_proof', 'waiting_approval', 'accepted', 'refused', 'expired')),
    CONSTRAINT signup_key_shape CHECK (key ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(key) BETWEEN 2 AND 40),
    CONSTRAINT signup_company_name_shape CHECK (length(company_name) BETWEEN 1 AND 200),
    CONSTRAINT signup_email_shape CHECK (email = lower(email) AND length(email) <= 254),
    CONSTRAINT signup_contact_shape CHECK (length(contact_name) BETWEEN 1 AND 100 AND length(contact_phone) BETWEEN 1 AND 100),
    CONSTRAINT signup_reason_shape CHECK (length(reason) <= 500),
    CONSTRAINT signup_waits_until CHECK ((state IN ('waiting_proof', 'waiting_approval')) = (expires_at IS NOT NULL)),
    CONSTRAINT signup_end_known CHECK ((state IN ('waiting_proof', 'waiting_approval')) = (ended_at IS NULL)),
    CONSTRAINT signup_accepted_tenant CHECK ((state = 'accepted') = (tenant_id IS NOT NULL)),
    CONSTRAINT signup_provable CHECK (state <> 'waiting_proof' OR (proof_hash IS NOT NULL AND email IS NOT NULL AND proved_at IS NULL)),
    CONSTRAINT signup_payload_wanted CHECK (first_user_sealed IS NULL OR (state NOT IN ('refused', 'expired') AND first_user_taken_at IS NULL))
);
COMMENT ON TABLE gateway.signup IS 'One row for each signup; ended ones go after signup_keep_days, and with their tenant''s data';
COMMENT ON COLUMN gateway.signup.key IS 'What its tenant is to be called; held against other signups while it waits, not against the operator';
COMMENT ON COLUMN gateway.signup.status_hash IS 'SHA-256 of the 256-bit token under which its state can be asked for';
COMMENT ON COLUMN gateway.signup.proof_hash IS 'SHA-256 of the 256-bit token in the letter; once used it serves to ask for the state too';
COMMENT ON COLUMN gateway.signup.first_user_sealed IS 'JSON for the tenant''s app, sealed with GATEWAY_SECRET_KEYS; erased when it is taken';
COMMENT ON COLUMN gateway.signup.decided_by IS 'Who approved or refused it; null where nobody had to';
COMMENT ON COLUMN gateway.signup.reason IS 'Why it was refused; for operators';
COMMENT ON COLUMN gateway.signup.expires_at IS 'Until when it waits. After that it counts as expired, also before the row says so';
CREATE UNIQUE INDEX signup_key_held ON gateway.signup (gateway.key_skeleton(key)) WHERE state IN ('waiting_proof', 'waiting_approval');
CREATE INDEX signup_order ON gateway.signup (created_at DESC, id DESC);
CREATE INDEX signup_waiting ON gateway.signup (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX signup_ended ON gateway.signup (ended_at) WHERE ended_at IS NOT NULL;

CREATE FUNCTION gateway.is_legal_signup_move(from_state text, to_state text) RETURNS boolean LANGUAGE sql IMMUTABLE
    RETURN (from_state, to_state) IN (
        ('waiting_proof', 'waiting_approval'), ('waiting_proof', 'accepted'), ('waiting_proof', 'refused'), ('waiting_proof', 'expired'),
        ('waiting_approval', 'accepted'), ('waiting_approval', 'refused'), ('waiting_approval', 'expired'));

CREATE FUNCTION gateway.signup_before_update() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT gateway.is_legal_signup_move(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a signup cannot go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'signup_move_legal', COLUMN = 'state';
    END IF;
    IF NEW.state IN ('accepted', 'refused', 'expired') THEN
        NEW.expires_at := NULL;
        NEW.ended_at := coalesce(NEW.ended_at, now());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signup_before_update BEFORE UPDATE OF state ON gateway.signup
    FOR EACH ROW EXECUTE FUNCTION gateway.signup_before_update();

-- What a stranger left for a tenant's app goes with the tenant's data, whoever removes it.
CREATE FUNCTION gateway.signup_of_gone_tenant() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM gateway.signup WHERE tenant_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER tenant_gone_signup AFTER UPDATE OF status ON gateway.tenant
    FOR EACH ROW WHEN (NEW.status IN ('purging', 'deleted') AND OLD.status <> NEW.status) EXECUTE FUNCTION gateway.signup_of_gone_tenant();

COMMENT ON COLUMN gateway.answer.principal IS 'Whose key: a caller that is known; of strangers, a digest of address and call, so that two never share one';
ALTER TABLE gateway.answer
    ADD COLUMN location_sealed text,
    ADD CONSTRAINT answer_one_location CHECK (location IS NULL OR location_sealed IS NULL);
COMMENT ON COLUMN gateway.answer.location_sealed IS 'In place of location, where the path itself is a secret';
