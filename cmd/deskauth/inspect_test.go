package main

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

// customToken signs claims as the shop does. Claims that are nil are left out.
func customToken(t *testing.T, change jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{
		"sub": "userexternal", "aud": "https://tiledesk.com/projects/shop", "_id": "42", "firstname": "Ada",
		"iat": clock.Add(-time.Minute).Unix(), "exp": clock.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, change)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(shopSecret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// both has the keys of sessions and of the shop, as the service's environment has them.
func both() map[string]string {
	return map[string]string{sessionVariable: sessionSecret, projectVariable: "other=\nshop=" + shopSecret}
}

// A refusal is a token that is refused for a reason, and how it is inspected.
type refusal struct {
	token string
	env   map[string]string
	args  []string
}

// refusals has a token for each reason for which one can be refused.
var refusals = map[deskauth.Reason]func(t *testing.T) refusal{
	deskauth.ReasonMalformedToken: func(*testing.T) refusal { return refusal{token: "a.b"} },
	deskauth.ReasonBadSignature: func(t *testing.T) refusal {
		env := map[string]string{sessionVariable: strings.ToUpper(sessionSecret)}
		return refusal{token: guestToken(t, newAuth(t, memstore.New(), deskauth.Config{})).Token, env: env}
	},
	deskauth.ReasonBadClaims: func(t *testing.T) refusal {
		return refusal{token: customToken(t, jwt.MapClaims{"_id": nil})}
	},
	deskauth.ReasonExpired: func(t *testing.T) refusal {
		return refusal{token: customToken(t, nil), args: []string{"--at", "2026-11-26T11:00:00Z"}}
	},
	deskauth.ReasonUnknownProject: func(t *testing.T) refusal {
		return refusal{
			token: customToken(t, nil),
			args:  []string{"--project", "other", "--key-file", file(t, "other.key", shopSecret+"\n")},
		}
	},
	deskauth.ReasonAccountGone: inStore(func(_ *testing.T, auth *deskauth.Auth, s deskauth.Session) error {
		return auth.DeleteUser(context.Background(), s.User.ID)
	}),
	deskauth.ReasonAccountDisabled: inStore(func(_ *testing.T, auth *deskauth.Auth, s deskauth.Session) error {
		return auth.SetDisabled(context.Background(), s.User.ID, true)
	}),
	deskauth.ReasonSessionRevoked: inStore(func(_ *testing.T, auth *deskauth.Auth, s deskauth.Session) error {
		return auth.Signout(context.Background(), s.Token)
	}),
	deskauth.ReasonGuestLinked: inStore(func(t *testing.T, auth *deskauth.Auth, s deskauth.Session) error {
		_, err := auth.SigninWithCustomToken(context.Background(), deskauth.CustomTokenInput{
			Token: deskauth.NewSecret(customToken(t, nil)), GuestToken: deskauth.NewSecret(s.Token),
		})
		return err
	}),
}

// inStore makes a guest's token that is good in all but what the store says.
func inStore(change func(*testing.T, *deskauth.Auth, deskauth.Session) error) func(*testing.T) refusal {
	return func(t *testing.T) refusal {
		name := sqliteStore(t)
		auth := newAuth(t, opened(t, name), deskauth.Config{})
		s := guestToken(t, auth)
		if err := change(t, auth, s); err != nil {
			t.Fatal(err)
		}
		return refusal{token: s.Token, args: []string{"--store", name}}
	}
}

// notOfTokens are the reasons for which no token is refused by what inspect asks.
var notOfTokens = []deskauth.Reason{
	deskauth.ReasonInvalidInput, deskauth.ReasonRateLimited, deskauth.ReasonBusy, deskauth.ReasonCanceled,
	deskauth.ReasonTimeout, deskauth.ReasonAddressTaken,
	// Of passwords.
	deskauth.ReasonUnknownAddress, deskauth.ReasonWrongPassword, deskauth.ReasonNoPassword, deskauth.ReasonUnusableHash,
	// Of what a good token is used for.
	deskauth.ReasonUsersOnly, deskauth.ReasonPasswordUnchanged, deskauth.ReasonSigninTooOld,
	deskauth.ReasonGuestsOnly, deskauth.ReasonOtherProject,
	// Of codes and addresses.
	deskauth.ReasonMalformedCode, deskauth.ReasonWrongPurpose, deskauth.ReasonSpentCode, deskauth.ReasonOtherAccount,
	deskauth.ReasonEmailUnverified, deskauth.ReasonEmailVerified,
}

// reasons reads the constants of deskauth.Reason from the source, so that no new one is
// forgotten here.
func reasons(t *testing.T) (all []deskauth.Reason) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../../event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for spec := range ast.Preorder(parsed) {
		value, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		if kind, ok := value.Type.(*ast.Ident); !ok || kind.Name != "Reason" {
			continue
		}
		text, err := strconv.Unquote(value.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, deskauth.Reason(text))
	}
	if len(all) < 25 {
		t.Fatalf("event.go has %d reasons: the test looks in the wrong place", len(all))
	}
	return all
}

// Every reason for which deskauth refuses a token is said in words, by deskauth itself.
func TestInspectSaysEveryReason(t *testing.T) {
	t.Parallel()
	for _, reason := range reasons(t) {
		make, ofTokens := refusals[reason]
		if _, hasWords := tokenReasons[reason]; hasWords != ofTokens || ofTokens == slices.Contains(notOfTokens, reason) {
			t.Errorf("%q: give it words in reasons.go and a token here, or put it among those that are not of tokens", reason)
		}
		if !ofTokens {
			continue
		}
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			r := make(t)
			if r.env == nil {
				r.env = both()
			}
			c := call{in: r.token + "\n", env: r.env}
			got := c.run(t, append([]string{"token", "inspect", "--json"}, r.args...)...)
			i := decodeJSON[inspectionRead](t, got.out)
			if got.code != exitRefused || i.Verdict != verdictRefused || i.Reason != reason || got.err != "" {
				t.Errorf("got %+v, want it refused for %q", got, reason)
			}
			said := c.run(t, append([]string{"token", "inspect"}, r.args...)...)
			for _, want := range []string{"refused: " + string(reason), tokenReasons[reason].means, tokenReasons[reason].mend} {
				if !strings.Contains(said.out, want) {
					t.Errorf("got %q, want that it says %q", said.out, want)
				}
			}
		})
	}
}

// inspectionRead is what a program reads of an inspection.
type inspectionRead struct {
	Verdict    string
	Reason     deskauth.Reason
	Detail     string
	Mend       string
	Token      string
	Project    string
	Key        *keyShown
	Header     map[string]any
	Claims     map[string]any
	Times      []timeShown
	NotChecked []string
}

func TestInspectGoodTokens(t *testing.T) {
	t.Parallel()
	_, private, public := pemPair(t)
	session := guestToken(t, newAuth(t, memstore.New(), deskauth.Config{})).Token
	privateFile := file(t, "private.pem", private)
	signed := call{}.run(t, "token", "mint", "--project", "shop", "--id", "42", "--key-file", privateFile, "--kid", "11")
	for name, tt := range map[string]struct {
		in, kind, from string
		args           []string
		env            map[string]string
	}{
		"session, by the environment": {in: session, kind: "session", from: sessionVariable, env: both()},
		"custom, by the environment":  {in: customToken(t, nil), kind: "custom", from: projectVariable, env: both()},
		"behind JWT":                  {in: "JWT " + session + "\n", kind: "session", from: sessionVariable, env: both()},
		"behind bearer":               {in: "bearer " + session, kind: "session", from: sessionVariable, env: both()},
		"the second of two keys": {
			in: session, kind: "session", from: sessionVariable,
			env: map[string]string{sessionVariable: shopSecret + "\n" + sessionSecret},
		},
		"a public key": {
			in: signed.out, kind: "custom", args: []string{"--key-file", file(t, "public.pem", public)}, from: "public.pem",
		},
		"without exp": {
			in: noExp(t), kind: "session", from: sessionVariable, env: both(), args: []string{"--beside-tiledesk"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := call{in: tt.in, env: tt.env}.run(t, append([]string{"token", "inspect", "--json"}, tt.args...)...)
			i := decodeJSON[inspectionRead](t, got.out)
			if got.code != exitGood || i.Verdict != verdictGood || i.Token != tt.kind || len(i.NotChecked) == 0 {
				t.Fatalf("got %+v, want a good %s token", got, tt.kind)
			}
			if i.Key == nil || !strings.HasSuffix(i.Key.From, tt.from) {
				t.Errorf("the key is %+v, want one from %s", i.Key, tt.from)
			}
		})
	}
}

// noExp is a session token as a Tiledesk server makes it.
func noExp(t *testing.T) string {
	t.Helper()
	const issuer = "https://tiledesk.com"
	text, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"_id": "5b55e806c93dde00143163dd", "sub": "user", "aud": issuer, "iss": issuer,
		"iat": clock.Unix(), "email": "a@b.cd",
	}).SignedString([]byte(sessionSecret))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
