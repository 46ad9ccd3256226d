package deskauth_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Codes wait in mailboxes while a program is replaced by a newer one, or both run side by
// side. So their text stays the same to the byte.
func TestCodesOutliveAnUpdate(t *testing.T) {
	t.Parallel()
	for kind, want := range map[deskauth.MailKind]string{
		deskauth.MailPasswordReset: "cgAAAABpV0O1FmltcG9ydGVkIGFuZHJlYUBmMjIuaXSZxEZJYXag1OKEaxxrFsvd" +
			"HHspDcLFDYalqRzuaWsvQPvcLXnvXYZ02ZvBqCoxDmU",
		deskauth.MailEmailVerification: "dgAAAABpWIclFmltcG9ydGVkIGFuZHJlYUBmMjIuaXSZxEZJYXag1OKEaxxrFsvd" +
			"a_sH4AMjXQGoR24nY1AzL4Rn9YSflVLaNW0mV7541Ww",
		deskauth.MailEmailChange: "YwAAAABpV0O1FmltcG9ydGVkIGFuZHJlYUBmMjIuaXRuZXcuYW5kcmVhQGYyMi5p" +
			"dJnERklhdqDU4oRrHGsWy91wsbQcrsIRhP6HGXGD-2-gQCeaD_kU_c73uQlbcXtNmA",
	} {
		k := testkit.NewMail(t, deskauth.Config{})
		agent := testkit.Put(t, k.Store, "andrea@f22.it", testkit.WeakHash, func(a *deskauth.Account) {
			a.SessionEpoch, a.State = 3, `{"v":1,"code":2}`
		})
		if got := k.MustMail(t, kind, agent.User).CodeText(); got != want {
			t.Errorf("%s: the code is\n%s, want\n%s", kind, got, want)
		}
		if _, err := k.Use(t.Context(), kind, deskauth.NewSecret(want), ""); err != nil {
			t.Errorf("%s: the code of an older program: %v", kind, err)
		}
	}
}

// The shortest and the longest IDs and addresses have codes, of up to 800 letters.
func TestCodesOfEveryLength(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("b", 63)
	long := strings.Repeat("a", 60) + "@" + label + "." + label + "." + label[:61] // 254 bytes with "new." before it
	for _, id := range []string{"1", strings.Repeat("1", 128)} {
		for _, email := range []string{"a@b.it", long} {
			for _, kind := range testkit.CodeKinds {
				k := testkit.NewMail(t, deskauth.Config{NewID: func() string { return id }})
				m := k.MustMail(t, kind, k.MustAgent(t, email))
				u, err := k.Use(t.Context(), kind, m.Code, "")
				if err != nil || u.ID != id || u.Email != m.To || len(m.CodeText()) > 800 {
					t.Errorf("%s with an ID of %d bytes and an address of %d: %d letters, used by %q of %q, %v",
						kind, len(id), len(m.To), len(m.CodeText()), u.ID, u.Email, err)
				}
			}
		}
	}
}

// What is not in the form of a code is nobody's. What is, and no key has made, is a forged
// one: its event says of which account.
func TestS51_MalformedIsNotForged(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, k testkit.MailKit, agent deskauth.User, m deskauth.Mail) {
		good := m.CodeText()
		raw, err := base64.RawURLEncoding.DecodeString(good)
		testkit.Must(t, err)
		with := func(at int, b byte) string {
			return testkit.B64(string(raw[:at]) + string([]byte{b}) + string(raw[at+1:]))
		}
		other := map[byte]byte{'r': 'v', 'v': 'c', 'c': 'r'}[raw[0]]
		filled := func(n int) string { return testkit.B64(string(raw) + strings.Repeat("\x00", n-len(raw))) }
		for name, c := range map[string]struct{ text, userID string }{
			"an unknown purpose":             {with(0, 'x'), ""},
			"an ID of no bytes":              {with(9, 0), ""},
			"an ID that goes beyond the end": {with(9, 255), ""},
			"an ID with a control character": {with(10, 0), ""},
			"a line break":                   {good[:4] + "\n" + good[4:], ""},
			"802 letters":                    {filled(601), ""},
			"800 letters":                    {filled(600), agent.ID},
			"another purpose":                {with(0, other), agent.ID},
			"another end":                    {with(8, raw[8]^1), agent.ID},
			"another ID":                     {with(10, 'x'), "x" + agent.ID[1:]},
			"another sum":                    {with(len(raw)-1, ^raw[len(raw)-1]), agent.ID},
		} {
			u, err := k.Use(t.Context(), m.Kind, deskauth.NewSecret(c.text), "")
			events := k.Events.Take()
			reason := deskauth.ReasonMalformedCode
			if c.userID != "" {
				reason = deskauth.ReasonBadSignature
			}
			if err != deskauth.ErrInvalidCode || u.ID != "" || len(events) != 1 ||
				events[0].Reason != reason || events[0].UserID != c.userID {
				t.Errorf("%s: %q, %v, events %+v; want ErrInvalidCode, %q, the account %q",
					name, u.ID, err, events, reason, c.userID)
			}
		}
	})
}
