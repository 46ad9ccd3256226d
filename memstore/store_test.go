package memstore_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/deskauth/deskauth/storetest"
)

func TestRun(t *testing.T) {
	storetest.Run(t, func(*testing.T) deskauth.UserStore { return memstore.New() })
}

func TestLen(t *testing.T) {
	store := memstore.New()
	for want := range 3 {
		if got := store.Len(); got != want {
			t.Errorf("Len: got %d, want %d", got, want)
		}
		if err := store.CreateUser(t.Context(), guest(want)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.CreateUser(t.Context(), guest(0)); err == nil || store.Len() != 3 {
		t.Errorf("CreateUser, ID taken: got the error %v and %d accounts, want an error and 3",
			err, store.Len())
	}
	a, err := store.UserByID(t.Context(), guest(0).ID)
	if err != nil {
		t.Fatal(err)
	}
	a.Email = "new@example.com"
	if err := store.UpdateUser(t.Context(), a); err != nil || store.Len() != 3 {
		t.Errorf("UpdateUser of the Email: got the error %v and %d accounts, want nil and 3",
			err, store.Len())
	}
}

// TestS22_NothingPrintsAHash prints a store that holds a password hash, what it returns,
// and its errors, with the verbs of fmt and both handlers of slog.
func TestS22_NothingPrintsAHash(t *testing.T) {
	const hash = "$argon2id$v=19$m=19456,t=2,p=1$c2VjcmV0$c2VjcmV0aGFzaA"
	store := memstore.New()
	a := guest(1)
	a.PasswordHash = hash
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	taken := store.CreateUser(t.Context(), a)
	a.Version = 7
	conflict := store.UpdateUser(t.Context(), a)
	if taken == nil || conflict == nil {
		t.Fatalf("got the errors %v and %v, want two errors", taken, conflict)
	}
	got, err := store.UserByID(t.Context(), a.ID)
	if err != nil || got.PasswordHash != hash {
		t.Fatalf("UserByID: got the error %v, want the account with its hash", err)
	}

	var out strings.Builder
	holder := struct{ Users deskauth.UserStore }{store}
	for _, v := range []any{store, holder, &holder, got, &got, taken, conflict} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "value", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "value", v)
	}
	for _, secret := range []string{hash, "c2VjcmV0", fmt.Sprintf("%x", hash)} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("%q was printed:\n%s", secret, out.String())
		}
	}
}
