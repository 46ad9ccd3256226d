package storetest_test

import (
	"context"
	"errors"

	"github.com/deskauth/deskauth"
)

// brokenFull go wrong where there is no room.
var brokenFull = []brokenFault{
	{"takes no room for a taken key", []string{"Full/CreateFails"}, onWriteErrors(errNoRoom, deskauth.ErrUserExists)},
	{"acknowledges what has no room", []string{"Full/CreateFails"}, onWriteErrors(errNoRoom, nil)},
	{"throws old accounts away", []string{"Full/CreateFails", "Full/KeepsWhatItHas"}, breaks(throwsAway)},
	{"writes half of what has no room", []string{"Full/KeepsWhatItHas"}, keepsTheRest(errNoRoom)},
	{"stays full", []string{"Full/WorksAgain"}, staysBroken(errNoRoom)},
}

// throwsAway deletes an account to make room for another.
func throwsAway(s *simulation) {
	create := s.create
	s.create = func(ctx context.Context, a deskauth.Account) error {
		err := create(ctx, a)
		if !errors.Is(err, errNoRoom) {
			return err
		}
		all, _ := s.faulty.Store.ListUsers(ctx, "", 1)
		for _, old := range all {
			_ = s.faulty.Store.DeleteUser(ctx, old.ID)
		}
		return s.faulty.Store.CreateUser(ctx, a)
	}
}
