package deskauth_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Every byte of a code counts, and a code has one spelling.
func TestS51_AnAlteredCodeIsNone(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, _ deskauth.User, m deskauth.Mail) {
		good := m.CodeText()
		raw, err := base64.RawURLEncoding.DecodeString(good)
		testkit.Must(t, err)
		altered := map[string]string{
			"nothing": "", "a blank": " ", "one letter": good[:1], "half": good[:len(good)/2],
			"a letter less": good[:len(good)-1], "a letter more": good + "A", "a line break": good + "\n",
			"a carriage return": "\r" + good,
			"padding":           good + "=", "twice": good + good, "in quotes": `"` + good + `"`,
			"with a scheme": "JWT " + good, "with dots": good + "..", "NUL": good + "\x00",
			"upper case": strings.ToUpper(good), "very long": strings.Repeat("A", 1<<20),
			"percent": "%" + good, "a byte more": base64.RawURLEncoding.EncodeToString(append(raw[:len(raw):len(raw)], 0)),
		}
		if std := base64.StdEncoding.EncodeToString(raw); std != good {
			altered["in the other base64"] = std
		}
		for i := range raw {
			raw[i] ^= 1
			altered["bit of byte "+string(rune('0'+i/10))+string(rune('0'+i%10))] = base64.RawURLEncoding.EncodeToString(raw)
			raw[i] ^= 1
		}
		for n := range len(raw) {
			altered["cut to "+string(rune('0'+n/10))+string(rune('0'+n%10))] = base64.RawURLEncoding.EncodeToString(raw[:n])
		}
		for name, text := range altered {
			u, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(text), "")
			if err != deskauth.ErrInvalidCode || u.ID != "" {
				t.Errorf("%s: got the user %q and the error %v, want ErrInvalidCode", name, u.ID, err)
			}
		}
		if _, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(good), ""); err != nil {
			t.Errorf("the code itself: %v", err)
		}
	})
}

// The last letter of base64 may have bits to spare. Those of a code are zero.
func TestS51_SpareBits(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{NewID: func() string { return "thirty-four bytes, so 2 bits spare" }})
	m := k.MustMail(t, deskauth.MailPasswordReset, k.MustAgent(t, "andrea@f22.it"))
	good := m.CodeText()
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	at := strings.IndexByte(letters, good[len(good)-1])
	spelled := good[:len(good)-1] + letters[at+1:at+2]
	same, err := base64.RawURLEncoding.DecodeString(spelled)
	if want, _ := base64.RawURLEncoding.DecodeString(good); err != nil || string(same) != string(want) {
		t.Fatalf("%q is no other spelling of %q: %v", spelled, good, err)
	}
	if _, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(spelled), ""); err != deskauth.ErrInvalidCode {
		t.Errorf("another spelling: %v, want ErrInvalidCode", err)
	}
}

func TestS51_ACodeIsForItsPurposeAndAccount(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{Limits: testkit.NoLimits()})
	andrea, other := k.MustAgent(t, "andrea@f22.it"), k.MustAgent(t, "other@f22.it")
	codes := map[deskauth.MailKind][]byte{}
	for _, kind := range testkit.CodeKinds {
		raw, err := base64.RawURLEncoding.DecodeString(k.MustMail(t, kind, andrea).CodeText())
		testkit.Must(t, err)
		codes[kind] = raw
	}
	k.Events.Take()
	theirs, err := base64.RawURLEncoding.DecodeString(k.MustMail(t, deskauth.MailPasswordReset, other).CodeText())
	testkit.Must(t, err)
	for _, kind := range testkit.CodeKinds {
		for _, purpose := range testkit.CodeKinds {
			if kind == purpose {
				continue
			}
			code := deskauth.NewSecret(base64.RawURLEncoding.EncodeToString(codes[kind]))
			u, err := k.Use(t.Context(), purpose, code, "")
			k.WantBadCode(t, string(kind+" as "+purpose), u, err, deskauth.ReasonWrongPurpose)
			looked, err := k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: purpose, Code: code})
			k.WantBadCode(t, "CheckCode of "+string(kind+" as "+purpose), looked, err, deskauth.ReasonWrongPurpose)
		}
	}
	// The halves of two codes, at each place where they may be joined.
	mine := codes[deskauth.MailPasswordReset]
	for at := 1; at < len(mine); at++ {
		both := append(mine[:at:at], theirs[at:]...)
		if bytes.Equal(both, theirs) || bytes.Equal(both, mine) { // they begin or end alike
			continue
		}
		joined := base64.RawURLEncoding.EncodeToString(both)
		_, err := k.Use(t.Context(), deskauth.MailPasswordReset, deskauth.NewSecret(joined), "")
		if err != deskauth.ErrInvalidCode {
			t.Errorf("joined at %d: %v", at, err)
		}
	}
	for _, id := range []string{andrea.ID, other.ID} {
		if acc := k.Stored(t, id); acc.SessionEpoch != 0 || acc.EmailVerified {
			t.Errorf("a code that was not good changed the account %+v", acc.User)
		}
	}
}

// Codes, session tokens and custom tokens are never taken for one another.
func TestS50_NoCodeIsATokenAndNoTokenACode(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		for _, text := range []string{
			k.MustIssue(t, agent.ID).Token,
			testkit.AgentToken(agent.ID),
			testkit.TokenA(`"123"`),
			testkit.PartOf(t, testkit.TokenA(`"123"`), 1),
			testkit.SessionSecret,
			base64.RawURLEncoding.EncodeToString([]byte(testkit.SessionSecret)),
		} {
			if _, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(text), ""); err != deskauth.ErrInvalidCode {
				t.Errorf("the token %.20s… as a code: %v, want ErrInvalidCode", text, err)
			}
		}
		for _, text := range []string{
			m.CodeText(), "JWT " + m.CodeText(), m.CodeText() + ".." + m.CodeText(),
			testkit.B64(testkit.HS256) + "." + m.CodeText() + "." + m.CodeText(),
		} {
			k.RefusedEverywhere(t, text, deskauth.ReasonMalformedToken)
		}
	})
}

// The key of codes is made of the session key, and nobody signs tokens with it.
func TestS50_TheKeyOfCodesIsAnother(t *testing.T) {
	t.Parallel()
	k := testkit.NewMail(t, deskauth.Config{})
	m := k.MustMail(t, deskauth.MailPasswordReset, k.MustAgent(t, "andrea@f22.it"))
	raw, err := base64.RawURLEncoding.DecodeString(m.CodeText())
	testkit.Must(t, err)
	mac := hmac.New(sha256.New, []byte(testkit.SessionSecret))
	mac.Write(raw[:len(raw)-sha256.Size])
	forged := base64.RawURLEncoding.EncodeToString(mac.Sum(raw[: len(raw)-sha256.Size : len(raw)-sha256.Size]))
	if _, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(forged), ""); err != deskauth.ErrInvalidCode {
		t.Errorf("a code signed with the session key: %v, want ErrInvalidCode", err)
	}
}

// Wrong codes use up the client's sign-ins, and those at the account that they name. They
// keep nobody else from using a good one.
func TestS51_TriesAreLimited(t *testing.T) {
	t.Parallel()
	for name, limits := range map[string]deskauth.Limits{
		"SigninsPerClient":           {SigninsPerClient: deskauth.Rate{Attempts: 3, Per: time.Hour}},
		"SigninsPerAccountAndClient": {SigninsPerAccountAndClient: deskauth.Rate{Attempts: 3, Per: time.Hour}},
		"SigninsPerAccount":          {SigninsPerAccount: deskauth.Rate{Attempts: 3, Per: time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kind := range testkit.CodeKinds {
				k := testkit.NewMail(t, deskauth.Config{Limits: limits})
				m := k.MustMail(t, kind, k.MustAgent(t, "andrea@f22.it"))
				raw, err := base64.RawURLEncoding.DecodeString(m.CodeText())
				testkit.Must(t, err)
				raw[len(raw)-1] ^= 1
				wrong := deskauth.NewSecret(base64.RawURLEncoding.EncodeToString(raw))
				for range 3 {
					if _, err := k.Use(t.Context(), kind, wrong, testkit.Here); err != deskauth.ErrInvalidCode {
						t.Fatalf("%s: a wrong code: %v", kind, err)
					}
				}
				_, err = k.Use(t.Context(), kind, wrong, testkit.Here)
				if name == "SigninsPerAccount" { // strangers would use it up
					if err != deskauth.ErrInvalidCode {
						t.Errorf("%s: the fourth wrong code: %v", kind, err)
					}
				} else {
					testkit.WantLimited(t, "the fourth wrong code for "+string(kind), err, 20*time.Minute)
					_, err = k.CheckCode(t.Context(), deskauth.CheckCodeInput{Purpose: kind, Code: m.Code, Client: testkit.Here})
					testkit.WantLimited(t, "CheckCode of a good one for "+string(kind), err, 20*time.Minute)
				}
				if _, err := k.Use(t.Context(), kind, m.Code, testkit.There); err != nil {
					t.Errorf("%s: a good code of another client: %v", kind, err)
				}
				other := k.MustMail(t, kind, k.MustAgent(t, "other@f22.it"))
				_, err = k.Use(t.Context(), kind, other.Code, testkit.Here)
				if (err == nil) != (name != "SigninsPerClient") {
					t.Errorf("%s: a good code of another account: %v", kind, err)
				}
			}
		})
	}
}

// What a forged code names as its account is counted by only if an account can have it.
func TestS51_AForgedAccountIsNoKeyOfALimit(t *testing.T) {
	t.Parallel()
	var counted keyRecorder
	k := testkit.NewMail(t, deskauth.Config{Limiter: &counted})
	for _, id := range []string{"\x00", "a\nb", "\xff", "\u2028", strings.Repeat("x", 129)} {
		text := "r" + "\x00\x00\x00\x00\x7f\xff\xff\xff" + string(rune(len(id)%128)) + id + strings.Repeat("s", 48)
		code := deskauth.NewSecret(base64.RawURLEncoding.EncodeToString([]byte(text)))
		u, err := k.Use(t.Context(), deskauth.MailPasswordReset, code, testkit.Here)
		if err != deskauth.ErrInvalidCode || u.ID != "" {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, key := range counted {
		if !utf8.ValidString(key) || strings.ContainsAny(key, "\x00\n") || len(key) > 300 {
			t.Errorf("a limit was counted by %q", key)
		}
	}
	if len(counted) < 5 {
		t.Errorf("the limiter was asked about %q alone", counted)
	}
}

// A keyRecorder is a Limiter that allows everything, and keeps the keys.
type keyRecorder []string

func (r *keyRecorder) Take(_ context.Context, attempts ...deskauth.Attempt) (int, time.Duration, error) {
	for _, a := range attempts {
		*r = append(*r, a.Key)
	}
	return -1, 0, nil
}

func (r *keyRecorder) GiveBack(context.Context, ...deskauth.Attempt) error { return nil }
