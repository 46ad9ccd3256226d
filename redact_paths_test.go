package deskauth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

// claimCanary is in the payload of tokens that are refused.
const claimCanary = "CanaryClaimValue-e2Vn6Pz0Rg"

// A canaryHost is a host whose secrets are canaries, and a log of everything that was
// said: both handlers at the lowest level, every event, every error.
type canaryHost struct {
	*testkit.Kit
	cage  *cage
	store *memstore.Store
	said  bytes.Buffer
	seen  map[deskauth.EventType]bool
	why   map[deskauth.Reason]bool
}

func newCanaryHost(t *testing.T, cfg deskauth.Config) *canaryHost {
	t.Helper()
	h := &canaryHost{cage: newCage(), store: memstore.New(), seen: map[deskauth.EventType]bool{}, why: map[deskauth.Reason]bool{}}
	h.cage.add("the claim", claimCanary)
	level := &slog.HandlerOptions{Level: slog.Level(-100), AddSource: true}
	cfg.Logger = slog.New(slog.NewMultiHandler(slog.NewJSONHandler(&h.said, level), slog.NewTextHandler(&h.said, level)))
	cfg.OnEvent = func(_ context.Context, e deskauth.Event) {
		fmt.Fprintf(&h.said, "%v\n%+v\n%#v\n", e, e, e)
		if e.Err != nil {
			fmt.Fprintf(&h.said, "%v %+v %#v\n", e.Err, e.Err, e.Err)
		}
		text, err := json.Marshal(e)
		fmt.Fprintf(&h.said, "%s %v\n", text, err)
		h.seen[e.Type], h.why[e.Reason] = true, true
	}
	secrets := deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("new", "HS256", canarySession), deskauth.NewKey("old", "HS256", canaryOld)},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: {deskauth.NewKey("", "HS256", canaryProject)}},
	}
	h.Kit = testkit.NewOn(t, h.store, secrets, cfg)
	return h
}

// try notes what an error says under every verb, for it may be printed anywhere.
func (h *canaryHost) try(err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&h.said, "%v %+v %#v %q\n", err, err, err, err)
	}
}

func (h *canaryHost) trySignup(t *testing.T, in deskauth.SignupInput) {
	_, err := h.Signup(t.Context(), in)
	h.try(err)
}

func (h *canaryHost) trySignin(t *testing.T, email, password string) string {
	s, err := h.Signin(t.Context(), deskauth.SigninInput{Email: email, Password: deskauth.NewSecret(password)})
	h.try(err)
	return s.Token
}

// tryToken presents a token at every door, as it is and behind a scheme.
func (h *canaryHost) tryToken(t *testing.T, token string) {
	for _, spelling := range []string{token, "JWT " + token} {
		_, err := h.TryCustom(t, spelling)
		h.try(err)
		_, err = h.Verify(t.Context(), spelling)
		h.try(err)
		_, err = h.VerifyStateless(t.Context(), spelling)
		h.try(err)
	}
}

func TestS22_NoPathSaysASecret(t *testing.T) {
	t.Parallel()
	var check error
	explodes := false
	h := newCanaryHost(t, deskauth.Config{PasswordCheck: func(context.Context, string) error { explode(explodes); return check }})

	in := deskauth.SignupInput{Email: "andrea@f22.it", Password: deskauth.NewSecret(canaryPassword), FirstName: "Andrea", LastName: "Leo"}
	h.trySignup(t, in)
	h.trySignup(t, in) // taken
	h.trySignup(t, deskauth.SignupInput{Email: canaryPassword, Password: deskauth.NewSecret(canaryPassword), FirstName: canaryPassword + "\n", LastName: canaryPassword + "\x00"})
	h.trySignup(t, deskauth.SignupInput{Email: "b@f22.it", Password: deskauth.NewSecret(canaryPassword + "\xff"), FirstName: "B", LastName: "B"})
	h.trySignup(t, deskauth.SignupInput{Email: "b@f22.it", Password: deskauth.NewSecret(strings.Repeat(canaryPassword, 200)), FirstName: "B", LastName: "B"})
	in.Email = "c@f22.it"
	check = fmt.Errorf("%w: it is in a list", deskauth.ErrPasswordRefused)
	h.trySignup(t, in)
	check = errDown
	h.trySignup(t, in)
	check, explodes = nil, true
	h.trySignup(t, in)
	explodes = false

	token := h.trySignin(t, "andrea@f22.it", canaryPassword)
	h.trySignin(t, "andrea@f22.it", canaryWrong)
	h.trySignin(t, "nobody@f22.it", canaryWrong)
	h.trySignin(t, canaryWrong, canaryWrong)
	h.trySignin(t, canaryWrong+"@f22.it", canaryWrong+"\xff")
	for i, hash := range []string{canaryPassword, "$argon2id$v=19$m=99999999,t=1,p=1$" + testkit.B64(canaryPassword) + "$" + testkit.B64(canaryPassword), bcryptOf(t, canaryPassword, "$2x$"), "$2b$" + canaryPassword} {
		put(t, h.store, fmt.Sprintf("hash%d@f22.it", i), hash)
		h.trySignin(t, fmt.Sprintf("hash%d@f22.it", i), canaryPassword)
	}
	imported := bcryptOf(t, canaryPassword, "")
	h.cage.add("the bcrypt hash", imported[7:])
	put(t, h.store, "imported@f22.it", imported)
	h.trySignin(t, "imported@f22.it", canaryPassword)
	put(t, h.store, "off@f22.it", imported, func(a *deskauth.Account) { a.Disabled = true })
	h.trySignin(t, "off@f22.it", canaryPassword)

	payload := testkit.CustomPayload(testkit.ProjectA, `"123"`, `"note":"`+claimCanary+`"`)
	custom := testkit.Forge(testkit.HS256, payload, canaryProject)
	h.cage.addToken("the session token", token)
	h.cage.addToken("the custom token", custom)
	h.tryToken(t, token)
	h.tryToken(t, custom)
	h.tryToken(t, testkit.Forge(testkit.HS256, payload, canaryWrong))
	h.tryToken(t, testkit.Forge(testkit.HS256, testkit.PartOf(t, token, 1), canaryOld))
	h.tryToken(t, testkit.Forge(`{"alg":"`+claimCanary+`"}`, payload, canaryProject))
	h.tryToken(t, testkit.Forge(`{"alg":"HS256","kid":"`+claimCanary+`"}`, payload, canaryProject))
	for _, bad := range []string{
		`{"exp":"` + claimCanary + `"}`, `{"_id":["` + claimCanary + `"]}`, `{"a":"` + claimCanary + `","a":1}`, `{"a":"` + claimCanary + `"`,
		claimCanary, `{"a":` + claimCanary + `}`, `["` + claimCanary + `"]`, `{"aud":"` + claimCanary + `"}`, `{"aud":"` + testkit.Issuer + `/projects/` + testkit.ProjectA + `","firstname":"\n` + claimCanary + `"}`,
		testkit.CustomPayload(testkit.ProjectA, `"\n`+claimCanary+`"`), testkit.CustomPayload(testkit.ProjectA, `"1"`, `"firstname":"\n`+claimCanary+`"`), testkit.CustomPayload(testkit.ProjectA, `"1"`, `"exp":1,"note":"`+claimCanary+`"`),
	} {
		h.tryToken(t, testkit.Forge(testkit.HS256, bad, canaryProject))
		h.tryToken(t, testkit.Forge(testkit.HS256, bad, canarySession))
	}
	for _, cut := range []string{token[1:], token[:len(token)-1], token + ".", token + "=", token + token, "." + custom, custom + "\n", strings.ReplaceAll(custom, ".", " ")} {
		h.tryToken(t, cut)
	}
	h.Clock.Advance(13 * time.Hour)
	h.tryToken(t, token) // renewed
	h.Clock.Advance(24 * time.Hour)
	h.tryToken(t, token) // expired

	h.cage.check(t, "the log, the events and the errors", h.said.String())
	for _, want := range []deskauth.EventType{
		deskauth.EventSignedUp, deskauth.EventSignedIn, deskauth.EventSessionRestored, deskauth.EventSessionRenewed, deskauth.EventExternalCreated,
		deskauth.EventPasswordRehashed, deskauth.EventOldKeyUsed, deskauth.EventRefused, deskauth.EventFailed,
	} {
		if !h.seen[want] {
			t.Errorf("the path to the event %q was not taken", want)
		}
	}
	for _, want := range []deskauth.Reason{"invalid input", "address taken", "unknown address", "wrong password", "account disabled", "unusable hash", "malformed token", "bad signature", "bad claims", "expired"} {
		if !h.why[want] {
			t.Errorf("the path to the reason %q was not taken", want)
		}
	}
}

// What the host's own methods fail with is logged, and what they were given is not.
func TestS22_NoFaultSaysASecret(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"CreateUser", "UpdateUser", "UserByID", "UserByEmail", "SessionKeys", "ProjectKeys"} {
		for _, f := range faults {
			if !can(method, f) {
				continue
			}
			h := newCanaryHost(t, deskauth.Config{})
			broken := &host{store: h.store, other: put(t, h.store, "other@f22.it", canaryPassword), method: method, fault: f}
			put(t, h.store, "andrea@f22.it", bcryptOf(t, canaryPassword, ""))
			cfg := deskauth.Config{OnEvent: func(_ context.Context, e deskauth.Event) { fmt.Fprintf(&h.said, "%+v %#v\n", e, e) }}
			cfg.Logger = slog.New(slog.NewJSONHandler(&h.said, &slog.HandlerOptions{Level: slog.LevelDebug}))
			h.Kit = testkit.NewOn(t, broken, broken, cfg)
			token := testkit.TokenA(`"1"`, `"note":"`+claimCanary+`"`)
			h.cage.addToken("the custom token", token)
			h.cage.spellings[testkit.SessionSecret] = "the session key"
			h.cage.spellings[testkit.SecretA] = "the project's key"
			h.trySignup(t, deskauth.SignupInput{Email: "new@f22.it", Password: deskauth.NewSecret(canaryPassword), FirstName: "A", LastName: "L"})
			h.trySignin(t, "andrea@f22.it", canaryPassword)
			h.tryToken(t, token)
			if broken.hits == 0 {
				t.Errorf("%s was not called", method)
			}
			h.cage.check(t, method+" with the fault "+f.name, h.said.String())
		}
	}
}

// New says which key is bad, and not what it is made of.
func TestS22_NewSaysNoSecret(t *testing.T) {
	t.Parallel()
	c := newCage()
	good := deskauth.NewKey("", "HS256", canarySession)
	for _, secrets := range []deskauth.StaticSecrets{
		{},
		{Session: []deskauth.Key{deskauth.NewKey("k", "HS256", canarySession[:20])}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "none", canarySession)}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "RS256", []byte(canarySession))}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "HS256", "-----BEGIN "+canarySession)}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "HS256", struct{ s string }{canarySession})}},
		{Session: []deskauth.Key{good}, Projects: map[string][]deskauth.Key{testkit.ProjectA: {good}}},
		{Session: []deskauth.Key{good}, Projects: map[string][]deskauth.Key{testkit.ProjectA: {deskauth.NewKey("", "HS256", canaryProject[:16])}}},
	} {
		_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
		if err == nil {
			t.Errorf("New takes %v", secrets)
		}
		c.check(t, "the error of New", fmt.Sprintf("%v %+v %#v", err, err, err))
	}
}
