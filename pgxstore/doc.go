// Package pgxstore keeps accounts in PostgreSQL. It uses the connection pool of the
// program, [github.com/jackc/pgx/v5/pgxpool], so it has the pool's TLS, size and timeouts:
//
//	pool, err := pgxpool.New(ctx, "postgres://app@db.example/app?connect_timeout=5")
//	if err != nil {
//		return err
//	}
//	defer pool.Close()
//	if err := pgxstore.Migrate(ctx, pool); err != nil {
//		return err
//	}
//	auth, err := deskauth.New(pgxstore.New(pool), secrets, deskauth.Config{})
//
// Any number of processes may use one table. [Migrate] makes it, and may run at every start
// of each. The database must be encoded in UTF8. The tests run with PostgreSQL 15.
//
// Every call sends one statement in one round trip, which is a transaction of its own. What
// a call has reported as done is committed. With the server's default, synchronous_commit =
// on, it outlives a crash of the server.
//
// # Deadlines
//
// A call waits for a connection of the pool until its context ends. Once it has sent a
// statement, it waits for the answer until the deadline of the context, also when the
// context is cancelled: a client that hangs up closes no connection. A statement that
// another session holds up ends five seconds after its context was cancelled.
//
// A call that writes, with a deadline, tells the server to end the statement shortly before
// it, and not to begin it more than 50 ms after it. That travels with the statement, in the
// same round trip and transaction, and counts for it alone. A shorter statement_timeout of
// the host's stands. Of a call that only reads, pgx cancels the statement at the deadline
// and closes the connection.
//
// So a call that failed at its deadline has written nothing, with these exceptions. The
// answer was lost, or the server was committing at the deadline. Or the statement began in
// those 50 ms. Before its first such write, a store does not know the server's clock: then
// they are a second, and as much longer as that clock is behind. Where that clock was set
// back since the write before, they are longer by that.
//
// [deskauth.Auth] gives each call a deadline: see Config.CallTimeout. Set connect_timeout,
// in seconds, in the connection string: without it, pgx waits for two minutes for a server
// that takes a connection and says nothing, and keeps a place in the pool for it.
//
// # PgBouncer
//
// In transaction mode, PgBouncer may use another connection for each transaction, but pgx
// prepares statements for one connection. From version 1.21 on, PgBouncer follows them if
// its max_prepared_statements is above 0. For older versions, let pgx prepare nothing. A
// call is still one round trip:
//
//	postgres://app@pgbouncer.example.com:6432/app?default_query_exec_mode=exec
//
// PgBouncer refuses settings of the server in a connection string, as unsupported startup
// parameters. Use [NewTable] in place of search_path.
//
// # The table
//
// The table is deskauth_accounts, or that of [NewTable]. [Schema] explains its columns. It
// has no foreign keys. Columns of your own need a default, or may be NULL. Begin their
// names with a prefix of your own: a later version may add a column of any other name.
//
// A trigger raises version where a change by hand does not. So no call of deskauth at the
// same moment takes the change back. [Migrate] restores the trigger where it is missing.
// This disables an account and ends its sessions:
//
//	UPDATE deskauth_accounts
//	SET disabled = true, session_epoch = session_epoch + 1, updated_at = now()
//	WHERE email = 'ada@example.com';
//
// # Rights
//
// [Migrate] needs the right to create tables and functions in the schema, and must own the
// table if that exists. After that, the program needs SELECT, INSERT, UPDATE and DELETE on
// the table. If it still calls Migrate at its start, it also needs SELECT on the table
// whose name ends with _migrations.
//
// # When a call fails
//
// A write fails if its connection breaks. Nothing is half done then, but the write may have
// been done or not: the store does not send it again. A look-up is sent again on another
// connection. The pool replaces the broken one, so the store works again as soon as the
// database does, without a restart.
//
// A failover can leave sessions that only read. A write that meets one (SQLSTATE 25006)
// closes its connection and goes on with another. If the URL names several hosts, it needs
// target_session_attrs=read-write. Otherwise pgx connects to the first host that answers,
// even if that only reads, and every write fails. PgBouncer keeps its own connections to
// the server, read-only ones too: run RECONNECT in its console after a failover.
package pgxstore
