package deskauth_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestCustomTokenFirstSignin(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustCustom(t, testkit.TokenA(`"123"`, `"firstname":"Andrea"`, `"lastname":"Leo"`,
		`"customAttr" : [ 1, "x" ]`, `"email":"andrea.leo@f22.it"`, `"amount":1.50`))

	want := deskauth.User{
		ID:         deskauth.ExternalUserID(testkit.ProjectA, "123"),
		Kind:       deskauth.KindExternal,
		FirstName:  "Andrea",
		LastName:   "Leo",
		ProjectID:  testkit.ProjectA,
		ExternalID: "123",
		Attributes: json.RawMessage(`{"email":"andrea.leo@f22.it","customAttr":[1,"x"],"amount":1.50}`),
		CreatedAt:  testkit.Start,
		UpdatedAt:  testkit.Start,
	}
	if !reflect.DeepEqual(s.User, want) {
		t.Errorf("User\n got %+v\nwant %+v", s.User, want)
	}
	now := testkit.Start.UnixMilli()
	account := deskauth.Account{User: want, SessionEpoch: now, LastActiveAt: testkit.Start, Version: now}
	stored, err := k.Store.UserByID(t.Context(), want.ID)
	if err != nil || !reflect.DeepEqual(stored, account) {
		t.Errorf("stored %+v, error %v; want the same user and nothing more", stored, err)
	}
	if want := testkit.Start.Add(24 * time.Hour); !s.ExpiresAt.Equal(want) {
		t.Errorf("ExpiresAt = %v, want %v", s.ExpiresAt, want)
	}
	events := []deskauth.EventType{deskauth.EventExternalCreated, deskauth.EventSignedIn}
	if got := k.Events.TakeTypes(); !slices.Equal(got, events) {
		t.Errorf("events %v, want %v", got, events)
	}
	if id, err := k.Verify(t.Context(), s.Token); err != nil || id.UserID != want.ID {
		t.Errorf("Verify of the answer's token = %q, %v", id.UserID, err)
	}
}

func TestCustomTokenAccepted(t *testing.T) {
	t.Parallel()
	good, now := testkit.PayloadA(`"123"`), testkit.Start.Unix()
	long := strings.Repeat("1234567890", 3)
	for _, c := range []struct{ name, token, externalID string }{
		{"without exp, as Tiledesk's samples", testkit.TokenA(`"123"`), "123"},
		{"without typ, as the Java sample", testkit.Forge(`{"alg":"HS256"}`, good, testkit.SecretA), "123"},
		{
			"with a kid that no key has an ID for",
			testkit.Forge(`{"alg":"HS256","kid":"x"}`, good, testkit.SecretA), "123",
		},
		{"slashes escaped, as PHP does", testkit.ForgeA(strings.ReplaceAll(good, "/", `\/`)), "123"},
		{"behind JWT", "JWT " + testkit.TokenA(`"123"`), "123"},
		{"behind bearer", "bearer " + testkit.TokenA(`"123"`), "123"},
		{"iat of jsonwebtoken", testkit.TokenA(`"123"`, fmt.Sprintf(`"iat":%d`, now)), "123"},
		{"times with a fraction", testkit.TokenA(`"123"`, fmt.Sprintf(`"exp":%d.5,"nbf":%d.25`, now, now)), "123"},
		{"an exp in exponents", testkit.TokenA(`"123"`, `"exp":4.1e9`), "123"},
		{"an exp in the year 2200", testkit.TokenA(`"123"`, `"exp":7289654399`), "123"},
		{"an integer _id", testkit.TokenA(`123`), "123"},
		{"a negative integer _id", testkit.TokenA(`-5`), "-5"},
		{"an integer _id beyond 2^64", testkit.TokenA(long), long},
		{"an escaped _id", testkit.TokenA(`"\u0031\/\""`), `1/"`},
		{"an _id with blanks, kept", testkit.TokenA(`" a b "`), " a b "},
		{"an _id beyond ASCII", testkit.TokenA(`"用户😀"`), "用户😀"},
		{"an _id of 128 bytes", testkit.TokenA(`"` + strings.Repeat("x", 128) + `"`), strings.Repeat("x", 128)},
		{"names of blanks", testkit.TokenA(`"123"`, `"firstname":" ","lastname":" "`), "123"},
		{"a name of 256 bytes", testkit.TokenA(`"123"`, `"firstname":"`+strings.Repeat("x", 256)+`"`), "123"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{})
			s := k.MustCustom(t, c.token)
			u, id := s.User, deskauth.ExternalUserID(testkit.ProjectA, c.externalID)
			if u.ExternalID != c.externalID || u.ID != id {
				t.Errorf("ExternalID %q and ID %q, want %q and %q", u.ExternalID, u.ID, c.externalID, id)
			}
			if id, err := k.Verify(t.Context(), s.Token); err != nil || id.ExternalID != c.externalID {
				t.Errorf("Verify of the answer's token = %q, %v; want %q", id.ExternalID, err, c.externalID)
			}
		})
	}
}

// An integer and the text of its digits are one person.
func TestCustomTokenIntegerIsText(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	integer, text := k.MustCustom(t, testkit.TokenA(`123`)).User, k.MustCustom(t, testkit.TokenA(`"123"`)).User
	if integer.ID != text.ID {
		t.Errorf("accounts %s and %s for 123 and \"123\"", integer.ID, text.ID)
	}
	if n := k.Store.Len(); n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
}

// many returns n claims, c0 to c(n-1).
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"c%d":%d`, i, i)
	}
	return b.String()[1:]
}

// checkMinted checks that a session is one of an external user of project A, whatever its
// custom token claimed.
func checkMinted(t *testing.T, k *testkit.Kit, s deskauth.Session) {
	t.Helper()
	text := testkit.PartOf(t, s.Token, 1)
	if _, err := strictjson.Object([]byte(text), nil); err != nil || !json.Valid([]byte(text)) {
		t.Fatalf("payload %s: %v", text, err)
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(text), &claims); err != nil || len(claims) != len(testkit.Members(t, s.Token)) {
		t.Errorf("payload %s has a name twice: %v", text, err)
	}
	id, _ := claims["_id"].(string)
	if id == "" || id != s.User.ExternalID || claims["sub"] != "userexternal" ||
		claims["id_project"] != testkit.ProjectA || claims["aud"] != testkit.Issuer {
		t.Errorf("payload %s is not of an external user of %s", text, testkit.ProjectA)
	}
	want := deskauth.ExternalUserID(testkit.ProjectA, id)
	if claims["uid"] != want || s.User.ID != want || s.User.Email != "" || s.User.Kind != deskauth.KindExternal {
		t.Errorf("payload %s, user %+v; want the account %s", text, s.User, want)
	}
	who, err := k.Verify(t.Context(), s.Token)
	if err != nil || who.UserID != want || who.ExternalID != id || who.ProjectID != testkit.ProjectA ||
		who.Kind != deskauth.KindExternal {
		t.Errorf("Verify = %+v, %v", who, err)
	}
	stateless, err := k.VerifyStateless(t.Context(), s.Token)
	if err != nil || stateless.UserID != want || string(stateless.Claims) != string(who.Claims) ||
		stateless.FirstName != who.FirstName {
		t.Errorf("VerifyStateless = %+v, %v; Verify has %+v", stateless, err, who)
	}
}
