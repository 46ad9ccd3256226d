-- The accounts of deskauth, for PostgreSQL (tested with 15) and a database in UTF8.
-- Keys compare by bytes (COLLATE "C"): two spellings are two accounts, whatever the database's language is.

CREATE TABLE IF NOT EXISTS deskauth_accounts (
    id             text COLLATE "C" NOT NULL PRIMARY KEY,
    kind           text NOT NULL,                            -- user, guest or userexternal
    email          text COLLATE "C" NOT NULL DEFAULT '',     -- canonical; empty for none
    email_verified boolean NOT NULL DEFAULT false,
    first_name     text NOT NULL DEFAULT '',
    last_name      text NOT NULL DEFAULT '',
    project_id     text NOT NULL DEFAULT '',
    external_id    text NOT NULL DEFAULT '',
    attributes     json,                                     -- json and not jsonb, which spells numbers anew and refuses \u0000
    password_hash  text NOT NULL DEFAULT '',                 -- a PHC string
    disabled       boolean NOT NULL DEFAULT false,
    session_epoch  bigint NOT NULL DEFAULT 0,
    version        bigint NOT NULL DEFAULT 0,                -- one more with each update: compare and swap
    last_active_at timestamptz,                              -- of guests
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL
);

-- One account an address. Look-ups say AND email <> '', or they cannot use it.
CREATE UNIQUE INDEX IF NOT EXISTS deskauth_accounts_email ON deskauth_accounts (email) WHERE email <> '';

-- Finds the guests who have been idle longest.
CREATE INDEX IF NOT EXISTS deskauth_accounts_idle_guests ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'guest';
