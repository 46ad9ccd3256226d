package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/deskauth/deskauth"
	"github.com/golang-jwt/jwt/v5"
)

// minted are the claims that follow from the flags that every token needs.
var minted = []string{"sub", "aud", "iat", "exp", "_id"}

func (f mintFlags) tokenClaims(now time.Time) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	if f.claims != "" {
		members, err := strictObject([]byte(f.claims))
		if err != nil {
			return nil, fmt.Errorf("--claims %w", err)
		}
		for _, m := range members { // whose values stay as they were written
			if slices.Contains(minted, m.name) {
				return nil, fmt.Errorf("--claims cannot have %s: it follows from the flags", m.name)
			}
			claims[m.name] = m.value
		}
	}
	for _, named := range []struct{ flag, claim, text string }{
		{"first-name", "firstname", f.firstName}, {"last-name", "lastname", f.lastName}, {"email", "email", f.email},
	} {
		if named.text == "" {
			continue
		}
		if _, both := claims[named.claim]; both {
			return nil, fmt.Errorf("--claims has %s, and so says --%s: give one of them", named.claim, named.flag)
		}
		claims[named.claim] = named.text
	}
	claims["sub"] = deskauth.KindExternal
	claims["aud"] = f.audience + "/projects/" + f.project
	claims["_id"] = f.id
	claims["iat"] = now.Unix()
	claims["exp"] = now.Add(f.expires).Unix()
	return claims, nil
}

const likeClaims = ` it has to be one JSON object like {"plan":"gold"}`

// strictObject reads one JSON object in which no name is there twice, on any level: of such
// two, readers take one or the other. Its error goes on from the name of the text.
func strictObject(text []byte) (members, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	var first json.RawMessage
	switch err := d.Decode(&first); {
	case bytes.HasPrefix(text, []byte("\ufeff")):
		return nil, errors.New("begins with a byte order mark (U+FEFF): remove it")
	case err != nil:
		return nil, errors.New("is not JSON:" + likeClaims)
	case first[0] != '{':
		return nil, errors.New("is another kind of JSON:" + likeClaims)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("has more behind its JSON object: remove that")
	}
	if name, twice := nameTwice(json.NewDecoder(bytes.NewReader(first))); twice {
		return nil, fmt.Errorf("has a name twice%s: keep one of them", shownName(name))
	}
	members, err := readObject(first)
	for _, m := range members {
		if strings.ContainsRune(m.name, utf8.RuneError) {
			return nil, errors.New("has a name with half of a surrogate pair: mend it")
		}
	}
	return members, err
}

// nameTwice looks for a name that is twice in an object of a valid text, on any level.
func nameTwice(d *json.Decoder) (name string, twice bool) {
	first, _ := d.Token()
	delimiter, _ := first.(json.Delim)
	if delimiter != '{' && delimiter != '[' {
		return "", false
	}
	seen := make(map[string]bool)
	for d.More() {
		if delimiter == '{' {
			token, _ := d.Token()
			name, _ := token.(string)
			if seen[name] {
				return name, true
			}
			seen[name] = true
		}
		if name, twice := nameTwice(d); twice {
			return name, true
		}
	}
	_, _ = d.Token() // the end
	return "", false
}

var shortName = regexp.MustCompile(`^[A-Za-z_][A-Za-z_-]{0,19}$`)

// shownName returns a name for an error, if it is one that cannot be a part of a secret.
func shownName(name string) string {
	if !shortName.MatchString(name) {
		return ""
	}
	return ", " + name
}
