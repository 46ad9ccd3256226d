package deskauth_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
)

// storedAccount has a hash that nothing may print.
func storedAccount() deskauth.Account {
	return deskauth.Account{
		User:         deskauth.User{ID: "id-1", Kind: deskauth.KindUser, Email: "andrea@f22.it"},
		PasswordHash: "$argon2id$the-hash",
		SessionEpoch: 7,
	}
}

func TestAccountPrintsAllButItsHash(t *testing.T) {
	t.Parallel()
	acc := storedAccount()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		if text := fmt.Sprintf(verb, acc); strings.Contains(text, "the-hash") {
			t.Errorf("%s prints the hash: %s", verb, text)
		}
	}
	text := fmt.Sprintf("%+v", acc)
	for _, want := range []string{"ID:id-1", "Email:andrea@f22.it", "PasswordHash:[redacted]", "SessionEpoch:7"} {
		if !strings.Contains(text, want) {
			t.Errorf("%%+v prints %s, want %s in it", text, want)
		}
	}
	acc.PasswordHash = ""
	if text := fmt.Sprintf("%+v", acc); !strings.Contains(text, "PasswordHash: ") {
		t.Errorf("%%+v of an account without a hash prints %s", text)
	}
}

func TestAccountInALogIsItsIDAndKind(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("stored", "account", storedAccount())
	if want := `"account":{"id":"id-1","kind":"user"}`; !strings.Contains(log.String(), want) {
		t.Errorf("the log has %s, want %s", log.String(), want)
	}
}

func TestAccountIsNotForJSON(t *testing.T) {
	t.Parallel()
	acc := storedAccount()
	for _, v := range []any{acc, &acc, []deskauth.Account{acc}, struct{ A deskauth.Account }{acc}} {
		if text, err := json.Marshal(v); err == nil || !strings.Contains(err.Error(), "encode its User") {
			t.Errorf("%T is encoded as %s, %v; want an error that says what to encode", v, text, err)
		}
	}
	if text, err := json.Marshal(acc.User); err != nil || !strings.Contains(string(text), "andrea@f22.it") {
		t.Errorf("its User is encoded as %s, %v", text, err)
	}
}

// Tokens and other servers have the kinds as text: a change would end every session.
func TestKinds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[deskauth.Kind]string{
		deskauth.KindUser: "user", deskauth.KindGuest: "guest", deskauth.KindExternal: "userexternal",
	} {
		if string(kind) != want {
			t.Errorf("a kind is %q, want %q", kind, want)
		}
	}
}
