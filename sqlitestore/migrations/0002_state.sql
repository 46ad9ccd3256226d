-- State, purges of external users, and a version that no update by hand can forget.

-- Finds the external users who have been idle longest.
CREATE INDEX IF NOT EXISTS deskauth_accounts_idle_externals
	ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'userexternal';

-- The address of a guest is made from its ID and no longer stored.
UPDATE deskauth_accounts SET email = '', version = version + 1 WHERE kind = 'guest' AND email <> '';

-- Until now only guests had a last_active_at. An account without one was active when it was
-- made or changed last.
UPDATE deskauth_accounts SET last_active_at = max(created_at, updated_at), version = version + 1
	WHERE kind IN ('guest', 'userexternal') AND last_active_at IS NULL;

-- A statement that leaves the version raises it all the same: a sign-in at that moment must
-- not write the old row back.
CREATE TRIGGER IF NOT EXISTS deskauth_accounts_version
	AFTER UPDATE ON deskauth_accounts WHEN new.version = old.version
BEGIN
	UPDATE deskauth_accounts SET version = old.version + 1 WHERE rowid = new.rowid;
END;

-- What deskauth keeps for itself; NULL for none. This is the last statement of the step, as it
-- cannot run twice.
ALTER TABLE deskauth_accounts ADD COLUMN state TEXT;
