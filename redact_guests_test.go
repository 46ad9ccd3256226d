package deskauth_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// goUp takes the paths of guests who become agents or external users, and of tokens that
// are no guest's.
func (h *canaryHost) goUp(t *testing.T) {
	upgrade := func(token, email, password string) {
		_, err := h.UpgradeGuest(t.Context(), deskauth.UpgradeGuestInput{
			GuestToken: deskauth.NewSecret(token),
			SignupInput: deskauth.SignupInput{
				Email: email, Password: deskauth.NewSecret(password), FirstName: "A", LastName: canaryPassword + "\n",
			},
		})
		h.try(err)
		_, err = h.UpgradeGuest(t.Context(), deskauth.UpgradeGuestInput{
			GuestToken: deskauth.NewSecret(token),
			SignupInput: deskauth.SignupInput{
				Email: email, Password: deskauth.NewSecret(password), FirstName: "A", LastName: "B",
			},
		})
		h.try(err)
	}
	link := func(id, guest string) {
		claim := testkit.PayloadA(`"`+id+`"`, `"guest_token":"`+guest+`"`)
		for _, payload := range []string{claim, testkit.PayloadA(`"` + id + `"`)} {
			token := testkit.Forge(testkit.HS256, payload, canaryProject)
			h.cage.addToken("a custom token", token)
			_, err := h.Link(t, token, guest)
			h.try(err)
		}
	}
	guests := make([]string, 3)
	for i := range guests {
		guests[i] = h.MustGuest(t, testkit.ProjectA).Token
		h.cage.addToken("a guest's token", guests[i])
	}
	payload := testkit.PartOf(t, guests[2], 1)
	forged := testkit.Forge(testkit.HS256, payload, canaryWrong)
	abroad := testkit.Forge(testkit.HS256, strings.Replace(payload, testkit.ProjectA, testkit.ProjectB, 1), canarySession)
	h.cage.addToken("a forged token", forged)
	h.cage.addToken("a token of another project", abroad)
	external := h.MustCustom(t, testkit.Forge(testkit.HS256, testkit.PayloadA(`"125"`), canaryProject)).Token
	h.cage.addToken("an external user's token", external)
	other := h.MustGuest(t, testkit.ProjectB).Token
	h.cage.addToken("a guest's token of another project", other)
	for _, token := range []string{canaryWrong, forged, abroad, external} {
		upgrade(token, "up@f22.it", canaryPassword)
		link("123", token)
	}
	upgrade(guests[0], "up@f22.it", canaryPassword)
	upgrade(guests[1], "up@f22.it", canaryPassword) // taken
	upgrade(guests[1], canaryPassword, canaryWrong+"\xff")
	link("123", guests[1])
	link("124", guests[1]) // linked to another
	link("123", guests[0]) // upgraded
	link("123", other)
	for _, guest := range guests {
		h.tryToken(t, guest)
	}
	_, err := h.LinkedTo(t.Context(), canaryPassword[:3])
	h.try(err)
}
