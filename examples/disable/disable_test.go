package disable

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/memstore"
)

// A racingStore has each account changed once between the caller's look and its update.
type racingStore struct {
	*memstore.Store
	raced bool
}

func (s *racingStore) UpdateUser(ctx context.Context, a deskauth.Account) error {
	if !s.raced {
		s.raced = true
		other, err := s.UserByID(ctx, a.ID)
		if err != nil {
			return err
		}
		other.FirstName = "Renamed"
		if err := s.Store.UpdateUser(ctx, other); err != nil {
			return err
		}
	}
	return s.Store.UpdateUser(ctx, a)
}

func TestDisable(t *testing.T) {
	t.Parallel()
	ctx, store := t.Context(), &racingStore{Store: memstore.New()}
	auth, err := deskauth.New(store, deskauth.StaticSecrets{
		Session:  []deskauth.Key{deskauth.NewKey("", "HS256", "32 bytes or more, for this test alone")},
		Projects: map[string][]deskauth.Key{"demo": nil},
	}, deskauth.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	session, err := auth.SigninAnonymously(ctx, deskauth.AnonymousInput{ProjectID: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Verify(ctx, session.Token); err != nil {
		t.Fatalf("before: %v", err)
	}
	if err := disable(ctx, store, session.User.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := auth.Verify(ctx, session.Token); !errors.Is(err, deskauth.ErrInvalidToken) {
		t.Errorf("Verify of a disabled account's token: %v, want ErrInvalidToken", err)
	}
	in := deskauth.CustomTokenInput{Token: deskauth.NewSecret(session.Token)}
	if _, err := auth.SigninWithCustomToken(ctx, in); !errors.Is(err, deskauth.ErrAccountDisabled) {
		t.Errorf("a disabled account comes back: %v, want ErrAccountDisabled", err)
	}
	account, err := store.UserByID(ctx, session.User.ID)
	if err != nil || account.FirstName != "Renamed" {
		t.Errorf("the other change is lost: the name is %q, %v", account.FirstName, err)
	}
	if err := disable(ctx, store, "no such account"); !errors.Is(err, deskauth.ErrUserNotFound) {
		t.Errorf("disable of no account: %v, want ErrUserNotFound", err)
	}
}
