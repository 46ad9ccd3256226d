package deskauth_test

import (
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// Each refusal costs one hash, whether or not the account has a password and a hash that
// can be computed. The right password costs the hash of the new one, too.
//
// Not parallel: it counts what the process allocates. Hashes of 8 MiB are nearly all of it.
func TestS15_WrongCurrentPasswordCostsOneHash(t *testing.T) {
	const mib = 1 << 20
	k := testkit.New(t, deskauth.Config{
		Limits: testkit.NoLimits(), Logger: testkit.Quiet,
		Argon2: deskauth.Argon2Params{Memory: 8 << 10, Time: 1, Parallelism: 1},
	})
	k.MustSignup(t, "andrea@f22.it", oldPassword)
	good := k.MustSignin(t, "andrea@f22.it", oldPassword)
	for _, c := range []struct {
		name, hash, current, next string // an empty hash is a good one
		want                      error
		hashes                    uint64
	}{
		{"a wrong one", "good", "a wrong password", newPassword, deskauth.ErrInvalidCredentials, 1},
		{"a wrong one for itself", "good", "a wrong password", "a wrong password", deskauth.ErrInvalidCredentials, 1},
		{"an account without a password", "", oldPassword, newPassword, deskauth.ErrInvalidCredentials, 1},
		{"a hash that cannot be computed", "garbage", oldPassword, newPassword, deskauth.ErrInvalidCredentials, 1},
		{"the same", "good", oldPassword, oldPassword, deskauth.ErrPasswordUnchanged, 1},
		{"the right one", "good", oldPassword, newPassword, nil, 2},
	} {
		token := good.Token
		if c.hash != "good" {
			token = k.MustIssue(t, testkit.Put(t, k.Store, c.hash+"x@f22.it", c.hash).ID).Token
		}
		var err error
		n := testkit.Allocated(func() { _, err = change(t, k, token, c.current, c.next) })
		if err != c.want || n < c.hashes*8*mib || n > c.hashes*8*mib+mib/4 {
			t.Errorf("%s: %v, %d bytes allocated; want %v and %d hashes of 8 MiB", c.name, err, n, c.want, c.hashes)
		}
	}
}
