package sqlitestore_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/sqlitestore"
)

// guest is an account as an anonymous sign-in makes it. Its keys are spread over the
// indexes, as UUIDs are.
func guest(n int) deskauth.Account {
	at := time.UnixMilli(1_700_000_000_000 + int64(n)).UTC()
	spread := uint64(n) * 0x9e3779b97f4a7c15
	return deskauth.Account{User: deskauth.User{
		ID:        fmt.Sprintf("%016x-7b61-9d55-%012d", spread, n),
		Kind:      deskauth.KindGuest,
		Email:     fmt.Sprintf("%016x-4fef-91e0-%012d@auth.example.com", ^spread, n),
		FirstName: fmt.Sprintf("guest#%04x", n&0xffff),
		ProjectID: "5b55e806c93dde00143163dd",
		CreatedAt: at,
		UpdatedAt: at,
	}}
}

// agent is the guest as an agent, who can be found by the address.
func agent(n int) deskauth.Account {
	a := guest(n)
	a.Kind, a.ProjectID = deskauth.KindUser, ""
	return a
}

// filled opens a database with n agents.
func filled(b *testing.B, n int) *sqlitestore.Store {
	s := openStore(b, newPath(b))
	const page = 10_000
	accounts := make([]deskauth.Account, 0, page)
	for i := range n {
		if accounts = append(accounts, agent(i)); len(accounts) == page || i == n-1 {
			if _, err := s.ImportUsers(b.Context(), accounts, anyone); err != nil {
				b.Fatal(err)
			}
			accounts = accounts[:0]
		}
	}
	return s
}

// BenchmarkUserByID and BenchmarkUserByEmail look accounts up in three sizes of table.
// Beside each is the floor: the same statement and the same scan without the store.
func BenchmarkUserByID(b *testing.B) {
	benchmarkLookUp(b, "userByID", (*sqlitestore.Store).UserByID,
		func(n int) string { return guest(n).ID })
}

func BenchmarkUserByEmail(b *testing.B) {
	benchmarkLookUp(b, "userByEmail", (*sqlitestore.Store).UserByEmail,
		func(n int) string { return guest(n).Email })
}

func benchmarkLookUp(
	b *testing.B, statement string,
	find func(*sqlitestore.Store, context.Context, string) (deskauth.Account, error),
	key func(n int) string,
) {
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		s := filled(b, n)
		floor, err := s.Readers().Prepare(s.Statements()[statement])
		if err != nil {
			b.Fatal(err)
		}
		keys := make([]string, 1<<12)
		for i := range keys {
			keys[i] = key(i * 7919 % n)
		}
		ctx, cancel := context.WithCancel(b.Context()) // as a request's
		defer cancel()
		b.Run(fmt.Sprintf("floor/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := sqlitestore.ScanAccount(floor.QueryRowContext(ctx, keys[i%len(keys)])); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("store/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if _, err := find(s, ctx, keys[i%len(keys)]); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("parallel/%d", n), func(b *testing.B) {
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if _, err := find(s, ctx, keys[i%len(keys)]); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkCreateUser measures mostly the disk: each insert is synced.
func BenchmarkCreateUser(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		s := filled(b, n)
		floor, err := s.Writer().Prepare(s.Statements()["createUser"])
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		next := n
		bench := func(name string, create func(a deskauth.Account) error) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					next++
					if err := create(guest(next)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		bench("floor", func(a deskauth.Account) error {
			_, err := floor.ExecContext(ctx, a.ID, string(a.Kind), a.Email, a.EmailVerified,
				a.FirstName, a.LastName, a.ProjectID, a.ExternalID, nil, a.PasswordHash, a.Disabled,
				a.SessionEpoch, a.Version, nil, a.CreatedAt.UnixMicro(), a.UpdatedAt.UnixMicro())
			return err
		})
		bench("store", func(a deskauth.Account) error { return s.CreateUser(ctx, a) })
	}
}

// BenchmarkPurgeIdle deletes 500 of 100,000 at a time.
func BenchmarkPurgeIdle(b *testing.B) {
	s := filled(b, 100_000)
	for b.Loop() {
		n, err := s.PurgeIdle(b.Context(), deskauth.KindGuest, time.UnixMilli(1_700_000_100_000), 500)
		if err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			b.Skip("all guests are gone: use a -benchtime below 200x")
		}
	}
}
