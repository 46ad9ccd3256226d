package smtpmail

import (
	"context"
	"net"
)

// WithDial returns options with which a Mailer connects through dial.
func WithDial(o Options, dial func(ctx context.Context, network, address string) (net.Conn, error)) Options {
	o.dial = dial
	return o
}

// Kinds are the kinds of mail that have a default text.
func Kinds() (kinds []string) {
	for kind := range texts {
		kinds = append(kinds, string(kind))
	}
	return kinds
}
