package pgxstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// triggerSQL makes the trigger that raises version, as a step does.
const triggerSQL = `CREATE OR REPLACE FUNCTION deskauth_accounts_raise_version() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.version := OLD.version + 1; RETURN NEW; END';

DROP TRIGGER IF EXISTS deskauth_accounts_version ON deskauth_accounts;
CREATE TRIGGER deskauth_accounts_version
    BEFORE UPDATE ON deskauth_accounts FOR EACH ROW WHEN (NEW.version = OLD.version)
    EXECUTE PROCEDURE deskauth_accounts_raise_version();
`

// triggerSuffix ends the name of the trigger.
const triggerSuffix = "_version"

// restoreTrigger makes the trigger that raises version where it is missing or disabled. A
// dump of the table alone leaves its function behind, and then the trigger is not restored.
func (t table) restoreTrigger(ctx context.Context, tx pgx.Tx, patience time.Duration) error {
	var enabled bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_trigger
		WHERE tgrelid = to_regclass($1) AND tgname = $2 AND tgenabled IN ('O', 'A'))`,
		t.String(), t.name+triggerSuffix).Scan(&enabled)
	if err != nil || enabled {
		return err
	}
	if err := t.lock(ctx, tx, patience); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, t.rename(triggerSQL)); err != nil {
		return fmt.Errorf("the table lacks the trigger that raises version; "+
			"call Migrate as the table's owner: %w", err)
	}
	return nil
}
