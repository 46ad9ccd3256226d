package deskauth_test

import (
	"log/slog"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// BenchmarkSignin is a sign-in with the default cost: nearly all of it is the hash. How near
// is measured beside a bare Argon2id in bench/.
func BenchmarkSignin(b *testing.B) {
	k := testkit.New(b, deskauth.Config{
		Argon2: deskauth.Argon2Params{Memory: 19 << 10, Time: 2, Parallelism: 1},
		Limits: noLimits,
		Logger: slog.New(slog.DiscardHandler),
	})
	k.MustSignup(b, "andrea@f22.it", "correct horse")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := k.Signin(b.Context(), deskauth.SigninInput{Email: "andrea@f22.it", Password: deskauth.NewSecret("correct horse")}); err != nil {
			b.Fatal(err)
		}
	}
}
