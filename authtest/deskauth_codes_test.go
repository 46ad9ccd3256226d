package authtest_test

import (
	"crypto/ed25519"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/authtest"
	"github.com/deskauth/deskauth/httpadapter"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// A codeScene is a deskauth with two agents, and a good code for each of them.
type codeScene struct {
	testkit.MailKit
	kind   deskauth.MailKind
	agents [2]deskauth.User
	codes  [2]string
	dead   []string // codes of that kind: one is too old, one was ended
	others []string // what is good for something else
	token  string
}

func newCodeScene(t *testing.T, kind deskauth.MailKind, session deskauth.Key) *codeScene {
	t.Helper()
	secrets := testkit.Secrets()
	secrets.Session = []deskauth.Key{session}
	s := &codeScene{kind: kind, MailKit: testkit.NewWithMail(t, memstore.New(), secrets, deskauth.Config{
		Limits: testkit.NoLimits(), Logger: slog.New(slog.DiscardHandler),
	})}
	for i, email := range []string{"andrea@f22.it", "daniela@f22.it"} {
		s.agents[i] = s.MustAgent(t, email)
	}
	code := func(kind deskauth.MailKind, agent int) string {
		return s.MustMail(t, kind, s.agents[agent]).CodeText()
	}
	s.dead = append(s.dead, code(kind, 1))
	s.Clock.Advance(2 * testkit.Day)
	s.dead = append(s.dead, code(kind, 0))
	testkit.Must(t, s.SignoutEverywhere(t.Context(), s.agents[0].ID))

	for i := range s.agents {
		s.codes[i] = code(kind, i)
		s.others = append(s.others, s.MustIssue(t, s.agents[i].ID).Token)
		for _, k := range testkit.CodeKinds {
			if k != kind {
				s.others = append(s.others, code(k, i))
			}
		}
	}
	s.token = s.others[0]
	s.others = append(s.others, s.MustGuest(t, testkit.ProjectA).Token, testkit.TokenA(`"123"`))
	return s
}

// target describes the scene. Its check of tokens is all of deskauth's.
func (s *codeScene) target(t *testing.T, accepts func(code string) bool) authtest.CodeTarget {
	verify := map[string]func(string) bool{
		"Verify": func(token string) bool {
			_, err := s.Verify(t.Context(), token)
			return err == nil
		},
		"VerifyStateless":       func(token string) bool { return verifiesStateless(t.Context(), s.Auth, token) },
		"SigninWithCustomToken": func(token string) bool { return signsIn(t.Context(), s.Auth, token) },
	}
	for name, accepts := range verify {
		if !accepts(s.token) {
			t.Errorf("%s refuses the session token, want it let in", name)
		}
	}
	return authtest.CodeTarget{
		Accepts: accepts,
		Code:    s.codes[0],
		Second:  s.codes[1],
		Others:  slices.Concat(s.dead, s.others),
		Secrets: [][]byte{[]byte(testkit.SessionSecret), []byte(testkit.SecretA)},
		Token:   s.token,
		AcceptsToken: func(token string) bool {
			return slices.ContainsFunc(slices.Collect(maps.Values(verify)), func(accepts func(string) bool) bool {
				return accepts(token)
			})
		},
	}
}

// eachCodeScene runs a test for every kind of codes.
func eachCodeScene(t *testing.T, test func(t *testing.T, s *codeScene)) {
	for _, kind := range testkit.CodeKinds {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			test(t, newCodeScene(t, kind, testkit.Key("", testkit.SessionSecret)))
		})
	}
}

// attack fails the test for everything that gets in.
func attack(t *testing.T, target authtest.CodeTarget) {
	t.Helper()
	letIn, err := authtest.CheckCodes(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d attacks", len(must(authtest.CodeAttacks(target))))
	for _, a := range letIn {
		t.Errorf("let in: %s\nWhy: %s\n%.400q", a.Name, a.Why, a.Token)
	}
}

// untouched fails the test if attacks have changed an account. It is called before the
// good code is used.
func (s *codeScene) untouched(t *testing.T) (check func()) {
	t.Helper()
	before := [2]deskauth.Account{s.Stored(t, s.agents[0].ID), s.Stored(t, s.agents[1].ID)}
	return func() {
		t.Helper()
		for i := range before {
			if got := s.Stored(t, s.agents[i].ID); !reflect.DeepEqual(got, before[i]) {
				t.Errorf("attacks changed the account %+v to %+v", before[i].User, got.User)
			}
		}
	}
}

// Every forged code gets the one answer, and changes no account.
func TestS51_ForgedCodes(t *testing.T) {
	t.Parallel()
	eachCodeScene(t, func(t *testing.T, s *codeScene) {
		check := sync.OnceFunc(s.untouched(t))
		attack(t, s.target(t, func(code string) bool {
			if code == s.codes[0] {
				check()
			}
			u, err := s.Use(t.Context(), s.kind, deskauth.NewSecret(code), "")
			if err != nil && (err != deskauth.ErrInvalidCode || u.ID != "") {
				t.Errorf("%.100q: got the user %q and the error %v, want none and ErrInvalidCode", code, u.ID, err)
			}
			return err == nil
		}))
	})
}

// A code that is only looked at is as hard to forge. An account's own page takes no other
// account's code.
func TestS51_ForgedCodesThatAreLookedAt(t *testing.T) {
	t.Parallel()
	eachCodeScene(t, func(t *testing.T, s *codeScene) {
		target := s.target(t, func(code string) bool {
			in := deskauth.CheckCodeInput{Purpose: s.kind, Code: deskauth.NewSecret(code)}
			_, err := s.CheckCode(t.Context(), in)
			return err == nil
		})
		target.Skip = []string{"again"} // a look uses nothing up
		check := s.untouched(t)
		attack(t, target)
		check()
		if s.kind != deskauth.MailEmailVerification {
			return
		}
		target = s.target(t, func(code string) bool {
			in := deskauth.VerifyEmailInput{UserID: s.agents[0].ID, Code: deskauth.NewSecret(code)}
			_, err := s.VerifyEmail(t.Context(), in)
			return err == nil
		})
		target.Second, target.Others = "", append(target.Others, target.Second)
		attack(t, target)
	})
}

// Session keys of other kinds make codes, too. Neither the private key nor the public one
// signs a code.
func TestS50_ForgedCodesOfAnAsymmetricKey(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	testkit.Must(t, err)
	s := newCodeScene(t, deskauth.MailPasswordReset, deskauth.NewKey("k1", "EdDSA", private))
	target := s.target(t, func(code string) bool {
		_, err := s.Use(t.Context(), s.kind, deskauth.NewSecret(code), "")
		return err == nil
	})
	target.Secrets = [][]byte{private, private.Seed(), public}
	attack(t, target)
}

// codeEndpoints are the paths that take the codes of a kind.
func (s *codeScene) codeEndpoints() (use, look string) {
	switch s.kind {
	case deskauth.MailPasswordReset:
		return "/resetpsw/", "/checkpswresetkey/"
	case deskauth.MailEmailVerification:
		return "/verifyemail/" + s.agents[0].ID + "/", ""
	}
	return "/changeemail/", ""
}

// Over HTTP, too, every forged code gets one answer. A verification of another account has
// an answer of its own.
func TestS51_ForgedCodesOverHTTP(t *testing.T) {
	t.Parallel()
	eachCodeScene(t, func(t *testing.T, s *codeScene) {
		handler := httpadapter.New(s.Auth, httpadapter.Config{})
		refusals := map[string]string{} // by their text
		ask := func(method, path, code string) (ok bool) {
			r := httptest.NewRequest(method, path+url.PathEscape(code), strings.NewReader(`{"password":"chosen by a code"}`))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				refusals[http.StatusText(w.Code)+" "+w.Body.String()] = code
			}
			return w.Code == http.StatusOK
		}
		use, look := s.codeEndpoints()
		want := 1
		target := s.target(t, func(code string) bool { return ask(http.MethodPut, use, code) })
		if s.kind == deskauth.MailEmailVerification {
			target.Second, target.Others = "", append(target.Others, target.Second)
			want = 2
		} else {
			target.Skip = []string{"size"} // for speed: all codes are read in one place
		}
		if look != "" {
			looking := target
			looking.Accepts = func(code string) bool { return ask(http.MethodGet, look, code) }
			looking.Skip = []string{"again", "size"}
			attack(t, looking)
		}
		attack(t, target)
		if len(refusals) != want {
			t.Errorf("forged codes get %d answers, want %d: %.500q", len(refusals), want, refusals)
		}
	})
}
