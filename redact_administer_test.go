package deskauth_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// administer takes the paths of what a host does to an account, good and bad ones, and
// signs tokens out.
func (h *canaryHost) administer(t *testing.T, id string, tokens ...string) {
	h.checkPasswords(t)
	h.issueSessions(t, id)
	h.updateAccounts(t, id)
	for _, token := range tokens {
		h.try(h.Signout(t.Context(), "JWT "+token))
		h.try(h.Signout(t.Context(), token))
	}
	for _, password := range []string{
		canaryPassword, canaryWrong + "\xff", strings.Repeat(canaryWrong, 200), canaryWrong[:3], canaryWrong,
	} {
		h.try(h.SetPassword(t.Context(), id, password))
		h.try(h.SetPassword(t.Context(), "nobody", password))
	}
	h.try(h.SignoutEverywhere(t.Context(), id))
	h.try(h.SetDisabled(t.Context(), id, true))
	h.issueSessions(t, id)
	h.try(h.SetDisabled(t.Context(), id, false))
	h.try(h.DeleteUser(t.Context(), id))
	for _, nobody := range []string{id, "nobody"} {
		h.try(h.SignoutEverywhere(t.Context(), nobody))
		h.try(h.SetDisabled(t.Context(), nobody, true))
		h.try(h.DeleteUser(t.Context(), nobody))
	}
}

func (h *canaryHost) checkPasswords(t *testing.T) {
	for _, email := range []string{"andrea@f22.it", "nobody@f22.it", canaryPassword} {
		for _, password := range []string{canaryPassword, canaryWrong, canaryWrong + "\xff", ""} {
			_, err := h.CheckPassword(t.Context(), deskauth.SigninInput{
				Email: email, Password: deskauth.NewSecret(password),
			})
			h.try(err)
		}
	}
}

func (h *canaryHost) issueSessions(t *testing.T, id string) {
	for _, in := range []deskauth.IssueInput{
		{UserID: id, Methods: []string{"pwd"}},
		{UserID: "nobody"},
		{UserID: id, Methods: []string{canaryWrong + "\n"}},
	} {
		s, err := h.IssueSession(t.Context(), in)
		h.try(err)
		if s.Token != "" {
			h.cage.addToken("a session that was issued", s.Token)
			h.try(h.Signout(t.Context(), s.Token))
			h.tryToken(t, s.Token)
		}
	}
}

// updateAccounts gives an account hashes, good and bad, and bad values of other fields.
func (h *canaryHost) updateAccounts(t *testing.T, id string) {
	good := testkit.Bcrypt(t, canaryPassword, "")
	h.cage.add("the new hash", good[7:])
	for _, update := range []func(*deskauth.Account){
		func(a *deskauth.Account) { a.PasswordHash = canaryPassword },
		func(a *deskauth.Account) {
			a.PasswordHash = "$argon2id$v=19$m=64,t=1,p=1$" + testkit.B64(canaryPassword)
		},
		func(a *deskauth.Account) { a.State = canaryPassword },
		func(a *deskauth.Account) { a.FirstName = canaryPassword + "\n" },
		func(a *deskauth.Account) { a.Email = canaryPassword },
		func(a *deskauth.Account) { a.Attributes = json.RawMessage(`["` + canaryPassword) },
		func(a *deskauth.Account) { a.PasswordHash = good },
	} {
		_, err := h.UpdateAccount(t.Context(), id, func(a *deskauth.Account) error {
			update(a)
			return nil
		})
		h.try(err)
	}
	_, err := h.UpdateAccount(t.Context(), id, func(*deskauth.Account) error { return testkit.ErrDown })
	h.try(err)
	_, err = h.UpdateAccount(t.Context(), id, func(*deskauth.Account) error { panic("a hook of the host's") })
	h.try(err)
}
