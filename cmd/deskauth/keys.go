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
	"strings"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
)

// The variables that examples/server reads its keys from.
const (
	sessionVariable = "DESKAUTH_SESSION_SECRET" // one secret a line
	projectVariable = "DESKAUTH_PROJECT"        // ID=SECRET, one a line or behind a comma
)

// A sourcedKey is a key, and where a person finds it.
type sourcedKey struct {
	deskauth.Key
	from     string
	material func() any // behind a function, so that nothing prints it
}

// newKey checks the key, so that an error names its source.
func newKey(from, id, algorithm string, material any) (sourcedKey, error) {
	key := deskauth.NewKey(id, algorithm, material)
	if err := key.Err(); err != nil {
		return sourcedKey{}, fmt.Errorf("the key in %s: %w", from, err)
	}
	return sourcedKey{key, from, func() any { return material }}, nil
}

// readKeyFile reads a file with a secret, or with keys in PEM.
func readKeyFile(path, algorithm string) (keys []sourcedKey, err error) {
	text, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	if !bytes.Contains(text, []byte("-----BEGIN ")) {
		key, err := newKey(path, "", cmp.Or(algorithm, "HS256"), secretOf(text))
		return []sourcedKey{key}, err
	}
	materials, err := pemKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, material := range materials {
		key, err := newKey(path, "", cmp.Or(algorithm, algorithmOf(material)), material)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// secretOf returns the secret in a file. An editor ends the last line of a text with a line
// break, which is no part of the secret.
func secretOf(file []byte) any {
	if !utf8.Valid(file) {
		return file
	}
	text := strings.TrimSuffix(string(file), "\n")
	return strings.TrimSuffix(text, "\r")
}

// pemKeys returns the keys in a PEM file: private ones, and public ones.
func pemKeys(text []byte) (keys []any, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		var key any
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case "PUBLIC KEY":
			key, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "EC PARAMETERS": // which openssl ecparam writes before the key
			continue
		default:
			return nil, fmt.Errorf("a PEM block is a %q: a private or public key is needed, in PKCS #8 or PKIX", block.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("a PEM block cannot be read as a %s; make it anew with openssl", block.Type)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no whole PEM block in it")
	}
	return keys, nil
}

// usualAlgorithms says in a flag's help what [algorithmOf] does.
const usualAlgorithms = "HS256 of a secret, else RS256, ES256, ES384 or EdDSA"

// algorithmOf returns the usual algorithm of a key pair. RSA keys have several.
func algorithmOf(key any) string {
	curve := elliptic.Curve(nil)
	switch key := key.(type) {
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
	for secret := range strings.FieldsFuncSeq(a.env(sessionVariable), isLineBreak) {
		key, err := newKey(sessionVariable, "", cmp.Or(algorithm, "HS256"), secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// projectKeys returns the keys of the projects in the environment, by project. One without
// a secret has none.
func (a *app) projectKeys(algorithm string) (projects map[string][]sourcedKey, err error) {
	projects = make(map[string][]sourcedKey)
	separates := func(r rune) bool { return r == ',' || isLineBreak(r) }
	for entry := range strings.FieldsFuncSeq(a.env(projectVariable), separates) {
		id, secret, ok := strings.Cut(strings.TrimLeft(entry, " \t"), "=")
		if !ok || id == "" {
			return nil, fmt.Errorf("%s: a project is ID=SECRET", projectVariable)
		}
		if secret == "" {
			projects[id] = append(projects[id], []sourcedKey{}...)
			continue
		}
		key, err := newKey(projectVariable, "", cmp.Or(algorithm, "HS256"), secret)
		if err != nil {
			return nil, err
		}
		projects[id] = append(projects[id], key)
	}
	return projects, nil
}

func isLineBreak(r rune) bool { return r == '\n' || r == '\r' }
