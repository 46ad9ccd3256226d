-- The accounts of deskauth, for PostgreSQL (tested with 15) and a database encoded in UTF8.
--
-- IDs and addresses compare by their bytes (COLLATE "C"), in a database of any language.
-- attributes is json, not jsonb: jsonb respells numbers. Every value that this version of
-- deskauth makes can be cast to jsonb.

CREATE TABLE IF NOT EXISTS deskauth_accounts (
    id             text COLLATE "C" NOT NULL PRIMARY KEY,
    kind           text NOT NULL,                        -- user, guest or userexternal
    email          text COLLATE "C" NOT NULL DEFAULT '', -- canonical; '' for none
    email_verified boolean NOT NULL DEFAULT false,
    first_name     text NOT NULL DEFAULT '',
    last_name      text NOT NULL DEFAULT '',
    project_id     text NOT NULL DEFAULT '',
    external_id    text NOT NULL DEFAULT '',             -- the _id in the other system, of userexternal
    attributes     json,                                 -- a JSON object; NULL for none
    password_hash  text NOT NULL DEFAULT '',             -- a PHC string; '' for no password
    disabled       boolean NOT NULL DEFAULT false,
    session_epoch  bigint NOT NULL DEFAULT 0,            -- raise it by one to end the account's sessions
    version        bigint NOT NULL DEFAULT 0,            -- a new number after every change
    last_active_at timestamptz,                          -- of guests and external users; NULL if never
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);

-- One account for each address, and any number without an address. A query needs AND email <> ''
-- to use the index.
CREATE UNIQUE INDEX IF NOT EXISTS deskauth_accounts_email
    ON deskauth_accounts (email) WHERE email <> '';

-- Finds the guests who have been idle longest.
CREATE INDEX IF NOT EXISTS deskauth_accounts_idle_guests
    ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'guest';
