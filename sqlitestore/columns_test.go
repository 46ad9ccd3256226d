package sqlitestore

import (
	"testing"
	"time"

	"github.com/deskauth/deskauth"
)

func TestTimesToTheMicrosecond(t *testing.T) {
	t.Parallel()
	s := opened(t)
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC)
	a := deskauth.Account{User: deskauth.User{ID: "a", Kind: deskauth.KindGuest, CreatedAt: at, UpdatedAt: at.Add(time.Microsecond)}, LastActiveAt: at.Add(2 * time.Microsecond)}
	if err := s.CreateUser(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	got, err := s.UserByID(t.Context(), "a")
	if err != nil || !got.CreatedAt.Equal(a.CreatedAt) || !got.UpdatedAt.Equal(a.UpdatedAt) || !got.LastActiveAt.Equal(a.LastActiveAt) {
		t.Errorf("got %v, %v, %v and the error %v; want %v, %v, %v", got.CreatedAt, got.UpdatedAt, got.LastActiveAt, err, a.CreatedAt, a.UpdatedAt, a.LastActiveAt)
	}
}
