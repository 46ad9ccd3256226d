package deskauth

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// A Secret is a password or token in an input. Make one with [NewSecret]; the zero Secret
// is empty. Every verb of fmt, every slog handler, JSON and other encoders show
// "[redacted]", or nothing if it is empty. [Mail.CodeText] alone reads one, of a Mail's
// Code. It is safe for concurrent use.
//
// It can be decoded from JSON, so that an input may be a part of a request of your own. Two
// Secrets of one text are not equal by ==.
type Secret struct {
	text *string // a pointer: fmt prints an address where it calls no method, as for a wrong verb
}

// NewSecret returns a Secret with the text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format implements [fmt.Formatter].
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, redact(s.reveal())) }

// LogValue implements [slog.LogValuer].
func (s Secret) LogValue() slog.Value { return slog.StringValue(redact(s.reveal())) }

// MarshalText implements [encoding.TextMarshaler]. It shows that there is a secret, and not
// which.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redact(s.reveal())), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]. It refuses what [Secret.MarshalText]
// wrote: the secret is not in it any more.
func (s *Secret) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return errors.New("deskauth: a Secret was encoded and is lost: encode the text that you made it of")
	}
	*s = NewSecret(string(text))
	return nil
}

const redacted = "[redacted]"

// redact hides a secret and still tells whether there was one.
func redact(secret string) string {
	if secret == "" {
		return ""
	}
	return redacted
}
