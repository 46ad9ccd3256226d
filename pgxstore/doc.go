// Package pgxstore keeps accounts in PostgreSQL, on the pool of a program that uses
// [github.com/jackc/pgx/v5]:
//
//	pool, err := pgxpool.New(ctx, "postgres://app@db.example.com/app")
//	…
//	if err := pgxstore.Migrate(ctx, pool); err != nil { … }
//	auth, err := deskauth.New(pgxstore.New(pool), secrets, deskauth.Config{})
//
// Any number of processes may use one table. Every method is one statement, sent in one
// round trip, in a transaction of its own: what a method has answered is committed, and
// with the server's synchronous_commit (on by default) it survives a crash.
//
// # PgBouncer
//
// pgx prepares statements for a connection, and PgBouncer in transaction mode gives a
// client another connection for each transaction. PgBouncer 1.21 and later follows prepared
// statements if max_prepared_statements is not 0; nothing else is to be done then. Before
// that, tell pgx to prepare nothing, which is still one round trip:
//
//	postgres://app@pgbouncer.example.com:6432/app?default_query_exec_mode=exec
//
// PgBouncer refuses connection strings with settings of the server, such as
// statement_timeout and search_path, as unsupported startup parameters. Set the first for
// the role, and name the schema with [NewTable].
//
// # Timeouts
//
// A context that ends interrupts the statement, and the method returns its error. So does
// the server's statement_timeout, which is best set in the connection string, where
// statement_timeout=5000 are five seconds, or for the role, which works with PgBouncer too:
//
//	ALTER ROLE app SET statement_timeout = '5s'
//
// # Rights
//
// [Migrate] needs the right to create tables in the schema. A program that only uses the
// table needs SELECT, INSERT, UPDATE and DELETE on it, and to call Migrate all the same,
// SELECT on the table with the suffix _migrations.
package pgxstore
