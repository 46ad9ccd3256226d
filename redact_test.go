package deskauth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
	"github.com/deskauth/deskauth/memstore"
)

const (
	canaryPassword = "CanaryPassword-kR7xW2mQ9vLp"
	canaryWrong    = "CanaryWrongOne-hT4nZ8bY1cFd"
	canarySession  = "CanarySessionKey-u3JgS6eVqA0oDwXyNi5"
	canaryProject  = "CanaryProjectKey-b9MtR1kCzE7sHfLpUa2"
	canaryOld      = "CanaryOldKey-p8QvO4rGjI6wBxTnYl3KdZm"
)

// A cage holds the canaries: every spelling in which a printer could let one out.
type cage struct{ spellings map[string]string }

// add puts in what a secret looks like as text, in base64, hexadecimal, and as a list of
// bytes. Twelve bytes of it are as bad as all.
func (c *cage) add(name, secret string) {
	if c.spellings == nil {
		c.spellings = map[string]string{}
	}
	for _, at := range []int{0, (len(secret) - 12) / 2, len(secret) - 12} {
		b := []byte(secret[at : at+12])
		inHex, asBytes := hex.EncodeToString(b), strings.Trim(fmt.Sprint(b), "[]")
		asGo := strings.TrimPrefix(fmt.Sprintf("%#v", b), "[]byte{")
		c.spellings[string(b)] = name
		c.spellings[inHex] = name + " in hexadecimal"
		c.spellings[strings.ToUpper(inHex)] = name + " in hexadecimal"
		c.spellings[asBytes] = name + " as bytes"
		c.spellings[strings.ReplaceAll(asBytes, " ", ",")] = name + " as JSON bytes"
		c.spellings[strings.TrimSuffix(asGo, "}")] = name + " as Go bytes"
		for shift := range 3 { // where in the larger text it may begin
			b64 := base64.StdEncoding.EncodeToString(b[shift : shift+9])
			c.spellings[b64] = name + " in base64"
			c.spellings[strings.NewReplacer("+", "-", "/", "_").Replace(b64)] = name + " in base64"
		}
	}
}

func (c *cage) check(t *testing.T, where, text string) {
	t.Helper()
	for spelling, name := range c.spellings {
		if strings.Contains(text, spelling) {
			t.Fatalf("%s lets out %s: %.300s", where, name, text)
		}
	}
}

// addToken puts in a token: its payload and its signature, for the header is no secret.
func (c *cage) addToken(name, token string) {
	parts := strings.Split(token, ".")
	c.add("the signature of "+name, parts[2])
	c.spellings[parts[1]] = "the payload of " + name
}

func newCage() *cage {
	c := new(cage)
	for name, secret := range map[string]string{
		"the password": canaryPassword, "the wrong password": canaryWrong, "the session key": canarySession,
		"the project's key": canaryProject, "the old key": canaryOld,
	} {
		c.add(name, secret)
	}
	return c
}

// The cage catches what prints a secret in any of these ways.
func TestS22_CanaryIsSeenInEverySpelling(t *testing.T) {
	t.Parallel()
	c := newCage()
	asBytes := []byte(canarySession)
	for _, text := range []string{
		fmt.Sprintf("%v", asBytes), fmt.Sprintf("%#v", asBytes),
		fmt.Sprintf("%x", canarySession), fmt.Sprintf("%X", canarySession), fmt.Sprintf("%q", canarySession),
		fmt.Sprintf("%+v", struct{ k string }{canarySession}), "..." + canarySession[10:] + "...",
		base64.StdEncoding.EncodeToString(asBytes),
		base64.RawURLEncoding.EncodeToString([]byte("x" + canarySession)),
		base64.StdEncoding.EncodeToString([]byte("xy" + canarySession)),
	} {
		seen := false
		for spelling := range c.spellings {
			seen = seen || strings.Contains(text, spelling)
		}
		if !seen {
			t.Errorf("the cage does not see the canary in %s", text)
		}
	}
}

// claimCanary is in the payload of tokens that are refused.
const claimCanary = "CanaryClaimValue-e2Vn6Pz0Rg"

// A canaryHost is a host whose secrets are canaries, and a log of everything that was said:
// both handlers at the lowest level, every event, every error.
type canaryHost struct {
	*testkit.Kit
	cage *cage
	said bytes.Buffer
	seen map[deskauth.EventType]bool
	why  map[deskauth.Reason]bool
}

func newCanaryHost(t *testing.T, cfg deskauth.Config) *canaryHost {
	t.Helper()
	h := &canaryHost{cage: newCage(), seen: map[deskauth.EventType]bool{}, why: map[deskauth.Reason]bool{}}
	h.cage.add("the claim", claimCanary)
	level := &slog.HandlerOptions{Level: slog.Level(-100), AddSource: true}
	asJSON, asText := slog.NewJSONHandler(&h.said, level), slog.NewTextHandler(&h.said, level)
	cfg.Logger = slog.New(slog.NewMultiHandler(asJSON, asText))
	cfg.OnEvent = h.hear
	project := []deskauth.Key{testkit.Key("", canaryProject)}
	h.Kit = testkit.NewOn(t, memstore.New(), deskauth.StaticSecrets{
		Session: []deskauth.Key{
			testkit.Key("new", canarySession), testkit.Key("old", canaryOld),
		},
		Projects: map[string][]deskauth.Key{testkit.ProjectA: project, testkit.ProjectB: nil},
	}, cfg)
	return h
}

// hear notes an event, printed in every way, and where it came from.
func (h *canaryHost) hear(_ context.Context, e deskauth.Event) {
	fmt.Fprintf(&h.said, "%v\n%+v\n%#v\n", e, e, e)
	if e.Err != nil {
		fmt.Fprintf(&h.said, "%v %+v %#v\n", e.Err, e.Err, e.Err)
	}
	text, err := json.Marshal(e)
	fmt.Fprintf(&h.said, "%s %v\n", text, err)
	h.seen[e.Type], h.why[e.Reason] = true, true
}

// try notes what an error says under every verb, for it may be printed anywhere.
func (h *canaryHost) try(err error) {
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintf(&h.said, "%v %+v %#v %q\n", err, err, err, err)
	}
}

// trySignup signs up with a password, and with a name for both names.
func (h *canaryHost) trySignup(t *testing.T, email, password, name string) {
	_, err := h.Signup(t.Context(), deskauth.SignupInput{
		Email: email, Password: deskauth.NewSecret(password), FirstName: name, LastName: name,
	})
	h.try(err)
}

func (h *canaryHost) trySignin(t *testing.T, email, password string) string {
	s, err := h.TrySignin(t, email, password)
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
