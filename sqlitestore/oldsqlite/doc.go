// Package oldsqlite tests sqlitestore with the oldest SQLite that it works with, 3.38, and
// with a second driver. It is a module of its own, so that no user of sqlitestore gets an
// old SQLite among the program's modules.
package oldsqlite
