package jose_test

import (
	"crypto/rand"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/jose"
)

const plainText = "a secret of a project, which is 40 bytes"

// inUTF16 is what some shells write into a file, without the mark at its beginning.
var inUTF16 = strings.Join(strings.Split(plainText, ""), "\x00") + "\x00"

// wrapped are secrets with what came with them from a file, a variable or an editor.
var wrapped = map[string]string{
	plainText + "\n":                       "has a line break at its end; remove it, as strings.TrimSpace does",
	plainText + "\r":                       "has a line break at its end; remove it",
	plainText + "\r\n":                     "has a line break at its end; remove it",
	plainText + "\n\n":                     "has a line break at its end; remove it",
	"\n" + plainText:                       "has a line break at its beginning; remove it",
	plainText + " ":                        "has a blank at its end; remove it",
	" " + plainText:                        "has a blank at its beginning; remove it",
	plainText + "\t":                       "has an invisible character (U+0009) at its end; remove it",
	"\ufeff" + plainText:                   "has a byte order mark (U+FEFF) at its beginning; remove it (",
	plainText + "\u00a0":                   "has an invisible character (U+00A0) at its end; remove it",
	plainText + "\u200b":                   "has an invisible character (U+200B) at its end; remove it (strings.Trim",
	`"` + plainText + `"`:                  "stands in quotes, which would be a part of the secret; remove them",
	"'" + plainText + "'":                  "stands in quotes",
	"`" + plainText + "`":                  "stands in quotes",
	"“" + plainText + "”":                  "stands in quotes",
	`"` + plainText + "\"\n":               "has a line break at its end",
	` "` + plainText + `"`:                 "has a blank at its beginning",
	"päss" + plainText + "\n":              "has a line break at its end",
	"秘密" + plainText + "\u3000":            "has an invisible character (U+3000) at its end",
	strings.Repeat("s", 31) + "\n":         "has a line break at its end", // not one byte of 32
	"short\n":                              "has a line break at its end",
	strings.Repeat(" ", 40):                "has a blank at its end",
	`"` + strings.Repeat("s", 5) + `"`:     "stands in quotes",
	`"` + plainText + "'":                  "stands in quotes", // of two kinds
	"„" + plainText + "“":                  "stands in quotes",
	"‹" + plainText + "›":                  "stands in quotes",
	`"` + plainText:                        "has a quote at its beginning and none at its end",
	plainText + `"`:                        "has a quote at its end and none at its beginning",
	"'" + plainText:                        "has a quote at its beginning and none at its end",
	plainText + "'":                        "has a quote at its end and none at its beginning",
	"“" + plainText:                        "has a quote at its beginning and none at its end",
	plainText + "’":                        "has a quote at its end and none at its beginning",
	"«" + plainText:                        "has a quote at its beginning and none at its end",
	plainText + "\x00":                     "is a text with a NUL byte; remove it",
	"\x00" + plainText:                     "is a text with a NUL byte",
	plainText + "\x00" + plainText:         "is a text with a NUL byte",
	plainText + strings.Repeat("\x00", 24): "is a text with a NUL byte", // a field of 64 bytes
	inUTF16:                                "is a text with a NUL byte; remove it, or use the UTF-8 form",
	plainText + "\n" + plainText:           "has more than one line",
	plainText + "\r\n" + plainText:         "has more than one line",
	plainText + "\rand more":               "has more than one line",
	plainText + "\u2028" + plainText:       "has more than one line",
	"päss\n" + plainText:                   "has more than one line",
	plainText + `\n`:                       `ends with the two characters \n`,
	plainText + `\r\n`:                     `ends with the two characters \n`,
	plainText + `\t`:                       `ends with the two characters \t`,
	plainText + `\0`:                       `ends with the two characters \0`,
}

// A secret with something around it is refused, as a string and as bytes.
func TestS05_SecretsWithSomethingAround(t *testing.T) {
	t.Parallel()
	for text, want := range wrapped {
		for name, material := range map[string]any{"a string": text, "bytes": []byte(text)} {
			for _, alg := range []string{jose.HS256, jose.HS384, jose.HS512} {
				_, err := jose.NewKey(alg, "", material)
				if want == "" && err == nil {
					continue
				}
				if err == nil || want == "" || !strings.Contains(err.Error(), want) {
					t.Errorf("%q as %s: got the error %v, want one with %q", text, name, err, want)
				}
				if err != nil && strings.Contains(err.Error(), "project") {
					t.Errorf("%q as %s: the error quotes the secret: %v", text, name, err)
				}
			}
		}
	}
}

// What only looks like that is a part of the secret: in random bytes, and inside of a text.
func TestSecretsThatEndOddly(t *testing.T) {
	t.Parallel()
	random := make([]byte, 32)
	for _, end := range []byte{'\n', '\r', ' ', '\t', '"', '\'', 0, 0xa0, 0xff} {
		for range 2000 {
			rand.Read(random)
			random[0], random[31] = end, end
			if _, err := jose.NewKey(jose.HS256, "", random); err != nil {
				t.Fatalf("random bytes % x: got the error %v, want nil", random, err)
			}
		}
	}
	for _, text := range []string{
		plainText, `a "quoted" word in ` + plainText, "it's in " + plainText,
		plainText + "!", plainText + "=", plainText + ".", "5b9c2b34-7fd2-4a1f-9b0e-2f0a5f0c1d2e",
		"tab\tinside of " + plainText, plainText + "\n\x01", "\xff" + plainText + "\n", "\x01\x00" + plainText,
		plainText + "é", plainText + "e\u0301", plainText + `\`, plainText + `\N`, `\n in ` + plainText, plainText + "n",
	} {
		for _, material := range []any{text, []byte(text)} {
			if _, err := jose.NewKey(jose.HS256, "", material); err != nil {
				t.Errorf("%q: got the error %v, want nil", text, err)
			}
		}
	}
}
