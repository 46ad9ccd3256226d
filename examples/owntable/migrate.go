package owntable

// Existing is the shop's table: customers with a number, perhaps an address, no password.
const Existing = `
CREATE TABLE customers (
	customer_no INTEGER PRIMARY KEY,
	mail        TEXT,
	given_name  TEXT    NOT NULL DEFAULT '',
	family_name TEXT    NOT NULL DEFAULT '',
	newsletter  INTEGER NOT NULL DEFAULT 0,
	joined_at   TEXT    NOT NULL DEFAULT CURRENT_TIMESTAMP
)`

// Added is the shop's migration: it adds what an account needs. A customer without an
// account_id has no account.
//
// A customer who signs up gets a row of its own, because anyone can type the customer's
// address. Once the address is verified, the shop may join the two rows.
//
// The trigger is for the shop's own statements. One that changes an account and leaves its
// version raises it all the same, or a sign-in at that moment would take the change back.
const Added = `
ALTER TABLE customers ADD COLUMN account_id     TEXT;
ALTER TABLE customers ADD COLUMN kind           TEXT    NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN mail_verified  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN project_id     TEXT    NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN external_id    TEXT    NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN attributes     TEXT;
ALTER TABLE customers ADD COLUMN password_hash  TEXT    NOT NULL DEFAULT '';
ALTER TABLE customers ADD COLUMN disabled       INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN session_epoch  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN state          TEXT;
ALTER TABLE customers ADD COLUMN version        INTEGER NOT NULL DEFAULT 0
	CHECK (typeof(version) = 'integer'); -- so that it does not become a REAL after the last int64
ALTER TABLE customers ADD COLUMN last_active_ms INTEGER;
ALTER TABLE customers ADD COLUMN created_ms     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customers ADD COLUMN updated_ms     INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX customers_account ON customers (account_id);
CREATE UNIQUE INDEX customers_mail ON customers (mail) WHERE account_id IS NOT NULL;
CREATE TRIGGER customers_version AFTER UPDATE OF account_id, kind, mail, mail_verified, given_name, family_name,
	project_id, external_id, attributes, password_hash, disabled, session_epoch, state, last_active_ms,
	created_ms, updated_ms, version ON customers WHEN new.version = old.version
BEGIN
	UPDATE customers SET version = old.version + 1 WHERE customer_no = new.customer_no;
END`
