package deskauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
)

// What prints of the types that hold a secret: everything but the secret, under every verb
// of fmt, in every slog handler, and, but for the token of a Session, as JSON.

const redacted = "[redacted]"

// redact hides s and still tells whether there was anything.
func redact(s string) string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format implements [fmt.Formatter]: no verb prints the password hash.
func (a Account) Format(f fmt.State, verb rune) {
	type account Account
	a.PasswordHash = redact(a.PasswordHash)
	fmt.Fprintf(f, fmt.FormatString(f, verb), account(a))
}

// LogValue implements [slog.LogValuer]: an account in a log is its ID and kind.
func (a Account) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", a.ID), slog.String("kind", string(a.Kind)))
}

// MarshalJSON always fails, so that no password hash leaves by mistake.
func (a Account) MarshalJSON() ([]byte, error) {
	return nil, errors.New("deskauth: an Account holds a password hash and is not for JSON: encode its User, or copy its fields into a record of your own")
}

// Format implements [fmt.Formatter]: no verb prints the password.
func (in SignupInput) Format(f fmt.State, verb rune) {
	type input SignupInput
	in.Password = redact(in.Password)
	fmt.Fprintf(f, fmt.FormatString(f, verb), input(in))
}

// LogValue implements [slog.LogValuer].
func (in SignupInput) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", in)) }

// MarshalJSON implements [json.Marshaler]: the password is left out.
func (in SignupInput) MarshalJSON() ([]byte, error) {
	type input SignupInput
	in.Password = redact(in.Password)
	return json.Marshal(input(in))
}

// Format implements [fmt.Formatter]: no verb prints the password.
func (in SigninInput) Format(f fmt.State, verb rune) {
	type input SigninInput
	in.Password = redact(in.Password)
	fmt.Fprintf(f, fmt.FormatString(f, verb), input(in))
}

// LogValue implements [slog.LogValuer].
func (in SigninInput) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", in)) }

// MarshalJSON implements [json.Marshaler]: the password is left out.
func (in SigninInput) MarshalJSON() ([]byte, error) {
	type input SigninInput
	in.Password = redact(in.Password)
	return json.Marshal(input(in))
}

// Format implements [fmt.Formatter]: no verb prints the token.
func (in CustomTokenInput) Format(f fmt.State, verb rune) {
	type input CustomTokenInput
	in.Token = redact(in.Token)
	fmt.Fprintf(f, fmt.FormatString(f, verb), input(in))
}

// LogValue implements [slog.LogValuer].
func (in CustomTokenInput) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", in)) }

// MarshalJSON implements [json.Marshaler]: the token is left out.
func (in CustomTokenInput) MarshalJSON() ([]byte, error) {
	type input CustomTokenInput
	in.Token = redact(in.Token)
	return json.Marshal(input(in))
}

// Format implements [fmt.Formatter]: no verb prints the token.
func (s Session) Format(f fmt.State, verb rune) {
	type session Session
	s.Token = redact(s.Token)
	fmt.Fprintf(f, fmt.FormatString(f, verb), session(s))
}

// LogValue implements [slog.LogValuer].
func (s Session) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", s)) }
