package jose_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// Every byte is tried for the last digit of a run that is just long enough.
func TestS02_DigitsThatSpellAKey(t *testing.T) {
	t.Parallel()
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
	run := base64.StdEncoding.EncodeToString(madePKCS8[:12])
	for value := range 256 {
		text, want := append([]byte(run[:15]), byte(value)), ""
		if value < 0x80 && strings.ContainsRune(digits, rune(value)) {
			want = "a private key in base64"
		}
		if got := nameOf(t, text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// Each text is at a bound, or one step beyond it.
func TestS02_TextsThatAreAlmostKeys(t *testing.T) {
	t.Parallel()
	certificate := hex.EncodeToString(madeCert[:8])
	serial := sequence(sequence(integer(8, 1), sequence(madeOID)))
	const marked = "\xff\xfea\x00b\x00c\x00d\x00e\x00f\x00"
	for text, want := range map[string]string{
		certificate:                                    "a certificate in hexadecimal",
		certificate + "3":                              "a certificate in hexadecimal",
		certificate[:15] + "~":                         "",
		"~" + certificate + "~":                        "a certificate in hexadecimal",
		certificate[:8] + "~" + certificate:            "a certificate in hexadecimal",
		base64.StdEncoding.EncodeToString(serial[:15]): "a certificate in base64",
		base64.StdEncoding.EncodeToString(serial[:12]): "",
		marked:                                   "a text in UTF-16",
		marked + "-----BEGIN ":                   "a PEM text",
		marked + "<RSAKeyValue>":                 "an RSA key in XML",
		strings.Repeat(" ", 32):                  "",
		"":                                       "",
		"\ufeff":                                 "",
		`{"kty":`:                                "a JSON Web Key",
		` [{"keys" :`:                            "a JSON Web Key",
		`the "keys": in a phrase, or its "kty":`: "",
		`{the keys: in a phrase}`:                "",
	} {
		if got := nameOf(t, []byte(text)); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// More than half of the characters after a mark are of an alphabet.
func TestS02_TextsInUTF16AreMostlyLetters(t *testing.T) {
	t.Parallel()
	orders := map[string]binary.AppendByteOrder{"\xff\xfe": binary.LittleEndian, "\xfe\xff": binary.BigEndian}
	for mark, order := range orders {
		for _, units := range []int{32, 33} {
			for letters := range units + 1 {
				text, want := []byte(mark), ""
				for range units - letters {
					text = order.AppendUint16(text, 0x0800)
				}
				for range letters {
					text = order.AppendUint16(text, 0x07ff)
				}
				if letters > units/2 {
					want = "a text in UTF-16"
				}
				for _, text := range [][]byte{text, append(text, 0x08)} { // and half a character
					if got := nameOf(t, text); got != want {
						t.Errorf("% x, %d of %d are letters: got %q, want %q", text, letters, units, got, want)
					}
				}
			}
		}
	}
}
