package main

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
	"github.com/golang-jwt/jwt/v5"
)

// A custom token is explained as one, whatever its claim aud says: then the audience is
// what is wrong with it, and not the key.
func TestInspectExplainsTheAudience(t *testing.T) {
	t.Parallel()
	const host = "https://tiledesk.com"
	for name, tt := range map[string]struct {
		claims jwt.MapClaims
		args   string
		wants  string
	}{
		"the host alone":          {jwt.MapClaims{"aud": host}, "", host + "/projects/ID"},
		"the host and a slash":    {jwt.MapClaims{"aud": host + "/"}, "", host + "/projects/ID"},
		"project for projects":    {jwt.MapClaims{"aud": host + "/project/shop"}, "", host + "/projects/ID"},
		"the project alone":       {jwt.MapClaims{"aud": "shop"}, "", host + "/projects/ID"},
		"no project":              {jwt.MapClaims{"aud": host + "/projects/"}, "", host + "/projects/ID"},
		"a list of the right one": {jwt.MapClaims{"aud": []string{host + "/projects/shop"}}, "", host + "/projects/ID"},
		"a list of the host":      {jwt.MapClaims{"aud": []string{host}}, "", host + "/projects/ID"},
		"a list of several":       {jwt.MapClaims{"aud": []any{host, "shop"}}, "", host + "/projects/ID"},
		"none":                    {jwt.MapClaims{"aud": nil}, "", host + "/projects/ID"},
		"a number":                {jwt.MapClaims{"aud": 7}, "", host + "/projects/ID"},
		"an object": {jwt.MapClaims{"aud": jwt.MapClaims{"projects": "/projects/shop"}}, "",
			host + "/projects/ID"},
		"no sub":                  {jwt.MapClaims{"aud": host, "sub": nil}, "", host + "/projects/ID"},
		"no sub, and the project": {jwt.MapClaims{"aud": "shop", "sub": nil}, "", host + "/projects/ID"},
		"an issuer of its own":    {jwt.MapClaims{"aud": host, "iss": "https://shop.example"}, "", host + "/projects/ID"},
		"a uid of its own":        {jwt.MapClaims{"aud": host, "uid": "7"}, "", host + "/projects/ID"},
		"another service's": {
			jwt.MapClaims{"aud": host}, "--issuer https://desk.example", "https://desk.example/projects/ID",
		},
		"the host of a service": {
			jwt.MapClaims{"aud": "https://desk.example"}, "--issuer https://desk.example", "https://desk.example/projects/ID",
		},
		"the audience of a service": {
			jwt.MapClaims{"aud": "https://a.example"}, "--audience https://a.example", "https://a.example/projects/ID",
		},
		"the issuer of a service with an audience": {
			jwt.MapClaims{"aud": host}, "--audience https://a.example", "https://a.example/projects/ID",
		},
	} {
		token := customToken(t, tt.claims)
		args := append([]string{"token", "inspect", "--json"}, strings.Fields(tt.args)...)
		for where, c := range map[string]call{"with the key": {in: token, env: both()}, "without a key": {in: token}} {
			got := c.run(t, args...)
			i := decodeJSON[inspectionRead](t, got.out)
			if got.code != exitRefused || i.Token != "custom" || i.Reason != deskauth.ReasonBadClaims ||
				!strings.HasPrefix(i.Detail, "claim aud ") || !strings.Contains(i.Mend, "set aud to "+tt.wants) {
				t.Errorf("%s, %s: got %+v, want its audience explained", name, where, got)
			}
		}
	}
	got := call{in: customToken(t, jwt.MapClaims{"aud": host}), env: both()}.run(t, "token", "inspect")
	if !strings.Contains(got.out, "logs a bad signature") {
		t.Errorf("the host alone: got %+v, want what the service logs", got)
	}
}

// What a token is taken for follows from who can have made it.
func TestInspectTellsTheKinds(t *testing.T) {
	t.Parallel()
	auth := newAuth(t, memstore.New(), deskauth.Config{})
	elsewhere := newAuth(t, memstore.New(), deskauth.Config{Issuer: "https://desk.example"})
	external := func(auth *deskauth.Auth, audience string) string {
		in := deskauth.CustomTokenInput{Token: deskauth.NewSecret(customToken(t, jwt.MapClaims{"aud": audience}))}
		s, err := auth.SigninWithCustomToken(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return s.Token
	}
	ofTiledesk := func(change jwt.MapClaims) string {
		claims := jwt.MapClaims{"aud": "https://tiledesk.com", "iss": "https://tiledesk.com", "sub": "user", "exp": nil}
		for name, value := range change {
			claims[name] = value
		}
		return customToken(t, claims)
	}
	for name, tt := range map[string]struct{ token, want string }{
		"a guest's":                              {guestToken(t, auth).Token, "session"},
		"an external user's":                     {external(auth, "https://tiledesk.com/projects/shop"), "session"},
		"an external user's of another service":  {external(elsewhere, "https://desk.example/projects/shop"), "session"},
		"of another service":                     {guestToken(t, elsewhere).Token, "session"},
		"of a Tiledesk server":                   {ofTiledesk(nil), "session"},
		"of a Tiledesk server, of a guest":       {ofTiledesk(jwt.MapClaims{"sub": "guest"}), "session"},
		"of a Tiledesk server, of an external":   {ofTiledesk(jwt.MapClaims{"sub": "userexternal"}), "session"},
		"of an old Tiledesk server":              {ofTiledesk(jwt.MapClaims{"iss": nil}), "session"},
		"of an old Tiledesk server, without aud": {ofTiledesk(jwt.MapClaims{"iss": nil, "aud": nil}), "session"},
		"a custom token that a service echoes":   {customToken(t, nil), "custom"},
		"a custom token without sub":             {customToken(t, jwt.MapClaims{"sub": nil}), "custom"},
		"a custom token with our issuer":         {customToken(t, jwt.MapClaims{"iss": "https://tiledesk.com"}), "custom"},
		"a custom token of an agent, it says":    {customToken(t, jwt.MapClaims{"sub": "user"}), "custom"},
		"a custom token with a list, without sub": {customToken(t,
			jwt.MapClaims{"sub": nil, "aud": []string{"x/projects/y"}}), "custom"},
		"not a token": {"x.y.z", "session"},
	} {
		i := decodeJSON[inspectionRead](t, call{in: tt.token, env: both()}.run(t, "token", "inspect", "--json").out)
		if i.Token != tt.want {
			t.Errorf("%s: taken for a %s token, want %s", name, i.Token, tt.want)
		}
		for _, as := range []string{"session", "custom"} {
			got := call{in: tt.token, env: both()}.run(t, "token", "inspect", "--json", "--as", as)
			if i := decodeJSON[inspectionRead](t, got.out); i.Token != as {
				t.Errorf("%s, with --as %s: taken for a %s token", name, as, i.Token)
			}
		}
	}
}
