-- The accounts of deskauth, for SQLite 3.38 or later: STRICT tables and built-in JSON.
--
-- Times are Unix microseconds in UTC. To read one:
--   SELECT datetime(created_at / 1e6, 'unixepoch') FROM deskauth_accounts;

CREATE TABLE IF NOT EXISTS deskauth_accounts (
	id             TEXT    NOT NULL PRIMARY KEY,
	kind           TEXT    NOT NULL,            -- user, guest or userexternal
	email          TEXT    NOT NULL DEFAULT '', -- canonical; '' for none
	email_verified INTEGER NOT NULL DEFAULT 0 CHECK (email_verified IN (0, 1)),
	first_name     TEXT    NOT NULL DEFAULT '',
	last_name      TEXT    NOT NULL DEFAULT '',
	project_id     TEXT    NOT NULL DEFAULT '',
	external_id    TEXT    NOT NULL DEFAULT '', -- the _id in the other system, of userexternal
	attributes     TEXT    CHECK (attributes IS NULL OR json_valid(attributes)), -- a JSON object; NULL for none
	password_hash  TEXT    NOT NULL DEFAULT '', -- a PHC string; '' for no password
	disabled       INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
	session_epoch  INTEGER NOT NULL DEFAULT 0,  -- raise it by one to end the account's sessions
	version        INTEGER NOT NULL DEFAULT 0,  -- rises with every change; a trigger sees to it
	last_active_at INTEGER,                     -- NULL if never
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL
) STRICT;

-- One account for each address, and any number without an address.
CREATE UNIQUE INDEX IF NOT EXISTS deskauth_accounts_email
	ON deskauth_accounts (email) WHERE email <> '';

-- Finds the guests who have been idle longest.
CREATE INDEX IF NOT EXISTS deskauth_accounts_idle_guests
	ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'guest';
