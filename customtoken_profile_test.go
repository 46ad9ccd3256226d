package deskauth_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// onlyOurs fails the test unless a session token of project A has each of our claims once,
// in one spelling, with our value. It must have nothing else that a reader might trust.
func onlyOurs(t *testing.T, token string) {
	t.Helper()
	now := fmt.Sprint(testkit.Start.Unix())
	want := map[string]string{
		"_id":        `"123"`,
		"id_project": `"` + testkit.ProjectA + `"`,
		"aud":        `"` + testkit.Issuer + `"`,
		"iss":        `"` + testkit.Issuer + `"`,
		"sub":        `"userexternal"`,
		"uid":        `"` + deskauth.ExternalUserID(testkit.ProjectA, "123") + `"`,
		"iat":        now,
		"auth_time":  now,
		"exp":        fmt.Sprint(testkit.Start.Unix() + 86400),
		"epoch":      fmt.Sprint(testkit.Start.UnixMilli()),
		"jti":        "*",
	}
	members := testkit.Members(t, token)
	for ours, value := range want {
		n := 0
		for _, m := range members {
			if !strings.EqualFold(m.Name, ours) {
				continue
			}
			n++
			if m.Name != ours || m.Value != value && value != "*" {
				t.Errorf("the session token has %q:%s, want %q:%s", m.Name, m.Value, ours, value)
			}
		}
		if n != 1 {
			t.Errorf("the session token has %d spellings of %q, want 1", n, ours)
		}
	}
	for _, m := range members {
		if misleads(m.Name) {
			t.Errorf("the session token has %q:%s", m.Name, m.Value)
		}
	}
}

// misleads reports whether a reader of tokens might trust a claim of the name, or read it
// as another.
func misleads(name string) bool {
	for _, never := range []string{
		"id", "kind", "nbf", "role", "emailverified", "__proto__", "constructor", "prototype",
	} {
		if strings.EqualFold(name, never) {
			return true
		}
	}
	for _, exact := range []string{"email", "firstname"} {
		if strings.EqualFold(name, exact) && name != exact {
			return true
		}
	}
	folded := strings.NewReplacer("ſ", "s", "\u212a", "k").Replace(strings.ToLower(name))
	return strings.HasPrefix(folded, "password") || strings.ContainsAny(name, "\"\\\x00\n")
}

// spellings returns the names that a reader who folds case takes for name, or that are
// name once their escapes are read.
func spellings(name string) []string {
	escaped := ""
	for _, c := range name {
		escaped += fmt.Sprintf(`\u%04x`, c)
	}
	title := strings.ToUpper(name[:1]) + name[1:]
	if name[0] == '_' {
		title = strings.ToUpper(name[:2]) + name[2:]
	}
	return []string{
		name, escaped, strings.ToUpper(name), title,
		strings.ReplaceAll(name, "s", "ſ"), strings.ReplaceAll(name, "k", "\u212a"),
		strings.Replace(name, "s", "ſ", 1), strings.ReplaceAll(strings.ToUpper(name), "S", `\u017f`),
	}
}

func TestS09_ReservedClaims(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "_id", "id", "id_project", "uid", "epoch",
		"kind", "auth_time", "role", "firstname", "lastname", "emailverified", "email", "password",
		"passwordHash", "password_reset", "passwords", "__proto__", "constructor", "prototype",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, spelling := range spellings(name) {
				reservedClaim(t, name, spelling)
			}
		})
	}
}

// reservedClaim claims values under one spelling of a name.
func reservedClaim(t *testing.T, name, spelling string) {
	t.Helper()
	checked := map[string]bool{"_id": true, "sub": true, "aud": true, "iat": true, "exp": true, "nbf": true}
	exact := spelling == name || strings.HasPrefix(spelling, `\u00`)
	if exact && checked[name] {
		return // there once already, or a time: those are other tests
	}
	values := []string{`"admin"`, `"` + testkit.ProjectB + `"`, `"user"`}
	if !exact || name != "firstname" && name != "lastname" && name != "email" {
		values = append(values, `0`, `9999999999`, `true`, `null`, `["user"]`, `{"isAdmin":true}`)
	}
	for _, value := range values {
		k := testkit.New(t, deskauth.Config{})
		s := k.MustCustom(t, testkit.TokenA(`"123"`, `"`+spelling+`":`+value))
		onlyOurs(t, s.Token)
		id, err := k.Verify(t.Context(), s.Token)
		if err != nil || id.Kind != deskauth.KindExternal || id.ExternalID != "123" ||
			id.ProjectID != testkit.ProjectA || id.Email != "" {
			t.Errorf("%s:%s: identity %+v, %v", spelling, value, id, err)
		}
		if !exact && s.User.Attributes != nil {
			t.Errorf("%s:%s: the profile is %s, want none", spelling, value, s.User.Attributes)
		}
		if t.Failed() {
			t.Fatalf("with the claim %q:%s", spelling, value)
		}
	}
}

func TestS09_NamesThatEscape(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for _, name := range []string{
		`a\",\"sub\":\"user`, `\"`, `a\\`, `\\\",\"sub`, `a\u0022`, `a\u005c`, `a\u0000`,
		`sub\u0000`, `\u0000sub`, `a\n`, `\r`, `\u007f`, `\u0085`, ``, strings.Repeat("x", 129),
	} {
		s := k.MustCustom(t, testkit.TokenA(`"123"`, `"`+name+`":"admin"`))
		onlyOurs(t, s.Token)
		if s.User.Attributes != nil {
			t.Errorf("the claim %q was kept: %s", name, s.User.Attributes)
		}
	}
	for _, value := range []string{
		`x\",\"sub\":\"user`, `\\`, `\\\"`, `\u0022,\u0022epoch\u0022:1,\u0022`, `</script>`, `\u2028`,
	} {
		s := k.MustCustom(t, testkit.TokenA(`"123"`,
			`"firstname":"`+value+`"`, `"x":"`+value+`"`, `"email":"`+value+`"`, `"y":{"`+value+`":1}`))
		onlyOurs(t, s.Token)
		var text string
		if err := json.Unmarshal([]byte(`"`+value+`"`), &text); err != nil || s.User.FirstName != text {
			t.Errorf("firstname %q, want %q (%v)", s.User.FirstName, text, err)
		}
	}
	s := k.MustCustom(t, testkit.TokenA(`"\",\"sub\":\"user"`))
	id, err := k.VerifyStateless(t.Context(), s.Token)
	if err != nil || id.ExternalID != `","sub":"user` || id.Kind != deskauth.KindExternal {
		t.Errorf("an _id with quotes: %+v, %v", id, err)
	}
}

// What is mended becomes no claim that says who the user is: each has its own value still.
func TestS09_MendedClaimsStandInForNone(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{CustomTokenRoles: []string{"vip"}})
	for _, name := range []string{
		"_id", "sub", "aud", "exp", "iat", "nbf", "uid", "email", "role", "epoch", "id_project",
	} {
		for _, flaw := range []string{"\xff", `\ud800`, "\n", "\x00", "\xc2"} {
			for _, flawed := range []string{name + flaw, flaw + name, name[:1] + flaw + name[1:]} {
				s := k.MustCustom(t, testkit.TokenA(`"123"`, `"`+flawed+`":"vip"`, `"`+flawed+`x":"admin"`))
				onlyOurs(t, s.Token)
				id, err := k.Verify(t.Context(), s.Token)
				if err != nil || id.ExternalID != "123" || id.Email != "" || id.ProjectID != testkit.ProjectA {
					t.Errorf("%q: identity %+v, %v", flawed, id, err)
				}
			}
		}
	}
}

// What stands in the store is not believed either: it may be older than the rules.
func TestS09_StoredAttributes(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	s := k.MustCustom(t, testkit.TokenA(`"123"`))
	testkit.Change(t, k.Store, s.User.ID, func(a *deskauth.Account) {
		a.Attributes = json.RawMessage(`{"sub":"user","uid":"x","SUB":"user","epoch":7,"_id":"admin",` +
			`"id_project":"` + testkit.ProjectB + `","EXP":1,"__proto__":{},"ok":1}`)
	})
	k.Clock.Advance(13 * 3600e9)
	renewed := k.MustCustom(t, s.Token)
	if renewed.Token == s.Token {
		t.Fatal("the session was not renewed")
	}
	id, err := k.VerifyStateless(t.Context(), renewed.Token)
	if err != nil || id.UserID != s.User.ID || id.Kind != deskauth.KindExternal || id.ProjectID != testkit.ProjectA {
		t.Errorf("identity %+v, %v", id, err)
	}
	names := map[string]int{}
	for _, m := range testkit.Members(t, renewed.Token) {
		names[strings.ToLower(m.Name)]++
	}
	want := map[string]int{
		"_id": 1, "attributes": 1, "id_project": 1, "uid": 1, "iat": 1, "exp": 1, "aud": 1, "iss": 1,
		"sub": 1, "jti": 1, "sid": 1, "auth_time": 1, "epoch": 1,
	}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
}
