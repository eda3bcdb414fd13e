-- Mail that waits to be sent, written in the transaction of what it tells of.

CREATE TABLE gateway.mail (
    id             uuid PRIMARY KEY,
    content_sealed text NOT NULL,
    attempt        integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    due_at         timestamptz NOT NULL DEFAULT now(),
    created_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE gateway.mail IS 'A row goes when its mail was taken by the mail server, or after the last attempt';
COMMENT ON COLUMN gateway.mail.content_sealed IS 'Address, subject and text, sealed with GATEWAY_SECRET_KEYS: links in it let people in';
COMMENT ON COLUMN gateway.mail.due_at IS 'Not tried before; an attempt moves it on before it begins, so that no other process makes the same';
CREATE INDEX mail_due ON gateway.mail (due_at);
