-- The accounts of deskauth. SQLite 3.38 or later: STRICT tables, and JSON built in.
--
-- Times are Unix microseconds, UTC; to read one:
--   SELECT datetime(created_at / 1e6, 'unixepoch') FROM deskauth_accounts;

CREATE TABLE IF NOT EXISTS deskauth_accounts (
	id             TEXT    NOT NULL PRIMARY KEY,
	kind           TEXT    NOT NULL,            -- user, guest or userexternal
	email          TEXT    NOT NULL DEFAULT '', -- canonical; '' for none
	email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
	first_name     TEXT    NOT NULL DEFAULT '',
	last_name      TEXT    NOT NULL DEFAULT '',
	project_id     TEXT    NOT NULL DEFAULT '',
	external_id    TEXT    NOT NULL DEFAULT '', -- the _id in the other system
	attributes     TEXT    CHECK (json_valid(attributes)), -- a JSON object; NULL for none
	password_hash  TEXT    NOT NULL DEFAULT '', -- a PHC string; '' for no password
	disabled       INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
	session_epoch  INTEGER NOT NULL DEFAULT 0,  -- raise it to end the account's sessions
	version        INTEGER NOT NULL DEFAULT 0,  -- raise it by one with every change made by hand
	last_active_at INTEGER,                     -- of guests; NULL for never
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL
) STRICT;

-- One account an address, any number without one.
CREATE UNIQUE INDEX IF NOT EXISTS deskauth_accounts_email
	ON deskauth_accounts (email) WHERE email <> '';

-- Finds the guests who do not come back.
CREATE INDEX IF NOT EXISTS deskauth_accounts_idle_guests
	ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'guest';
