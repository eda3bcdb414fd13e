-- People and programs that may call the admin API.

CREATE TABLE gateway.user_account (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email         text NOT NULL CHECK (email = lower(email) AND email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(email) <= 254),
    role          text NOT NULL CHECK (role IN ('owner', 'operator', 'viewer', 'support')),
    password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    disabled_at   timestamptz
);
CREATE UNIQUE INDEX user_account_email ON gateway.user_account (email);

CREATE TABLE gateway.session (
    token_hash   bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    user_id      uuid NOT NULL REFERENCES gateway.user_account (id) ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
COMMENT ON COLUMN gateway.session.token_hash IS 'SHA-256 of the 256-bit token in the cookie';
CREATE INDEX session_of_user ON gateway.session (user_id);

CREATE TABLE gateway.api_key (
    id           text PRIMARY KEY CHECK (id ~ '^[a-zA-Z0-9]{12}$'),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    secret_hash  bytea NOT NULL CHECK (length(secret_hash) = 32),
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at   timestamptz
);
COMMENT ON COLUMN gateway.api_key.secret_hash IS 'SHA-256 of the whole key; it carries 256 random bits, so a slow hash adds nothing';
