package sqlitestore_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

// TestEveryStatementUsesAnIndex asks SQLite for its plans, first on an empty table. Then it
// asks on a table that was analysed, of which SQLite knows that most accounts are guests.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	t.Parallel()
	s := openStore(t, newPath(t))
	checkPlans(t, s)

	var accounts []deskauth.Account
	for i := range 1000 {
		kind := deskauth.KindGuest
		if i%100 == 0 {
			kind = deskauth.KindUser
		}
		at := time.UnixMilli(1_700_000_000_000 + int64(i))
		accounts = append(accounts, deskauth.Account{User: deskauth.User{
			ID: fmt.Sprint(i), Kind: kind, Email: fmt.Sprintf("%d@example.com", i), CreatedAt: at, UpdatedAt: at,
		}})
	}
	if _, err := s.ImportUsers(t.Context(), accounts, anyone); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Writer().Exec("ANALYZE"); err != nil {
		t.Fatal(err)
	}
	checkPlans(t, s)
}

func checkPlans(t *testing.T, s *sqlitestore.Store) {
	t.Helper()
	statements := s.Statements()
	for name, text := range statements {
		plan := planOf(t, s.Writer(), text)
		if name != "createUser" && !strings.Contains(plan, "SEARCH") {
			t.Errorf("the plan of %s: got %q, want a SEARCH", text, plan)
		}
		for _, slow := range []string{"SCAN", "TEMP B-TREE", "AUTOMATIC"} {
			if strings.Contains(plan, slow) {
				t.Errorf("the plan of %s: got %q, want no %s", text, plan, slow)
			}
		}
	}
	for name, index := range map[string]string{
		"userByID":       "INDEX sqlite_autoindex_deskauth_accounts_1 (id=?)",
		"userByEmail":    "INDEX deskauth_accounts_email (email=?)",
		"listUsers":      "INDEX sqlite_autoindex_deskauth_accounts_1 (id>?)",
		"purgeGuests":    "INDEX deskauth_accounts_idle_guests (<expr><?)",
		"purgeExternals": "INDEX deskauth_accounts_idle_externals (<expr><?)",
		"newestGuest":    "INDEX deskauth_accounts_idle_guests (<expr><?)",
		"newestExternal": "INDEX deskauth_accounts_idle_externals (<expr><?)",
		"updateUser":     "INDEX deskauth_accounts_email (email=?)",
		"whyNotUpdated":  "INDEX deskauth_accounts_email (email=?)",
	} {
		plan := planOf(t, s.Writer(), statements[name])
		if !strings.Contains(plan, index) {
			t.Errorf("the plan of %s: got %q, want %q in it", statements[name], plan, index)
		}
	}
}

// planOf returns SQLite's plan for a statement. Its parameters do not matter: they are nil.
func planOf(t *testing.T, db *sql.DB, text string) (plan string) {
	t.Helper()
	params := strings.Count(text, "?")
	if numbered := regexp.MustCompile(`\?\d+`).FindAllString(text, -1); len(numbered) > 0 {
		slices.Sort(numbered)
		params = len(slices.Compact(numbered)) // one may stand twice
	}
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, make([]any, params)...)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "; "
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
