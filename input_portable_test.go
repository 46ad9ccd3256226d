package deskauth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// unreadable are JSON values that the functions of some database cannot read, each with a
// part of the message about it.
var unreadable = map[string]string{
	`"\u0000"`:                   `\u0000`,
	`"a\u0000b"`:                 `\u0000`,
	`"\\\u0000"`:                 `\u0000`,
	`[{"deep":[["\u0000"]]}]`:    `\u0000`,
	`{"\u0000":1}`:               `\u0000`,
	`{"a":{"n\u0000":null}}`:     `\u0000`,
	`1e400`:                      "number out of range",
	`-1e99999`:                   "number out of range",
	`[0.1,{"n":[1e-400]}]`:       "number out of range",
	`0e999999999999`:             "number out of range",
	strings.Repeat("9", 400):     "number out of range",
	inArrays(31):                 "deeper than 31 levels",
	`{"x":` + inArrays(30) + `}`: "deeper than 31 levels",
}

// readable are their siblings, which every database reads.
var readable = []string{
	`"\\u0000"`, `"u0000"`, `"\u0001\u007f\uffff"`, `"1e400"`, `1e308`, `5e-324`, `0e99`, `-0.0`,
	strings.Repeat("9", 300), `{"":""}`, inArrays(30), `"😀\ud83d\ude00"`,
}

func inArrays(levels int) string { return strings.Repeat("[", levels) + strings.Repeat("]", levels) }

// A guest is told which attributes cannot be kept.
func TestGuestAttributesThatDatabasesCannotRead(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{Limits: testkit.NoLimits()})
	signin := func(attributes string) (deskauth.Session, error) {
		return k.SigninAnonymously(t.Context(), deskauth.AnonymousInput{
			ProjectID: testkit.ProjectA, Attributes: json.RawMessage(attributes),
		})
	}
	for value, says := range unreadable {
		_, err := signin(`{"fine":1,"plan":` + value + `}`)
		testkit.WantFields(t, value, err, "Attributes")
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60s: got the error %v, want one that says %q", value, err, says)
		}
	}
	if _, err := signin(`{"a\u0000":1}`); err == nil {
		t.Error("a name with U+0000 was taken")
	}
	if k.Store.Len() != 0 {
		t.Errorf("%d guests were made, want none", k.Store.Len())
	}
	for _, value := range readable {
		s, err := signin(`{"plan":` + value + `}`)
		if err != nil || string(s.User.Attributes) != `{"plan":`+value+`}` {
			t.Errorf("%.60s: got %s and the error %v", value, s.User.Attributes, err)
		}
	}
}

// Of a custom token such claims are dropped. The others are kept, and its user signs in.
func TestClaimsThatDatabasesCannotRead(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	kept := func(claims ...string) string {
		t.Helper()
		s := k.MustCustom(t, testkit.TokenA(`"123"`, claims...))
		stored, err := k.Store.UserByID(t.Context(), s.User.ID)
		if err != nil || string(stored.Attributes) != string(s.User.Attributes) {
			t.Errorf("%.60s: stored %s and answered %s, %v", claims, stored.Attributes, s.User.Attributes, err)
		}
		return string(stored.Attributes)
	}
	for value := range unreadable {
		if got, want := kept(`"before":1`, `"plan":`+value, `"after":2`), `{"before":1,"after":2}`; got != want {
			t.Errorf("%.60s: kept %s, want %s", value, got, want)
		}
	}
	for claim, want := range map[string]string{
		`"email":"a\u0000@example.com"`: `{"plan":"gold"}`,
		`"a\u0000":1`:                   `{"plan":"gold"}`,
		`"email":"a@example.com"`:       `{"email":"a@example.com","plan":"gold"}`,
	} {
		if got := kept(claim, `"plan":"gold"`); got != want {
			t.Errorf("%s: kept %s, want %s", claim, got, want)
		}
	}
	for _, value := range readable {
		if got, want := kept(`"plan":`+value), `{"plan":`+value+`}`; got != want {
			t.Errorf("%.60s: kept %.60s, want it", value, got)
		}
	}
}
