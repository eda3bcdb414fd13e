-- People: invited by somebody, with a role that is never taken from the last owner, a second factor if they wish, and
-- sessions that can be told apart.

ALTER TABLE gateway.user_account
    ALTER COLUMN password_hash DROP NOT NULL,
    ADD COLUMN name          text NOT NULL DEFAULT '' CHECK (length(name) <= 100),
    ADD COLUMN created_by    text NOT NULL DEFAULT gateway.actor(),
    ADD COLUMN last_login_at timestamptz,
    ADD COLUMN revision      bigint NOT NULL DEFAULT 0,
    ADD COLUMN totp_sealed   text,
    ADD COLUMN totp_since    timestamptz,
    ADD COLUMN totp_step     bigint,
    ADD CONSTRAINT user_account_totp_whole CHECK (totp_sealed IS NOT NULL OR (totp_since IS NULL AND totp_step IS NULL));
COMMENT ON COLUMN gateway.user_account.password_hash IS 'Null for somebody who was invited and has not accepted';
COMMENT ON COLUMN gateway.user_account.revision IS 'Counts what changes the account as it is shown, besides logins; its entity tag';
COMMENT ON COLUMN gateway.user_account.totp_sealed IS 'Secret of the authenticator app, sealed with GATEWAY_SECRET_KEYS';
COMMENT ON COLUMN gateway.user_account.totp_since IS 'Null until a code has shown that the app has the secret; no code is asked for before';
COMMENT ON COLUMN gateway.user_account.totp_step IS 'Of the newest code that was used: neither it nor an older one works again';

CREATE FUNCTION gateway.user_account_edited() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.revision := OLD.revision + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER user_account_edited BEFORE UPDATE ON gateway.user_account
    FOR EACH ROW WHEN ((OLD.name, OLD.role, OLD.disabled_at, OLD.password_hash IS NULL, OLD.totp_since)
        IS DISTINCT FROM (NEW.name, NEW.role, NEW.disabled_at, NEW.password_hash IS NULL, NEW.totp_since))
    EXECUTE FUNCTION gateway.user_account_edited();

-- Whoever takes an owner away waits here for others who do, and then sees what they left: two owners who demote each other
-- at once do not both succeed.
CREATE FUNCTION gateway.user_account_keep_owner() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('gateway.owner', 0));
    IF NOT EXISTS (SELECT FROM gateway.user_account
                    WHERE id <> OLD.id AND role = 'owner' AND disabled_at IS NULL AND password_hash IS NOT NULL) THEN
        RAISE EXCEPTION 'an owner who can log in has to be left'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_account_owner_left';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER user_account_keep_owner BEFORE UPDATE ON gateway.user_account
    FOR EACH ROW WHEN (OLD.role = 'owner' AND OLD.disabled_at IS NULL AND OLD.password_hash IS NOT NULL
        AND NOT (NEW.role = 'owner' AND NEW.disabled_at IS NULL AND NEW.password_hash IS NOT NULL))
    EXECUTE FUNCTION gateway.user_account_keep_owner();
CREATE TRIGGER user_account_keep_owner_row BEFORE DELETE ON gateway.user_account
    FOR EACH ROW WHEN (OLD.role = 'owner' AND OLD.disabled_at IS NULL AND OLD.password_hash IS NOT NULL)
    EXECUTE FUNCTION gateway.user_account_keep_owner();

ALTER TABLE gateway.session
    ADD COLUMN id         uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN address    text NOT NULL DEFAULT '',
    ADD COLUMN user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 100);
CREATE UNIQUE INDEX session_id ON gateway.session (id);
COMMENT ON COLUMN gateway.session.id IS 'Names it to people; says nothing of the token';
COMMENT ON COLUMN gateway.session.address IS 'Where it was last seen from, to the minute';
COMMENT ON COLUMN gateway.session.user_agent IS 'What the browser called itself at the login, cut short';

-- Links that were handed to somebody: to accept an invite, or to set another password.
CREATE TABLE gateway.user_link (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    kind       text NOT NULL CHECK (kind IN ('invite', 'reset')),
    user_id    uuid NOT NULL REFERENCES gateway.user_account (id) ON DELETE CASCADE,
    created_by text NOT NULL DEFAULT gateway.actor(),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    UNIQUE (user_id, kind)
);
COMMENT ON TABLE gateway.user_link IS 'One of a kind for each account, as a newer one ends the older; removed when it is used';
COMMENT ON COLUMN gateway.user_link.token_hash IS 'SHA-256 of the 256-bit token in the link';

CREATE TABLE gateway.recovery_code (
    user_id   uuid NOT NULL REFERENCES gateway.user_account (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (user_id, code_hash)
);
COMMENT ON TABLE gateway.recovery_code IS 'Each lets its account log in once without the authenticator app; removed when it is used';
COMMENT ON COLUMN gateway.recovery_code.code_hash IS 'SHA-256; a code carries 80 random bits, so a slow hash adds nothing';
