package sqlitestore

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

// TestEveryStatementUsesAnIndex asks SQLite for its plans, of an empty table and of one that
// was analysed, from which it knows that most accounts are guests.
func TestEveryStatementUsesAnIndex(t *testing.T) {
	t.Parallel()
	s := opened(t)
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
	if _, err := s.ImportUsers(t.Context(), accounts); err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.Exec("ANALYZE"); err != nil {
		t.Fatal(err)
	}
	checkPlans(t, s)
}

func checkPlans(t *testing.T, s *Store) {
	t.Helper()
	for _, q := range s.queries {
		plan := planOf(t, s.writer, q.text)
		if q.text != insertSQL && !strings.Contains(plan, "SEARCH") {
			t.Errorf("the plan of %s: got %q, want a SEARCH", q.text, plan)
		}
		for _, slow := range []string{"SCAN", "TEMP B-TREE", "AUTOMATIC"} {
			if strings.Contains(plan, slow) {
				t.Errorf("the plan of %s: got %q, want no %s", q.text, plan, slow)
			}
		}
	}
	for text, index := range map[string]string{
		byIDSQL:     "INDEX sqlite_autoindex_deskauth_accounts_1 (id=?)",
		byEmailSQL:  "INDEX deskauth_accounts_email (email=?)",
		listSQL:     "INDEX sqlite_autoindex_deskauth_accounts_1 (id>?)",
		purgeSQL:    "INDEX deskauth_accounts_idle_guests (<expr><?)",
		updateSQL:   "INDEX deskauth_accounts_email (email=?)",
		obstacleSQL: "INDEX deskauth_accounts_email (email=?)",
	} {
		if plan := planOf(t, s.writer, text); !strings.Contains(plan, index) {
			t.Errorf("the plan of %s: got %q, want %q in it", text, plan, index)
		}
	}
}

func planOf(t *testing.T, db *sql.DB, text string) (plan string) {
	t.Helper()
	values := make([]any, strings.Count(text, "?"))
	rows, err := db.Query("EXPLAIN QUERY PLAN "+text, values...)
	if err != nil {
		t.Fatal(err)
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
