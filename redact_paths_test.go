package deskauth_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

func TestS22_NoPathSaysASecret(t *testing.T) {
	t.Parallel()
	var check func() error
	h := newCanaryHost(t, deskauth.Config{
		PasswordCheck: func(context.Context, string) error { return check() },
	})
	check = func() error { return nil }
	h.signUp(t)
	for _, answer := range []func() error{
		func() error { return fmt.Errorf("%w: it is in a list", deskauth.ErrPasswordRefused) },
		func() error { return testkit.ErrDown },
		func() error { panic("a hook of the host's") },
	} {
		check = answer
		h.trySignup(t, "c@f22.it", canaryPassword, "C")
	}
	token := h.signIn(t)
	h.presentTokens(t, token)
	check = func() error { return nil }
	h.goUp(t)
	andrea, err := h.Store.UserByEmail(t.Context(), "andrea@f22.it")
	if err != nil {
		t.Fatal(err)
	}
	h.administer(t, andrea.ID, token, canaryWrong, testkit.Forge(testkit.HS256, `{"a":"`+claimCanary+`"}`, canarySession))
	h.trySignup(t, "andrea@f22.it", canaryPassword, "Andrea") // her account was deleted
	h.changeOwn(t, &check)

	h.cage.check(t, "the log, the events and the errors", h.said.String())
	for _, want := range []deskauth.EventType{
		deskauth.EventSignedUp, deskauth.EventSignedIn, deskauth.EventSessionRestored, deskauth.EventSessionRenewed,
		deskauth.EventExternalCreated, deskauth.EventPasswordRehashed, deskauth.EventOldKeyUsed,
		deskauth.EventPasswordChanged, deskauth.EventAccountDeleted,
		deskauth.EventRefused, deskauth.EventFailed,
		deskauth.EventPasswordChecked, deskauth.EventPasswordSet, deskauth.EventAccountUpdated,
		deskauth.EventSignedOut, deskauth.EventSignedOutEverywhere,
		deskauth.EventAccountDisabled, deskauth.EventAccountEnabled, deskauth.EventAccountDeleted,
		deskauth.EventGuestUpgraded, deskauth.EventGuestLinked, deskauth.EventGuestNotLinked,
	} {
		if !h.seen[want] {
			t.Errorf("the path to the event %q was not taken", want)
		}
	}
	for _, want := range []deskauth.Reason{
		"invalid input", "address taken", "unknown address", "wrong password", "account disabled", "unusable hash",
		"malformed token", "bad signature", "bad claims", "expired", "password unchanged",
		"account gone", "session revoked", "guests only", "guest linked", "other project",
	} {
		if !h.why[want] {
			t.Errorf("the path to the reason %q was not taken", want)
		}
	}
}

// signUp takes the paths of a sign-up.
func (h *canaryHost) signUp(t *testing.T) {
	h.trySignup(t, "andrea@f22.it", canaryPassword, "Andrea")
	h.trySignup(t, "andrea@f22.it", canaryPassword, "Andrea") // taken
	h.trySignup(t, canaryPassword, canaryPassword, canaryPassword+"\n")
	h.trySignup(t, canaryPassword, canaryPassword, canaryPassword+"\x00")
	h.trySignup(t, "b@f22.it", canaryPassword+"\xff", "B")
	h.trySignup(t, "b@f22.it", strings.Repeat(canaryPassword, 200), "B")
}

// signIn takes the paths of a sign-in, and returns a session token.
func (h *canaryHost) signIn(t *testing.T) (token string) {
	token = h.trySignin(t, "andrea@f22.it", canaryPassword)
	h.trySignin(t, "andrea@f22.it", canaryWrong)
	h.trySignin(t, "nobody@f22.it", canaryWrong)
	h.trySignin(t, canaryWrong, canaryWrong)
	h.trySignin(t, canaryWrong+"@f22.it", canaryWrong+"\xff")
	encoded := testkit.B64(canaryPassword)
	for i, hash := range []string{
		canaryPassword,
		"$argon2id$v=19$m=99999999,t=1,p=1$" + encoded + "$" + encoded,
		testkit.Bcrypt(t, canaryPassword, "$2x$"),
		"$2b$" + canaryPassword,
	} {
		email := fmt.Sprintf("hash%d@f22.it", i)
		testkit.Put(t, h.Store, email, hash)
		h.trySignin(t, email, canaryPassword)
	}
	imported := testkit.Bcrypt(t, canaryPassword, "")
	h.cage.add("the bcrypt hash", imported[7:])
	testkit.Put(t, h.Store, "imported@f22.it", imported)
	h.trySignin(t, "imported@f22.it", canaryPassword)
	testkit.Put(t, h.Store, "off@f22.it", imported, testkit.Disable)
	h.trySignin(t, "off@f22.it", canaryPassword)
	return token
}

// changeOwn takes the paths of an agent who changes its own account, and deletes it.
func (h *canaryHost) changeOwn(t *testing.T, check *func() error) {
	token := h.trySignin(t, "andrea@f22.it", canaryPassword)
	h.cage.addToken("the session token", token)
	change := func(token, current, next string) {
		_, err := h.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
			Token: deskauth.NewSecret(token), Current: deskauth.NewSecret(current), New: deskauth.NewSecret(next),
		})
		h.try(err)
	}
	for _, spelling := range []string{token, "JWT " + token, token + "x", testkit.TokenA(`"123"`)} {
		change(spelling, canaryWrong, canaryPassword)
		change(spelling, canaryPassword, canaryPassword)
		change(spelling, canaryPassword+"\xff", canaryWrong[:5])
	}
	*check = func() error { return testkit.ErrDown }
	change(token, canaryPassword, canaryWrong)
	*check = func() error { return nil }
	change(token, canaryPassword, canaryWrong)
	name := canaryPassword + "\x00"
	for _, first := range []*string{&name, nil} {
		_, err := h.UpdateProfile(t.Context(), deskauth.UpdateProfileInput{
			Token: deskauth.NewSecret(token), FirstName: first,
			Attributes: json.RawMessage(`{"a":"` + claimCanary + `","a":"` + claimCanary + `"}`),
		})
		h.try(err)
	}
	for range 2 {
		h.try(h.DeleteAccount(t.Context(), deskauth.DeleteAccountInput{Token: deskauth.NewSecret(token)}))
	}
}

// presentTokens presents a session token and custom tokens, good and bad ones.
func (h *canaryHost) presentTokens(t *testing.T, token string) {
	payload := testkit.PayloadA(`"123"`, `"note":"`+claimCanary+`"`)
	custom := testkit.Forge(testkit.HS256, payload, canaryProject)
	h.cage.addToken("the session token", token)
	h.cage.addToken("the custom token", custom)
	h.tryToken(t, token)
	h.tryToken(t, custom)
	h.tryToken(t, testkit.Forge(testkit.HS256, payload, canaryWrong))
	h.tryToken(t, testkit.Forge(testkit.HS256, testkit.PartOf(t, token, 1), canaryOld))
	h.tryToken(t, testkit.Forge(`{"alg":"`+claimCanary+`"}`, payload, canaryProject))
	kid := strings.Repeat("k", 40) + claimCanary // of which 40 characters are said
	h.tryToken(t, testkit.Forge(`{"alg":"HS256","kid":"`+kid+`"}`, payload, canaryProject))
	for _, bad := range []string{
		`{"exp":"` + claimCanary + `"}`,
		`{"_id":["` + claimCanary + `"]}`,
		`{"a":"` + claimCanary + `","a":1}`,
		`{"a":"` + claimCanary + `"`,
		claimCanary,
		`{"a":` + claimCanary + `}`,
		`["` + claimCanary + `"]`,
		`{"aud":"` + claimCanary + `"}`,
		`{"aud":"` + testkit.Issuer + `/projects/` + testkit.ProjectA + `","firstname":"\n` + claimCanary + `"}`,
		testkit.PayloadA(`"\n` + claimCanary + `"`),
		testkit.PayloadA(`"1"`, `"firstname":"\n`+claimCanary+`"`),
		testkit.PayloadA(`"1"`, `"exp":1,"note":"`+claimCanary+`"`),
		testkit.PayloadA(`"` + claimCanary + strings.Repeat("x", 128) + `"`),
		testkit.PayloadA(`{"$oid":"` + claimCanary + `"}`),
		testkit.PayloadA(`"1"`, `"sub":"`+claimCanary+`"`),
		testkit.PayloadA(`"1"`, "\"firstname\":\"\xff"+claimCanary+"\",\"note\":\"\n"+claimCanary+"\""),
		testkit.PayloadA(`"1"`, `"x":"`+claimCanary+`","x":"`+claimCanary+`","y":{"`+claimCanary+`":1,"`+claimCanary+`":1}`),
		testkit.PayloadA(`"1"`, `"role":"`+claimCanary+`","passwordHint":"`+claimCanary+`","Email":"`+claimCanary+`"`),
	} {
		h.tryToken(t, testkit.Forge(testkit.HS256, bad, canaryProject))
		h.tryToken(t, testkit.Forge(testkit.HS256, bad, canarySession))
	}
	for _, cut := range []string{
		token[1:], token[:len(token)-1], token + ".", token + "=", token + token, "." + custom, custom + "\n",
		strings.ReplaceAll(custom, ".", " "),
	} {
		h.tryToken(t, cut)
	}
	h.Clock.Advance(13 * time.Hour)
	h.tryToken(t, token) // renewed
	h.Clock.Advance(24 * time.Hour)
	h.tryToken(t, token) // expired
}

// What the host's own methods fail with is logged, and what they were given is not.
func TestS22_NoFaultSaysASecret(t *testing.T) {
	t.Parallel()
	for _, method := range slices.Concat(testkit.StoreMethods, testkit.KeyMethods) {
		for _, f := range testkit.Faults {
			if f.Fits(method) {
				faultSaysNoSecret(t, method, f)
			}
		}
	}
}

func faultSaysNoSecret(t *testing.T, method string, f testkit.Fault) {
	t.Helper()
	h := newCanaryHost(t, deskauth.Config{})
	broken := &testkit.Host{Users: h.Store, Secrets: testkit.Secrets()}
	broken.Other = testkit.Put(t, h.Store, "other@f22.it", canaryPassword)
	andrea := testkit.Put(t, h.Store, "andrea@f22.it", testkit.Bcrypt(t, canaryPassword, ""))
	h.Kit = testkit.NewOn(t, broken, broken, deskauth.Config{
		OnEvent: func(_ context.Context, e deskauth.Event) { fmt.Fprintf(&h.said, "%+v %#v\n", e, e) },
		Logger:  slog.New(slog.NewJSONHandler(&h.said, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	broken.Break(f, method)
	token := testkit.TokenA(`"1"`, `"note":"`+claimCanary+`"`)
	h.cage.addToken("the custom token", token)
	h.cage.spellings[testkit.SessionSecret] = "the session key"
	h.cage.spellings[testkit.SecretA] = "the project's key"
	h.trySignup(t, "new@f22.it", canaryPassword, "A")
	h.trySignin(t, "andrea@f22.it", canaryPassword)
	h.tryToken(t, token)
	session := testkit.AgentToken("imported andrea@f22.it")
	h.cage.addToken("the session token", session)
	_, err := h.ChangePassword(t.Context(), deskauth.ChangePasswordInput{
		Token:   deskauth.NewSecret(session),
		Current: deskauth.NewSecret(canaryPassword), New: deskauth.NewSecret(canaryWrong),
	})
	h.try(err)
	h.try(h.DeleteAccount(t.Context(), deskauth.DeleteAccountInput{Token: deskauth.NewSecret(session)}))
	h.administer(t, andrea.ID, testkit.ForgeSession(`{"note":"`+claimCanary+`"}`))
	if broken.Hits == 0 {
		t.Errorf("%s was not called", method)
	}
	h.cage.check(t, method+" with the fault "+f.Name, h.said.String())
}

// New says which key is bad, and not what it is made of.
func TestS22_NewSaysNoSecret(t *testing.T) {
	t.Parallel()
	c := newCage()
	good := testkit.Key("", canarySession)
	short := testkit.Key("", canaryProject[:16])
	projectA := func(k deskauth.Key) map[string][]deskauth.Key {
		return map[string][]deskauth.Key{testkit.ProjectA: {k}}
	}
	for _, secrets := range []deskauth.StaticSecrets{
		{},
		{Session: []deskauth.Key{testkit.Key("k", canarySession[:20])}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "none", canarySession)}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "RS256", []byte(canarySession))}},
		{Session: []deskauth.Key{testkit.Key("k", "-----BEGIN "+canarySession)}},
		{Session: []deskauth.Key{deskauth.NewKey("k", "HS256", struct{ s string }{canarySession})}},
		{Session: []deskauth.Key{good}, Projects: projectA(good)},
		{Session: []deskauth.Key{good}, Projects: projectA(short)},
	} {
		_, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
		if err == nil {
			t.Errorf("New takes %v", secrets)
		}
		c.check(t, "the error of New", fmt.Sprintf("%v %+v %#v", err, err, err))
	}
}
