package deskauth_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// FuzzCustomToken signs payloads as a malicious signer of project A could. They make
// nothing but sessions of that project's external users.
func FuzzCustomToken(f *testing.F) {
	store := &testkit.CountingStore{UserStore: memstore.New()}
	k := testkit.NewOn(f, store, testkit.Secrets(), deskauth.Config{
		Logger: testkit.Quiet, CustomTokenRoles: []string{"agent"},
	})
	good := testkit.PayloadA(`"123"`)
	for _, seed := range []string{
		good, testkit.PayloadA(`123`), testkit.CustomPayload(testkit.ProjectB, `"123"`),
		strings.ReplaceAll(good, "/", `\/`), " " + good + "\n", `{}`, `[]`, `null`, ``,
		testkit.PayloadA(`"\" \\ \u0041 😀"`, `"firstname":"Andrea","lastname":null,"email":"a@b.it","role":"agent"`),
		testkit.PayloadA(`"123"`, `"iat":1767323045,"exp":1767409445.5,"nbf":1e9,"jti":"x"`),
		testkit.PayloadA(`"123"`, `"Sub":"user","UID":"x","\u017fub":"user","\u212aind":"user","Aud":[]`),
		testkit.PayloadA(`"123"`, `"sub":"user"`),
		testkit.PayloadA(`"123"`, `"uid":"x","epoch":9,"kind":"user","id_project":"y","iss":"z"`),
		testkit.PayloadA(`"123"`, `"a\",\"sub\":\"user":1,"\u0000":2,"":3,"__proto__":{"x":1}`),
		testkit.PayloadA(`"123"`,
			`"o":{"a":[1,2.50,-0,1e2,{"b":null,"c":true}],"sub":"user"},"p":"</script>\u2028"`),
		testkit.PayloadA(`"123"`, `"email":{"a":1}`),
		testkit.PayloadA(`"123"`, `"exp":"1"`),
		testkit.PayloadA(`{"$ne":null}`),
		`{"_id":"1","sub":"user","aud":"https://tiledesk.com","iss":"https://tiledesk.com",` +
			`"iat":1767323045,"exp":1767409445}`,
		`{"firstname":"x","a":{"b":1,"b":2}}`, `{"x":"` + "\xff" + `"}`, `{"x":"\ud800"}`,
		`{"password":"x","email":"y"}`,
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
			s, err := k.TryCustom(t, testkit.ForgeA(payload))
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
