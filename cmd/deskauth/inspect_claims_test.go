package main

import (
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

// What a signer gets wrong most often is found whatever the token is taken for.
func TestInspectFindsTheClaim(t *testing.T) {
	t.Parallel()
	with := func(name string, value any) string { return customToken(t, jwt.MapClaims{name: value}) }
	for name, tt := range map[string]struct {
		in   string
		args []string
		says string
	}{
		"a list as aud": {in: with("aud", []string{"https://tiledesk.com/projects/shop"}), says: "is a list"},
		"no aud":        {in: with("aud", nil), says: "claim aud is missing"},
		"another host":  {in: with("aud", "https://desk.example/projects/shop"), says: "claim aud is not"},
		"no project":    {in: with("aud", "https://tiledesk.com/projects/a b"), says: "claim aud is not"},
		"milliseconds":  {in: with("exp", clock.UnixMilli()), says: "divide milliseconds by 1000"},
		"the future":    {in: with("iat", clock.Add(time.Hour).Unix()), says: "in the future"},
		"no iat":        {in: with("iat", nil), args: []string{"--max-age", "1h"}, says: "claim iat is missing"},
		"no exp":        {in: noExp(t), says: "claim exp is missing"},
		"another issuer": {
			in:   guestToken(t, newAuth(t, memstore.New(), deskauth.Config{})).Token,
			args: []string{"--issuer", "https://desk.example"}, says: "claim ",
		},
	} {
		got := call{in: tt.in, env: both()}.run(t, append([]string{"token", "inspect", "--json"}, tt.args...)...)
		i := decodeJSON[inspectionRead](t, got.out)
		if i.Reason != deskauth.ReasonBadClaims || !strings.Contains(i.Detail, tt.says) {
			t.Errorf("%s: got the reason %q, %q; want a detail that says %q", name, i.Reason, i.Detail, tt.says)
		}
	}
}

// Without a key there is no verdict, but for what needs none.
func TestInspectWithoutAKey(t *testing.T) {
	t.Parallel()
	for _, in := range []string{noExp(t), customToken(t, nil)} {
		got := call{in: in}.run(t, "token", "inspect")
		if got.code != exitFailed || !strings.HasPrefix(got.out, "verdict      unchecked\n") ||
			!strings.Contains(got.err, "--key-file") {
			t.Errorf("got %+v, want no verdict", got)
		}
	}
	if got := (call{in: "x.y.z"}).run(t, "token", "inspect"); got.code != exitRefused {
		t.Errorf("a malformed token: got %+v, want it refused", got)
	}
}

func TestInspectSaysTimes(t *testing.T) {
	t.Parallel()
	c := call{in: customToken(t, nil), env: both()}
	for at, want := range map[string]string{
		"2026-11-26T08:00:00Z": "exp        1795683600  2026-11-26T09:00:00Z, expires in 1 hour\n",
		"2026-11-26T12:00:00Z": "exp        1795683600  2026-11-26T09:00:00Z, expired 3 hours ago\n",
	} {
		if got := c.run(t, "token", "inspect", "--at", at); !strings.Contains(got.out, want) {
			t.Errorf("at %s: got %q, want %q in it", at, got.out, want)
		}
	}
}
