package main

import (
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
)

// The variables that a service has its keys in, as examples/server does.
const (
	sessionVariable = "DESKAUTH_SESSION_SECRET" // one secret a line
	projectVariable = "DESKAUTH_PROJECT"        // ID=SECRET, one a line or behind a comma
)

// A sourcedKey is a key, and where a person finds it.
type sourcedKey struct {
	deskauth.Key
	from     string
	material func() any // behind a function, so that nothing prints it; nil for a key of a set
}

// newKey checks the key, so that an error names its source.
func newKey(from, id, algorithm string, material any) (sourcedKey, error) {
	key := deskauth.NewKey(id, algorithm, material)
	if err := key.Err(); err != nil {
		return sourcedKey{}, fmt.Errorf("the key in %s: %w", from, err)
	}
	return sourcedKey{key, from, func() any { return material }}, nil
}

// readKeyFile reads a file with keys.
func readKeyFile(path, algorithm string) ([]sourcedKey, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	return readKeys(path, algorithm, text)
}

// readKeys reads the keys in a file or variable. An algorithm, where one is given, is that
// of all of them.
func readKeys(from, algorithm string, text []byte) (keys []sourcedKey, err error) {
	all, err := materials(text)
	if err == nil && len(all) == 0 {
		err = errors.New("there is no key in it: write a secret of 32 bytes or more, or a PEM block")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	for _, material := range all {
		key, err := newKey(from, "", cmp.Or(algorithm, algorithmOf(material)), material)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// materials returns the keys in a text: a secret in each line, and PEM blocks. The line
// break at the end is no part of a secret. Bytes that are no text are one secret.
func materials(text []byte) (all []any, err error) {
	if !utf8.Valid(text) {
		return []any{text}, nil
	}
	for len(text) > 0 {
		lines, blocks := text, []byte(nil)
		if i := bytes.Index(text, []byte("-----BEGIN ")); i >= 0 {
			lines, blocks = text[:i], text[i:]
		}
		for secret := range strings.FieldsFuncSeq(string(lines), isLineBreak) {
			all = append(all, secret)
		}
		if len(blocks) == 0 {
			break
		}
		block, rest := pem.Decode(blocks)
		if block == nil {
			return nil, errors.New("a PEM block in it is not whole")
		}
		key, err := pemKey(block)
		if err != nil {
			return nil, err
		}
		if key != nil {
			all = append(all, key)
		}
		text = rest
	}
	return all, nil
}

// pemKey returns the key in a PEM block, and nothing for one that only comes with a key.
func pemKey(block *pem.Block) (key any, err error) {
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "EC PARAMETERS": // which openssl ecparam writes before the key
		return nil, nil
	default:
		return nil, fmt.Errorf("a PEM block in it is a %q: a private or public key is needed", block.Type)
	}
	if err != nil { // whose text may quote what it could not read
		return nil, fmt.Errorf("a PEM block in it cannot be read as a %s: make it anew with openssl", block.Type)
	}
	return key, nil
}

// usualAlgorithms says in a flag's help what [algorithmOf] does.
const usualAlgorithms = "HS256 of a secret, else RS256, ES256, ES384 or EdDSA"

// algorithmOf returns the usual algorithm of a key. Secrets and RSA keys have several.
func algorithmOf(key any) string {
	curve := elliptic.Curve(nil)
	switch key := key.(type) {
	case string, []byte:
		return "HS256"
	case ed25519.PrivateKey, ed25519.PublicKey:
		return "EdDSA"
	case *ecdsa.PrivateKey:
		curve = key.Curve
	case *ecdsa.PublicKey:
		curve = key.Curve
	default:
		return "RS256"
	}
	if curve == elliptic.P384() {
		return "ES384"
	}
	return "ES256"
}

// sessionKeys returns the session keys in the environment.
func (a *app) sessionKeys(algorithm string) (keys []sourcedKey, err error) {
	for name, text := range a.variables(sessionVariable) {
		more, err := readKeys(name, algorithm, []byte(text))
		if err != nil {
			return nil, err
		}
		keys = append(keys, more...)
	}
	return keys, nil
}

// projectKeys returns the keys of the projects in the environment, by project. One without
// a secret has none.
func (a *app) projectKeys(algorithm string) (projects map[string][]sourcedKey, err error) {
	projects = make(map[string][]sourcedKey)
	separates := func(r rune) bool { return r == ',' || isLineBreak(r) }
	for name, text := range a.variables(projectVariable) {
		for entry := range strings.FieldsFuncSeq(text, separates) {
			id, secret, ok := strings.Cut(strings.TrimLeft(entry, " \t"), "=")
			if !ok || id == "" {
				return nil, fmt.Errorf("%s: a project is ID=SECRET", name)
			}
			keys := []sourcedKey{}
			if secret != "" {
				keys, err = readKeys(name, algorithm, []byte(secret))
			}
			if err != nil {
				return nil, err
			}
			projects[id] = append(projects[id], keys...)
		}
	}
	return projects, nil
}

// variables returns a variable and those that go on with it, NAME_2 to NAME_9, as far as
// they are set.
func (a *app) variables(name string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for n := 1; n <= 9; n++ {
			numbered := name
			if n > 1 {
				numbered = fmt.Sprintf("%s_%d", name, n)
			}
			if text := a.env(numbered); text != "" && !yield(numbered, text) {
				return
			}
		}
	}
}

func isLineBreak(r rune) bool { return r == '\n' || r == '\r' }
