//go:build !unix

package redistest

import "fmt"

// A Server is a Redis server of the test's own. It starts on Unix only.
type Server struct{}

var errNotHere = fmt.Errorf("%w: redistest starts a server on Unix only", errMissing)

func launch([]string) (*Server, error) { return nil, errNotHere }

// Addr returns the host and port of the server.
func (s *Server) Addr() string { return "" }

// URL returns the URL of the server's first database.
func (s *Server) URL() string { return "" }

// Start starts the server again after Kill.
func (s *Server) Start() error { return errNotHere }

// Kill ends the server at once.
func (s *Server) Kill() {}

// Freeze stops the server's process where it is.
func (s *Server) Freeze() error { return errNotHere }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() error { return errNotHere }

func (s *Server) remove() {}
