package pgxstore_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth/pgxstore"
)

// Before Migrate a call fails, says what to do, and is no answer about accounts.
func TestWithoutMigrate(t *testing.T) {
	t.Parallel()
	store := pgxstore.New(open(t, withSchema(t)))
	_, err := store.UserByID(t.Context(), "x")
	if err == nil || !strings.Contains(err.Error(), "call Migrate") || isAnswer(err) {
		t.Errorf("got %v, want an error that says to call Migrate", err)
	}
}
