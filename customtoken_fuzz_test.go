package deskauth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
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
