package pgxstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/storetest"
)

// TestRun runs the suite on pools as pgx sets them up, and on pools that differ in all that
// can matter: how statements are sent, and the database's default isolation level.
// [TestPgBouncer] has one more. The second one runs with CI=true only.
func TestRun(t *testing.T) {
	t.Parallel()
	pools := map[string][]string{"default": nil}
	if testkit.Thorough() {
		pools["simple protocol, serializable"] = []string{
			"default_query_exec_mode=simple_protocol",
			"default_transaction_isolation=serializable",
		}
	}
	for name, params := range pools {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, emptied(t, params...))
		})
	}
}

// TestS22_NothingPrintsASecret prints a store and its errors with the verbs of fmt.
func TestS22_NothingPrintsASecret(t *testing.T) {
	t.Parallel()
	store, _ := newStore(t)
	a := guest("holder")
	a.PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2VjcmV0$c2VjcmV0aGFzaA"
	if err := store.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	taken := store.CreateUser(t.Context(), a)
	bad := a
	bad.PasswordHash += "\x00"
	refused := store.CreateUser(t.Context(), bad)
	bad.PasswordHash, bad.Attributes = a.PasswordHash, []byte(`{"broken"`)
	failed := store.UpdateUser(t.Context(), bad)
	if taken == nil || refused == nil || failed == nil {
		t.Fatalf("got the errors %v, %v, %v; want three", taken, refused, failed)
	}
	holder := struct{ Users deskauth.UserStore }{store}
	for _, v := range []any{store, holder, &holder, taken, refused, failed} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			out := fmt.Sprintf(verb, v)
			for _, secret := range []string{"c2VjcmV0", fmt.Sprintf("%x", "c2VjcmV0"), "127.0.0.1"} {
				if strings.Contains(out, secret) {
					t.Errorf("%s of %T prints %q:\n%s", verb, v, secret, out)
				}
			}
		}
	}
}
