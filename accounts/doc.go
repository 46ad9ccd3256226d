// Package accounts administers the accounts in a store: it copies them to another store,
// and deletes the idle ones.
//
// The rule for what stands here: what needs a store alone. What needs keys, password
// hashing, limits or codes is a method of [deskauth.Auth].
package accounts
