package main

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

// TestStoreLasts finds everybody after a restart, and asks the store who they are.
func TestStoreLasts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "the accounts.db")
	args := []string{"-store", "sqlite:" + path, "-session-secret", sessionSecret, "-project", "demo=" + projectSecret}
	p := start(t, args...)
	tokens := p.tokens()
	if !strings.Contains(strings.Join(p.printed, "\n"), "accounts are kept in SQLite in "+path) {
		t.Errorf("it does not say where the accounts are:\n%s", strings.Join(p.printed, "\n"))
	}
	p.stop()

	p = start(t, args...)
	p.post("/signin", adaSignin).token(t)
	for kind, token := range tokens {
		if who, got := p.me(token); who["kind"] != kind {
			t.Errorf("/me of a %s after a restart: %v", kind, got)
		}
	}
	store, err := sqlitestore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	who, _ := p.me(tokens["guest"])
	if err := store.DeleteUser(t.Context(), who["userID"].(string)); err != nil {
		t.Fatal(err)
	}
	if _, got := p.me(tokens["guest"]); got.status != http.StatusUnauthorized {
		t.Errorf("S31 /me of a guest who was deleted: %v, want 401", got)
	}
}

// TestPurgeGuests starts on a store with a guest who has been away for long.
func TestPurgeGuests(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "accounts.db")
	store, err := sqlitestore.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for name, away := range map[string]time.Duration{"late": 30 * 24 * time.Hour, "gone": 32 * 24 * time.Hour} {
		at := time.Now().Add(-away)
		if err := store.CreateUser(t.Context(), deskauth.Account{
			User: deskauth.User{ID: name, Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at}, LastActiveAt: at,
		}); err != nil {
			t.Fatal(err)
		}
	}
	p := start(t, "-store", "sqlite:"+path, "-purge-guests", "744h")
	for since := time.Now(); !strings.Contains(p.logs.String(), "idle guests deleted"); time.Sleep(time.Millisecond) {
		if time.Since(since) > patience {
			t.Fatalf("nothing was deleted\n%s", p.logs)
		}
	}
	left, err := store.ListUsers(t.Context(), "", 10)
	if err != nil || len(left) != 1 || left[0].ID != "late" {
		t.Errorf("left are %+v, %v; want the guest who may come back", left, err)
	}
	if !strings.Contains(p.logs.String(), "guests=1") {
		t.Errorf("the log does not say how many:\n%s", p.logs)
	}
}
