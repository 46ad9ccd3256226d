// Package sqlitestore keeps accounts in a SQLite database. The database is one file beside
// the program, and needs no server:
//
//	store, err := sqlitestore.Open("accounts.db")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//	auth, err := deskauth.New(store, secrets, deskauth.Config{})
//
// [Open] makes the file and its table, and sets the database up: what a call has reported
// as done outlives a crash and a power failure. Its driver,
// [github.com/ncruces/go-sqlite3], needs no C compiler. A program that has its own
// database, with any driver of SQLite 3.38 or later, calls [Migrate] and then [New].
//
// Several processes on one machine may share the file. For several machines there is the
// module pgxstore.
//
// # The file
//
// Put it on a local disk, in a directory that only its owner may read. While a program uses
// it, there are two more files beside it, with -wal and -shm at the ends of their names.
// The three belong together: never copy, move or delete one of them alone.
//
// # Backup
//
// One command makes a whole copy while the program runs. It needs sqlite3 3.37 or later.
// The umask keeps other users from reading the password hashes in the copy:
//
//	(umask 077 && sqlite3 accounts.db "VACUUM INTO 'backup.db'" && sync backup.db)
//
// To restore it, stop the program. Move accounts.db away together with its -wal and -shm
// files, and put the copy in its place.
//
// # The table
//
// The table is deskauth_accounts. [Schema] explains its columns. It has no foreign keys,
// and other tables may be in the same file. Columns of your own need a default, or may be
// NULL, and a prefix in their names: a later version may add any other name.
//
// When you change an account by hand, a trigger raises version. So no call of deskauth at
// the same moment takes the change back. [Migrate] restores the trigger if it is missing.
// This disables an account and ends its sessions:
//
//	UPDATE deskauth_accounts
//	SET disabled = 1, session_epoch = session_epoch + 1,
//	    updated_at = unixepoch() * 1000000
//	WHERE email = 'ada@example.com';
//
// # When a call fails
//
// A call that writes fails after five seconds in which other writes, of this program or of
// another process, left it no turn. It fails at once if the disk is full or read-only.
// Nothing is half done then. The store works again as soon as the database does, without a
// restart.
//
// # Two drivers in one program
//
// The driver registers the name "sqlite3" with database/sql, and so does
// github.com/mattn/go-sqlite3. A program that links both panics at its start, unless it is
// built like this:
//
//	go build -ldflags "-X github.com/ncruces/go-sqlite3/driver.driverName="
//
// Then the driver registers no name. [Open] needs none.
package sqlitestore
