-- State, purges of external users, and a version that no update by hand can forget.
--
-- ALTER TABLE waits until every transaction that has read the table has ended, and every
-- look-up waits behind it. So set lock_timeout where a tool of your own runs this.

-- What deskauth keeps for itself; NULL for none.
ALTER TABLE deskauth_accounts ADD COLUMN IF NOT EXISTS state text;

-- Finds the external users who have been idle longest.
CREATE INDEX IF NOT EXISTS deskauth_accounts_idle_externals
    ON deskauth_accounts (coalesce(last_active_at, created_at)) WHERE kind = 'userexternal';

-- A statement that leaves the version raises it all the same: a sign-in at that moment must not
-- write the old row back.
CREATE OR REPLACE FUNCTION deskauth_accounts_raise_version() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.version := OLD.version + 1; RETURN NEW; END';

DROP TRIGGER IF EXISTS deskauth_accounts_version ON deskauth_accounts;
CREATE TRIGGER deskauth_accounts_version
    BEFORE UPDATE ON deskauth_accounts FOR EACH ROW WHEN (NEW.version = OLD.version)
    EXECUTE PROCEDURE deskauth_accounts_raise_version();

-- The address of a guest is made from its ID and no longer stored. Until now last_active_at was
-- kept for guests alone: an external user without one would have been idle since created_at.
UPDATE deskauth_accounts SET
    email = CASE kind WHEN 'guest' THEN '' ELSE email END,
    last_active_at = coalesce(last_active_at, greatest(created_at, updated_at)),
    version = version + 1
WHERE kind IN ('guest', 'userexternal')
    AND (kind = 'guest' AND email <> '' OR last_active_at IS NULL);
