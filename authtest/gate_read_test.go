package authtest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

func threeParts(token string) (header, payload, signature string, ok bool) {
	part := strings.Split(token, ".")
	if len(part) != 3 {
		return "", "", "", false
	}
	return part[0], part[1], part[2], true
}

func strictBase64(part string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return b, err == nil && !strings.ContainsAny(part, "\r\n")
}

func strictObject(text []byte) (object, bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if !json.Valid(text) || !utf8.Valid(text) || hasDuplicate(d) {
		return nil, false
	}
	return looseObject(text)
}

// looseObject takes the last of two values of one name.
func looseObject(text []byte) (o object, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err := d.Decode(&o)
	return o, err == nil && o != nil
}

// hasDuplicate reports whether a value has a name twice. The text must be valid JSON.
func hasDuplicate(d *json.Decoder) bool {
	open, err := d.Token()
	delim, ok := open.(json.Delim)
	if err != nil || !ok {
		return false
	}
	found := false
	seen := map[any]bool{}
	for d.More() {
		if delim == '{' {
			name, err := d.Token()
			found = found || err != nil || seen[name]
			seen[name] = true
		}
		found = hasDuplicate(d) || found
	}
	_, err = d.Token()
	return found || err != nil
}
