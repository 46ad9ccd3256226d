package authtest

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
)

// A codeForger makes codes of a good one, whose format it does not know.
type codeForger struct {
	CodeTarget
	readings []reading // of Code

	group   string // of the attacks that add adds
	attacks []Attack
	seen    map[string]bool // texts that are in the table, or not to be in it
	made    bool            // the code itself, with a secret that is known
}

// A reading is what a text says in one encoding.
type reading struct {
	encoding
	bytes []byte
}

// An encoding writes bytes as a text.
type encoding struct {
	name   string
	encode func([]byte) string
	decode func(string) ([]byte, error)
}

var hexEncodings = []encoding{
	{"hex", hex.EncodeToString, hex.DecodeString},
	{"upper hex", func(b []byte) string { return fmt.Sprintf("%X", b) }, hex.DecodeString},
}

var base64Encodings = []encoding{
	{"base64url", base64.RawURLEncoding.EncodeToString, base64.RawURLEncoding.DecodeString},
	{"padded base64url", base64.URLEncoding.EncodeToString, base64.URLEncoding.DecodeString},
	{"base64", base64.StdEncoding.EncodeToString, base64.StdEncoding.DecodeString},
	{"unpadded base64", base64.RawStdEncoding.EncodeToString, base64.RawStdEncoding.DecodeString},
}

// readingsOf returns what a text may say, as hex and as base64. A text that is in neither
// has no reading.
func readingsOf(text string) (all []reading) {
	for _, family := range [][]encoding{hexEncodings, base64Encodings} {
		for _, e := range family {
			if b, err := e.decode(text); err == nil && e.encode(b) == text {
				all = append(all, reading{e, b})
				break
			}
		}
	}
	return all
}

func newCodeForger(t CodeTarget) (*codeForger, error) {
	var names []string
	for _, g := range codeGroups {
		names = append(names, g.name)
	}
	if err := onlyNames("CodeTarget.Skip", t.Skip, names); err != nil {
		return nil, err
	}
	switch {
	case t.Code == "":
		return nil, errors.New("authtest: CodeTarget.Code is empty: set it to a good code")
	case t.Code == t.Second:
		return nil, errors.New("authtest: CodeTarget.Second is Code: set it to another good code, or leave it empty")
	case t.Code == t.Token:
		return nil, errors.New("authtest: CodeTarget.Token is Code: set it to a session token, or leave it empty")
	}
	for _, other := range t.Others {
		if other != "" && (other == t.Code || other == t.Second) {
			return nil, errors.New("authtest: CodeTarget.Others has Code or Second, which get in: remove it")
		}
	}
	return &codeForger{
		CodeTarget: t,
		readings:   readingsOf(t.Code),
		seen:       map[string]bool{t.Code: true, t.Second: t.Second != ""},
	}, nil
}

// add puts a text into the table, in the current group, unless it is there already or is a
// good code.
func (f *codeForger) add(name, text, why string) {
	key := text
	if f.group == groupAsToken {
		key = groupAsToken + "\x00" + text // goes elsewhere
	}
	if f.seen[key] {
		return
	}
	f.seen[key] = true
	f.addAnyhow(name, text, why)
}

// addAnyhow is add for texts that may be Code.
func (f *codeForger) addAnyhow(name, text, why string) {
	f.attacks = append(f.attacks, Attack{Group: f.group, Name: f.group + ": " + name, Why: why, Token: text})
}

// addAll adds each attack of a list, whose reason is the same.
func (f *codeForger) addAll(why string, list []named) {
	for _, n := range list {
		f.add(n.name, n.text, why)
	}
}

type named struct{ name, text string }

// others returns what Second and Others are called in the names of attacks.
func (f *codeForger) others() (list []named) {
	if f.Second != "" {
		list = append(list, named{"the second code", f.Second})
	}
	for i, text := range f.Others {
		if text != "" {
			list = append(list, named{fmt.Sprintf("other %d", i+1), text})
		}
	}
	return list
}

// shared returns the readings of two texts in one encoding.
func shared(a, b []reading) (pairs [][2]reading) {
	for _, x := range a {
		i := slices.IndexFunc(b, func(y reading) bool { return x.name == y.name })
		if i >= 0 {
			pairs = append(pairs, [2]reading{x, b[i]})
		}
	}
	return pairs
}
