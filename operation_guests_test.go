package deskauth_test

import (
	"context"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

func init() { allCalls = append(allCalls, guestCalls...) }

// guestCalls are what becomes of a guest.
var guestCalls = []call{
	{
		"UpgradeGuest", "upgrade_guest", "SessionKeys UserByID UserByEmail UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			u, err := k.UpgradeGuest(ctx, upgradeOf(p.guest))
			return u.ID + u.Email, err
		},
	},
	{
		"UpgradeGuest of an agent", "upgrade_guest", "SessionKeys UserByID", deskauth.ErrGuestsOnly,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			u, err := k.UpgradeGuest(ctx, upgradeOf(p.session))
			return u.ID + u.Email, err
		},
	},
	{
		"SigninWithCustomToken of a guest", "custom_token", "ProjectKeys SessionKeys UserByID UpdateUser", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) {
			in := tokenOf(testkit.TokenA(`"123"`, `"firstname":"Andrea"`))
			in.GuestToken = deskauth.NewSecret(p.guest)
			return gotSession(k.SigninWithCustomToken(ctx, in))
		},
	},
	{
		"LinkedTo", "linked_to", "UserByID", nil,
		func(ctx context.Context, k *testkit.Kit, p people) (string, error) { return k.LinkedTo(ctx, p.idle.ID) },
	},
}

// upgradeOf is a sign-up of Andrea with a token.
func upgradeOf(token string) deskauth.UpgradeGuestInput {
	return deskauth.UpgradeGuestInput{GuestToken: deskauth.NewSecret(token), SignupInput: testkit.Andrea()}
}
