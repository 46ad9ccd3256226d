package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/deskauth/deskauth"
)

// materials takes a text apart that package secrets has read. It decides nothing: what is a
// key, secrets has said. It is here because a [deskauth.Key] gives its material to nobody,
// and two things need it: token mint signs as the other system would, and --algorithm makes
// the key anew.
func materials(text []byte) (all []any) {
	begin := []byte("-----BEGIN ")
	if !bytes.Contains(text, begin) && deskauth.NewKey("", "HS256", text).Err() == nil {
		return []any{string(text)} // one line without its end, or random bytes
	}
	for {
		lines, rest := text, []byte(nil)
		if i := bytes.Index(text, begin); i >= 0 {
			lines, rest = text[:i], text[i:]
		}
		for line := range bytes.Lines(lines) {
			line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
			if len(line) > 0 {
				all = append(all, string(line))
			}
		}
		block, rest := pem.Decode(rest)
		if block == nil {
			return all
		}
		if key := keyOf(block); key != nil {
			all = append(all, key)
		}
		text = rest
	}
}

// keyOf returns the key in a PEM block, and nil for a block that only comes with a key.
func keyOf(block *pem.Block) (key any) {
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	}
	if err != nil {
		return nil
	}
	return key
}

// usualAlgorithms says in a flag's help which algorithm package secrets gives a key.
const usualAlgorithms = "HS256 of a secret, else RS256, ES256, ES384 or EdDSA"

// A keyKind is a kind of key that one or more algorithms take.
type keyKind struct {
	name       string
	algorithms []string // the usual one first
}

var keyKinds = []keyKind{
	{"a secret", []string{"HS256", "HS384", "HS512"}},
	{"an RSA key", []string{"RS256", "RS384", "RS512", "PS256"}},
	{"a P-256 key", []string{"ES256"}},
	{"a P-384 key", []string{"ES384"}},
	{"an Ed25519 key", []string{"EdDSA"}},
}

// kindFor returns the kind of key that an algorithm takes.
func kindFor(algorithm string) (kind keyKind, ok bool) {
	for _, kind := range keyKinds {
		if slices.Contains(kind.algorithms, algorithm) {
			return kind, true
		}
	}
	return keyKind{}, false
}

// checkAlgorithm refuses a value of --algorithm that is not one, and does not quote it.
func checkAlgorithm(algorithm string) error {
	if _, ok := kindFor(algorithm); ok || algorithm == "" {
		return nil
	}
	var all []string
	for _, kind := range keyKinds {
		all = append(all, kind.algorithms...)
	}
	return errors.New("--algorithm is one of " + strings.Join(all, ", "))
}

// withAlgorithm returns a key of the same material with another algorithm. Its error goes
// on from the name of the key.
func withAlgorithm(key deskauth.Key, algorithm string, material any) (deskauth.Key, error) {
	is, _ := kindFor(key.Algorithm())
	needs, _ := kindFor(algorithm)
	if is.name == needs.name {
		made := deskauth.NewKey("", algorithm, material)
		return made, made.Err()
	}
	where := " in a PEM file"
	if needs.algorithms[0] == "HS256" {
		where = ", a line of 32 bytes or more"
	}
	return deskauth.Key{}, fmt.Errorf("is %s, and --algorithm %s needs %s%s", is.name, algorithm, needs.name, where)
}
