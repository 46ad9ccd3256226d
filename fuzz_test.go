package deskauth_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

var quiet = slog.New(slog.DiscardHandler)

// FuzzVerify shows that a token has one spelling: what enters is, to the byte, a token
// that was issued, behind a scheme or not.
func FuzzVerify(f *testing.F) {
	ids := []string{"id-1", "id-2"}
	k := testkit.New(f, deskauth.Config{Logger: quiet, NewID: func() string { id := ids[0]; ids = ids[1:]; return id }})
	k.MustSignup(f, "andrea@f22.it", "a long password")
	k.MustGuest(f, testkit.ProjectA)
	custom := testkit.TokenA(`"123"`, `"firstname":"Andrea"`)
	k.MustCustom(f, custom)
	// Made by hand, because every process of the fuzzer has to know the same ones.
	const times = `"iat":1767323045,"exp":1767409445,"aud":"https://tiledesk.com","iss":"https://tiledesk.com"`
	issued := map[string]bool{
		testkit.Forge(testkit.HS256, `{"_id":"id-1",`+times+`,"sub":"user"}`, testkit.SessionSecret):                                                                                                                               true,
		testkit.Forge(testkit.HS256, `{"_id":"id-2","id_project":"`+testkit.ProjectA+`",`+times+`,"sub":"guest"}`, testkit.SessionSecret):                                                                                          true,
		testkit.Forge(testkit.HS256, `{"_id":"123","id_project":"`+testkit.ProjectA+`","uid":"`+deskauth.ExternalUserID(testkit.ProjectA, "123")+`",`+times+`,"sub":"userexternal","epoch":1767323045000}`, testkit.SessionSecret): true,
	}
	accounts := k.Store.Len()

	for token := range issued {
		part := strings.Split(token, ".")
		for _, seed := range []string{
			token, "JWT " + token, "bearer " + token, "JWT JWT " + token, token + "=", token + "\n", " " + token, token[:len(token)-1], token + "." + part[2],
			strings.ReplaceAll(strings.ReplaceAll(token, "-", "+"), "_", "/"),
			part[0] + "." + part[1] + ".", part[0] + ".." + part[2], testkit.B64(`{"alg":"none"}`) + "." + part[1] + ".",
			`{"protected":"` + part[0] + `","payload":"` + part[1] + `","signature":"` + part[2] + `"}`,
			testkit.Forge(`{"alg":"HS256","kid":"x","crit":["exp"],"exp":1}`, testkit.PartOf(f, token, 1), testkit.SessionSecret),
			testkit.Forge(testkit.HS256, testkit.PartOf(f, token, 1), testkit.ForeignSecret),
		} {
			f.Add(seed)
		}
	}
	for _, seed := range []string{custom, "", ".", "..", "...", "JWT ", "Bearer", "eyJ.eyJ.e30", "e30.e30.e30", "\x00.\xff.\ufeff", strings.Repeat(".", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		for _, scheme := range []string{"", "JWT ", "Bearer ", "jWt "} {
			presented := scheme + token
			_, verify := k.Verify(t.Context(), presented)
			_, stateless := k.VerifyStateless(t.Context(), presented)
			_, back := k.TryCustom(t, presented)
			bare := presented
			for _, s := range []string{"JWT ", "Bearer "} {
				if len(presented) > len(s) && strings.EqualFold(presented[:len(s)], s) {
					bare = presented[len(s):]
				}
			}
			for door, err := range map[string]error{"Verify": verify, "VerifyStateless": stateless, "SigninWithCustomToken": back} {
				want := issued[bare] || bare == custom && door == "SigninWithCustomToken"
				if want != (err == nil) || err != nil && !errors.Is(err, deskauth.ErrInvalidToken) {
					t.Errorf("%s of %q: %v; it was issued: %t", door, presented, err, want)
				}
			}
		}
		if n := k.Store.Len(); n != accounts {
			t.Errorf("%d accounts; there were %d", n, accounts)
		}
		k.Events.Take()
	})
}

// FuzzCustomToken signs whatever claims there are: a signer of project A may be anybody,
// and makes nothing but sessions of that project's external users.
func FuzzCustomToken(f *testing.F) {
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(f, store, testkit.Secrets(), deskauth.Config{Logger: quiet, CustomTokenRoles: []string{"agent"}})
	good := testkit.CustomPayload(testkit.ProjectA, `"123"`)
	for _, seed := range []string{
		good, testkit.CustomPayload(testkit.ProjectA, `123`), testkit.CustomPayload(testkit.ProjectB, `"123"`), strings.ReplaceAll(good, "/", `\/`), " " + good + "\n", `{}`, `[]`, `null`, ``,
		testkit.CustomPayload(testkit.ProjectA, `"\" \\ \u0041 😀"`, `"firstname":"Andrea","lastname":null,"email":"a@b.it","role":"agent"`),
		testkit.CustomPayload(testkit.ProjectA, `"123"`, `"iat":1767323045,"exp":1767409445.5,"nbf":1e9,"jti":"x"`),
		testkit.CustomPayload(testkit.ProjectA, `"123"`, `"Sub":"user","UID":"x","\u017fub":"user","\u212aind":"user","Aud":[]`),
		testkit.CustomPayload(testkit.ProjectA, `"123"`, `"sub":"user"`), testkit.CustomPayload(testkit.ProjectA, `"123"`, `"uid":"x","epoch":9,"kind":"user","id_project":"y","iss":"z"`),
		testkit.CustomPayload(testkit.ProjectA, `"123"`, `"a\",\"sub\":\"user":1,"\u0000":2,"":3,"__proto__":{"x":1}`),
		testkit.CustomPayload(testkit.ProjectA, `"123"`, `"o":{"a":[1,2.50,-0,1e2,{"b":null,"c":true}],"sub":"user"},"p":"</script>\u2028"`),
		testkit.CustomPayload(testkit.ProjectA, `"123"`, `"email":{"a":1}`), testkit.CustomPayload(testkit.ProjectA, `"123"`, `"exp":"1"`), testkit.CustomPayload(testkit.ProjectA, `{"$ne":null}`),
		`{"_id":"1","sub":"user","aud":"https://tiledesk.com","iss":"https://tiledesk.com","iat":1767323045,"exp":1767409445}`,
		`{"firstname":"x","a":{"b":1,"b":2}}`, `{"x":"` + "\xff" + `"}`, `{"x":"\ud800"}`, `{"password":"x","email":"y"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		candidates := []string{payload}
		if claims, ok := strings.CutPrefix(payload, "{"); ok { // the same with what a token needs
			candidates = append(candidates, strings.TrimSuffix(good, "}")+","+claims)
		}
		for _, payload := range candidates {
			store.UserStore = memstore.New()
			k.Events.Take()
			s, err := k.TryCustom(t, testkit.Forge(testkit.HS256, payload, testkit.SecretA))
			if err != nil {
				if !errors.Is(err, deskauth.ErrInvalidToken) || store.UserStore.(*memstore.Store).Len() != 0 {
					t.Errorf("error %v, want ErrInvalidToken and nothing stored", err)
				}
				continue
			}
			checkMinted(t, k, s)
		}
	})
}

// checkMinted holds a session of a project's external user against what such a session
// is, whatever the claims were.
func checkMinted(t *testing.T, k *testkit.Kit, s deskauth.Session) {
	t.Helper()
	text := testkit.PartOf(t, s.Token, 1)
	if _, err := strictjson.Object([]byte(text), nil); err != nil || !json.Valid([]byte(text)) {
		t.Fatalf("payload %s: %v", text, err)
	}
	var claims map[string]any
	if err := json.Unmarshal([]byte(text), &claims); err != nil || len(claims) != len(membersOf(t, s.Token)) {
		t.Errorf("payload %s has a name twice: %v", text, err)
	}
	id, _ := claims["_id"].(string)
	if id == "" || id != s.User.ExternalID || claims["sub"] != "userexternal" || claims["id_project"] != testkit.ProjectA || claims["aud"] != testkit.Issuer {
		t.Errorf("payload %s is not of an external user of %s", text, testkit.ProjectA)
	}
	want := deskauth.ExternalUserID(testkit.ProjectA, id)
	if claims["uid"] != want || s.User.ID != want || s.User.Email != "" || s.User.Kind != deskauth.KindExternal {
		t.Errorf("payload %s, user %+v; want the account %s", text, s.User, want)
	}
	who, err := k.Verify(t.Context(), s.Token)
	if err != nil || who.UserID != want || who.ExternalID != id || who.ProjectID != testkit.ProjectA || who.Kind != deskauth.KindExternal {
		t.Errorf("Verify = %+v, %v", who, err)
	}
	stateless, err := k.VerifyStateless(t.Context(), s.Token)
	if err != nil || stateless.UserID != want || string(stateless.Claims) != string(who.Claims) || stateless.FirstName != who.FirstName {
		t.Errorf("VerifyStateless = %+v, %v; Verify has %+v", stateless, err, who)
	}
}
