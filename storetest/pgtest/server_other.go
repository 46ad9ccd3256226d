//go:build !unix

package pgtest

import "fmt"

// A Server is a PostgreSQL server of the test's own. It starts on Unix only.
type Server struct{}

var errNotHere = fmt.Errorf("%w: pgtest starts a server on Unix only", errMissing)

func launch(bool) (*Server, error) { return nil, errNotHere }

// URL returns the URL of its database.
func (s *Server) URL() string { return "" }

// Start starts the server again, on the same port and with the same data.
func (s *Server) Start() error { return errNotHere }

// Stop stops the server.
func (s *Server) Stop() error { return errNotHere }

// Crash stops the server at once, as a crash does.
func (s *Server) Crash() error { return errNotHere }

func (s *Server) remove() {}
