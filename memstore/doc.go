// Package memstore keeps accounts in memory. It is for tests, for trying deskauth, and for
// services whose accounts may be gone after a restart.
//
//	auth, err := deskauth.New(memstore.New(), secrets, deskauth.Config{})
//
// When the process ends, every account is gone, and every session token is refused. No
// other process sees the accounts: two that serve one address need a store that they share.
// The modules sqlitestore and pgxstore keep accounts in a file and in PostgreSQL.
//
// # Memory
//
// A guest takes about 520 bytes. Nothing limits the number of accounts, so delete guests
// who stay away with [github.com/deskauth/deskauth/accounts.PurgeIdle].
package memstore
