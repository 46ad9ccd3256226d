package jose_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

// S04: one token has one spelling. A second one would slip past a list of revoked tokens, a
// cache or a log. ECDSA signatures are the exception that no envelope can mend: for each
// (r, s) there is an (r, n−s), a different signature that is as good.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// spelled returns a token of p with many ways to misspell it: its header and claims end in
// a digit with unused bits, and the parts have both - and _ in them.
func spelled(t *testing.T, p party) string {
	t.Helper()
	header, payload := `{"alg":"`+p.alg+`","x":"~~~???>>>"}`, `{"sub":"user","x":"?>~?>~?>~>>>???~~~"}`
	for len(header)%3 == 0 {
		header += " "
	}
	for len(payload)%3 == 0 {
		payload += " "
	}
	for range 1000 {
		token := forge(header, payload, p.sign)
		ok := true
		for part := range strings.SplitSeq(token, ".") {
			ok = ok && strings.ContainsAny(part, "-_")
		}
		if ok && strings.Contains(token, "-") && strings.Contains(token, "_") {
			return token
		}
		payload += "   " // another signature
	}
	t.Fatal("no token of " + p.alg + " has the digits 62 and 63")
	return ""
}

// misspellings calls try with every variant of token that a reader might take for it.
func misspellings(token string, try func(variant string)) {
	for i := range token {
		try(token[:i])               // truncated
		try(token[i+1:])             // beheaded
		try(token[:i] + token[i+1:]) // without a byte
		try(token[:i] + token[i:i+1] + token[i:])
	}
	for i := range len(token) + 1 {
		for _, s := range []string{
			"\r", "\n", "\r\n", " ", "\t", "\v", "\f", "\x00", "=", "==", ".", "+", "/", "-", "_",
			"%0A", "%3D", "\\n", `"`, ",", ";",
			"A", "\u00a0", "\u0085", "\u2028", "\u200b", "\ufeff", "\u00ad", "\xff", "é",
		} {
			try(token[:i] + s + token[i:])
		}
	}
	standard := strings.NewReplacer("-", "+", "_", "/")
	try(standard.Replace(token))
	try(strings.Replace(token, "-", "+", 1))
	try(strings.Replace(token, "_", "/", 1))
	try(strings.ToLower(token))
	try(strings.ToUpper(token))
	try(strings.ReplaceAll(token, ".", "\u3002")) // an ideographic full stop
	try(strings.ReplaceAll(token, ".", "%2E"))
	part := strings.Split(token, ".")
	for i := range part {
		good := part[i]
		for _, pad := range []string{"=", "==", "===", "====", "A", "AA", "AAA", "AAAA"} {
			part[i] = good + pad
			try(strings.Join(part, "."))
		}
		part[i] = standard.Replace(good)
		try(strings.Join(part, "."))
		for _, c := range alphabet { // the unused bits of the last digit among them
			part[i] = good[:len(good)-1] + string(c)
			try(strings.Join(part, "."))
		}
		part[i] = good
	}
}

func TestS04_OneTokenHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		t.Run(p.alg, func(t *testing.T) {
			t.Parallel()
			token, k, tried := spelled(t, p), p.key(t, ""), 0
			if !opens(token, k) {
				t.Fatalf("%s: not even the token itself is accepted", p.alg)
			}
			misspellings(token, func(variant string) {
				if variant != token {
					tried++
					mustRefuse(t, variant, k)
				}
			})
			if tried < 30*len(token) {
				t.Errorf("only %d variants", tried)
			}
		})
	}
}

// Every byte at every place: 255 times the token's length.
func TestS04_EverySingleByteSubstitution(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	token, k := []byte(spelled(t, p)), p.key(t, "")
	for i, good := range token {
		for b := range 256 {
			if token[i] = byte(b); token[i] != good {
				mustRefuse(t, string(token), k)
			}
		}
		token[i] = good
	}
	if !opens(string(token), k) {
		t.Error("the token itself is refused")
	}
}

// The key's holder can sign a wrong spelling. The signature is then right for the bytes as
// they stand, and nothing but the envelope can refuse them.
func TestS04_SignedMisspellings(t *testing.T) {
	t.Parallel()
	p := one(ours(), jose.HS256)
	k := p.key(t, "")
	text := map[string]string{"header": `{"alg":"HS256","x":"???~~~"} `, "payload": `{"sub":"user","x":"???>>>"}    `}
	signed := func(misspell, instead string) string {
		parts := map[string]string{"header": b64(text["header"]), "payload": b64(text["payload"])}
		if misspell != "" {
			parts[misspell] = instead
		}
		return forgeParts(parts["header"], parts["payload"], p.sign)
	}
	mustOpen(t, signed("", ""), k, text["payload"])
	for part := range text {
		good := b64(text[part])
		last := strings.IndexByte(alphabet, good[len(good)-1])
		short := strings.TrimRight(text[part], " ")
		whole := short + strings.Repeat(" ", 3-len(short)%3) // its base64 has no unused bits
		for name, instead := range map[string]string{
			"padding":                 base64.URLEncoding.EncodeToString([]byte(text[part])),
			"standard alphabet":       base64.RawStdEncoding.EncodeToString([]byte(text[part])),
			"standard, padding":       base64.StdEncoding.EncodeToString([]byte(text[part])),
			"half the padding":        good + "=",
			"unused bit":              good[:len(good)-1] + alphabet[last+1:last+2],
			"lone digit":              b64(whole) + "A",
			"LF at the end":           good + "\n",
			"CR at the end":           good + "\r",
			"LF at the start":         "\n" + good,
			"CR LF inside, like MIME": good[:8] + "\r\n" + good[8:],
			"LF inside, out of step":  good[:5] + "\n" + good[5:],
			"space":                   good[:8] + " " + good[8:],
			"tab at the end":          good + "\t",
			"NUL":                     good + "\x00",
			"no-break space":          "\u00a0" + good,
			"quotes":                  `"` + good + `"`,
			"percent encoding":        good + "%3D",
			"not encoded":             strings.ReplaceAll(text[part], ".", ""),
			"exclamation mark":        good + "!",
			"nothing":                 "",
			"line breaks alone":       "\r\n",
		} {
			if instead == good {
				t.Fatalf("%s, %s: that is no misspelling", part, name)
			}
			mustRefuse(t, signed(part, instead), k)
		}
	}
}

// The signature part decodes to the right bytes in each of these and is spelled wrongly.
func TestS04_MisspelledSignatures(t *testing.T) {
	t.Parallel()
	for _, p := range ours() {
		k := p.key(t, "")
		signed := b64(`{"alg":"`+p.alg+`"}`) + "." + b64(claims)
		signature := p.sign(signed)
		good := b64(string(signature))
		variants := []string{
			good[:len(good)/2] + "\n" + good[len(good)/2:], good[:4] + "\r\n" + good[4:],
			"\n" + good, good + "\n", good + "\r\n", good + " ", " " + good,
		}
		if padded := base64.URLEncoding.EncodeToString(signature); padded != good {
			variants = append(variants, padded)
			last := strings.IndexByte(alphabet, good[len(good)-1])
			for bits := 1; last+bits < len(alphabet) && bits < 1<<(len(signature)%3*2%6); bits++ {
				variants = append(variants, good[:len(good)-1]+alphabet[last+bits:last+bits+1])
			}
		}
		if standard := base64.RawStdEncoding.EncodeToString(signature); standard != good {
			variants = append(variants, standard)
		}
		mustOpen(t, signed+"."+good, k, claims)
		for _, v := range variants {
			mustRefuse(t, signed+"."+v, k)
		}
	}
}
