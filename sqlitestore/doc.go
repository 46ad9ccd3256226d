// Package sqlitestore keeps accounts in a SQLite database: in one file, with nothing to set
// up and no server, and they are there after a restart.
//
//	store, err := sqlitestore.Open("accounts.db")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	auth, err := deskauth.New(store, secrets, deskauth.Config{})
//
// It needs no C compiler: the driver is [github.com/ncruces/go-sqlite3]. A database that is
// open already, with that driver or another, is handed to [New].
//
// # The file
//
// Put it on a local disk, in a directory that its owner alone may read. While a program has
// it open there are two more files beside it, with -wal and -shm at their ends, and they
// belong to it: do not copy or move the one without the others. A backup of a database in
// use is one command, with sqlite3 3.37 or later; the umask keeps others from reading it:
//
//	(umask 077 && sqlite3 accounts.db "VACUUM INTO 'backup.db'" && sync backup.db)
//
// The table is deskauth_accounts; [Schema] says what is in its columns. It has no foreign
// keys, and other tables may be in the same file.
//
// # Two drivers in one program
//
// Importing this package registers its driver with database/sql by the name "sqlite3", which
// the driver does by itself. So does github.com/mattn/go-sqlite3, and a program that links
// both panics at its start. It is built with
//
//	go build -ldflags "-X github.com/ncruces/go-sqlite3/driver.driverName="
//
// in which case this one registers no name. [Open] needs none.
package sqlitestore
