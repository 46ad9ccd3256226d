package bench

import (
	"context"
	"log/slog"
	"testing"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// newCode makes codes, which the public calls hand to a Mailer alone.
//
//go:linkname newCode github.com/deskauth/deskauth.(*Auth).newCode
func newCode(
	a *deskauth.Auth, key deskauth.Key, acc deskauth.Account, purpose deskauth.MailKind, email string, ttl time.Duration,
) (deskauth.Secret, time.Time, error)

// BenchmarkCode measures target P15: making and checking a code, at most 1 × issuing and
// verifying a session token. Both checks look the account up.
func BenchmarkCode(b *testing.B) {
	ctx := context.Background()
	store := memstore.New()
	auth, err := deskauth.New(store, deskauth.StaticSecrets{Session: []deskauth.Key{key}},
		deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	if err := store.CreateUser(ctx, account); err != nil {
		b.Fatal(err)
	}
	acc, err := store.UserByID(ctx, account.ID)
	if err != nil {
		b.Fatal(err)
	}
	interleave(b,
		side{"code", func() error {
			code, _, err := newCode(auth, key, acc, deskauth.MailPasswordReset, "", time.Hour)
			if err == nil {
				_, err = auth.CheckCode(ctx, deskauth.CheckCodeInput{Purpose: deskauth.MailPasswordReset, Code: code})
			}
			return err
		}},
		side{"token", func() error {
			session, err := issue(auth, key, acc)
			if err == nil {
				_, err = auth.Verify(ctx, session.Token)
			}
			return err
		}},
	)
}
