package deskauth_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func TestCustomTokenAudience(t *testing.T) {
	t.Parallel()
	const issuer = "https://login.example.com:8443/auth"
	k := testkit.New(t, deskauth.Config{Issuer: issuer, CustomTokenAudience: "urn:tiledesk"})
	payload := strings.Replace(testkit.PayloadA(`"123"`), testkit.Issuer, "urn:tiledesk", 1)
	s := k.MustCustom(t, testkit.ForgeA(payload))
	if id, err := k.VerifyStateless(t.Context(), s.Token); err != nil || id.ExternalID != "123" {
		t.Errorf("VerifyStateless = %q, %v", id.ExternalID, err)
	}
	got := testkit.PartOf(t, s.Token, 1)
	if want := `"aud":"` + issuer + `","iss":"` + issuer + `"`; !strings.Contains(got, want) {
		t.Errorf("the session token has not the issuer as aud and iss: %s", got)
	}
	for _, aud := range []string{testkit.Issuer, issuer, "urn:tiledesk:x", ""} {
		payload := strings.Replace(testkit.PayloadA(`"123"`), testkit.Issuer, aud, 1)
		k.RefusedCustom(t, testkit.ForgeA(payload), "bad claims")
	}
}

// The leeway is 30 seconds by default; each row stands at one side of an edge.
func TestCustomTokenTimeEdges(t *testing.T) {
	t.Parallel()
	const good = ""
	none, minute := deskauth.Config{Leeway: -1}, deskauth.Config{Leeway: time.Minute}
	maxAge := deskauth.Config{CustomTokenMaxAge: time.Hour}
	since1970 := time.Duration(testkit.Start.Unix()) * time.Second
	for _, c := range []struct {
		name   string
		cfg    deskauth.Config
		claim  string
		offset time.Duration // of the claim's value from now
		reason deskauth.Reason
	}{
		{"exp ahead", none, "exp", time.Second, good},
		{"exp now", none, "exp", 0, "expired"},
		{"exp within the leeway", deskauth.Config{}, "exp", -29 * time.Second, good},
		{"exp at the leeway's end", deskauth.Config{}, "exp", -30 * time.Second, "expired"},
		{"exp within a minute", minute, "exp", -59 * time.Second, good},
		{"exp at the minute's end", minute, "exp", -60 * time.Second, "expired"},
		{"nbf now", none, "nbf", 0, good},
		{"nbf ahead", none, "nbf", time.Second, "bad claims"},
		{"nbf within the leeway", deskauth.Config{}, "nbf", 30 * time.Second, good},
		{"nbf beyond the leeway", deskauth.Config{}, "nbf", 31 * time.Second, "bad claims"},
		{"iat now", none, "iat", 0, good},
		{"iat ahead", none, "iat", time.Second, "bad claims"},
		{"iat within the leeway", deskauth.Config{}, "iat", 30 * time.Second, good},
		{"iat beyond the leeway", deskauth.Config{}, "iat", 31 * time.Second, "bad claims"},
		{"iat of 1970, no greatest age", deskauth.Config{}, "iat", -since1970, good},
		{"as old as allowed", maxAge, "iat", -time.Hour - 30*time.Second, good},
		{"a second older", maxAge, "iat", -time.Hour - 31*time.Second, "expired"},
		{"of unknown age", maxAge, "exp", time.Hour, "bad claims"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, c.cfg)
			token := testkit.TokenA(`"123"`, fmt.Sprintf(`%q:%d`, c.claim, testkit.Start.Add(c.offset).Unix()))
			if c.reason != good {
				k.RefusedCustom(t, token, c.reason)
				return
			}
			if s := k.MustCustom(t, token); s.User.ExternalID != "123" {
				t.Errorf("signed in %q", s.User.ExternalID)
			}
		})
	}
}

func TestCustomTokenRoles(t *testing.T) {
	t.Parallel()
	some := []string{"agent", "observer"}
	for _, c := range []struct {
		name       string
		roles      []string
		claim      string
		attributes string
	}{
		{"none by default", nil, `"role":"admin"`, ""},
		{"one that is listed", some, `"role":"observer"`, `{"role":"observer"}`},
		{"one that is not", some, `"role":"admin"`, ""},
		{"another spelling of the value", some, `"role":"Agent"`, ""},
		{"another spelling of the name", some, `"Role":"agent"`, ""},
		{"a list", some, `"role":["agent"]`, ""},
		{"null", some, `"role":null`, ""},
		{"empty", some, `"role":""`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			k := testkit.New(t, deskauth.Config{CustomTokenRoles: c.roles})
			s := k.MustCustom(t, testkit.TokenA(`"123"`, c.claim))
			if string(s.User.Attributes) != c.attributes || s.User.Kind != deskauth.KindExternal {
				t.Errorf("an account of kind %s with %s, want %s", s.User.Kind, s.User.Attributes, c.attributes)
			}
			id, err := k.VerifyStateless(t.Context(), s.Token)
			if err != nil || string(id.Claims) != c.attributes {
				t.Errorf("the session token carries %s, error %v; want %s", id.Claims, err, c.attributes)
			}
		})
	}
}

func TestCustomTokenRolesAreCopied(t *testing.T) {
	t.Parallel()
	roles := []string{"agent"}
	k := testkit.New(t, deskauth.Config{CustomTokenRoles: roles})
	roles[0] = "admin"
	if s := k.MustCustom(t, testkit.TokenA(`"123"`, `"role":"admin"`)); s.User.Attributes != nil {
		t.Errorf("a role was allowed after New: %s", s.User.Attributes)
	}
}
