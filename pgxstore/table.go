package pgxstore

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

const (
	defaultTable = "deskauth_accounts"

	// recordsSuffix ends the name of the table that records which migrations were applied.
	recordsSuffix = "_migrations"

	maxIdentifier = 63                // bytes; PostgreSQL cuts off the rest (NAMEDATALEN)
	longestSuffix = "_idle_externals" // of the names that begin with the table's
)

// A table is where the accounts are.
type table struct {
	schema string // empty for the search_path
	name   string
}

// String returns the table's name as it stands in a statement.
func (t table) String() string { return t.with("") }

// with returns the name of the table with a suffix, in its schema.
func (t table) with(suffix string) string {
	if t.schema == "" {
		return quote(t.name + suffix)
	}
	return quote(t.schema) + "." + quote(t.name+suffix)
}

func (t table) checkNames() error {
	if err := checkName("table", t.name, maxIdentifier-len(longestSuffix)); err != nil {
		return err
	}
	if t.schema == "" {
		return nil
	}
	return checkName("schema", t.schema, maxIdentifier)
}

func checkName(what, name string, most int) error {
	if name == "" || len(name) > most || !isText(name) {
		return fmt.Errorf("the name of a %s must be 1 to %d bytes of valid UTF-8 without NUL bytes, "+
			"not %.80q", what, most, name)
	}
	return nil
}

var defaultNames = regexp.MustCompile(`\b` + defaultTable + `(\w*)`)

// functionSuffix ends the name of the function of the trigger.
const functionSuffix = "_raise_version"

// rename puts the table's names into SQL that is written for the default table. An index or
// trigger is always in the schema of its table, so its name stands without one.
func (t table) rename(sql string) string {
	if t == (table{name: defaultTable}) {
		return sql
	}
	return defaultNames.ReplaceAllStringFunc(sql, func(name string) string {
		switch suffix := strings.TrimPrefix(name, defaultTable); suffix {
		case "", functionSuffix:
			return t.with(suffix)
		default:
			return quote(t.name + suffix)
		}
	})
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
