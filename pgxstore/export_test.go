package pgxstore

import "time"

// What only the tests of this package use.

// SetAhead sets how far the store takes the server's clock to be ahead.
func (s *Store) SetAhead(d time.Duration) { s.ahead.Store(int64(d)) }

// Ahead returns it.
func (s *Store) Ahead() time.Duration { return time.Duration(s.ahead.Load()) }

// Detach returns the context in which a call's statement runs.
var Detach = detach
