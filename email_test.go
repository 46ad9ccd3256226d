package deskauth_test

import (
	"strings"
	"testing"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/testkit"
)

// longDomain has 185 bytes: three labels of 60 and a TLD.
var longDomain = strings.Repeat("d", 60) + "." + strings.Repeat("e", 60) + "." + strings.Repeat("f", 60) + ".it"

var acceptedEmails = []struct{ name, address, canonical string }{
	{"plain", "andrea.leo@f22.it", "andrea.leo@f22.it"},
	{"upper case", "Andrea.LEO@F22.IT", "andrea.leo@f22.it"},
	{"every sign of an atom", "!#$%&'*+-/=?^_`{|}~@f22.it", "!#$%&'*+-/=?^_`{|}~@f22.it"},
	{"a tag, which is another mailbox", "andrea+desk@f22.it", "andrea+desk@f22.it"},
	{"one letter", "a@b.c", "a@b.c"},
	{"digits", "1@2.it", "1@2.it"},
	{"a hyphen at the ends of the local part", "-a-@f22.it", "-a-@f22.it"},
	{"inner hyphens", "a@f--2.co-op.it", "a@f--2.co-op.it"},
	{"punycode", "a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"},
	{"TLD with a digit", "a@b.c0m", "a@b.c0m"},
	{"local part of 64", strings.Repeat("L", 64) + "@f22.it", strings.Repeat("l", 64) + "@f22.it"},
	{"label of 63", "a@" + strings.Repeat("d", 63) + ".it", "a@" + strings.Repeat("d", 63) + ".it"},
	{"254 bytes", strings.Repeat("l", 64) + "@x12." + longDomain, strings.Repeat("l", 64) + "@x12." + longDomain},
}

var refusedEmails = []struct{ name, address string }{
	{"the Kelvin sign for k", "andrea@\u212aiosk.it"},
	{"the Kelvin sign in the local part", "\u212aate@f22.it"},
	{"the dotted capital I", "andrea@f22.\u0130t"},
	{"the dotless i", "andrea@f22.\u0131t"},
	{"the long s", "\u017fam@f22.it"},
	{"full-width letters", "\uff41ndrea@f22.it"},
	{"a full-width at sign", "andrea\uff20f22.it"},
	{"a full-width dot", "andrea@f22\uff0eit"},
	{"an ideographic dot", "andrea@f22\u3002it"},
	{"NFC", "andr\u00e9@f22.it"},
	{"NFD", "andre\u0301@f22.it"},
	{"a Cyrillic a", "\u0430ndrea@f22.it"},
	{"a zero-width space", "andrea\u200b@f22.it"},
	{"a zero-width joiner", "andrea@f\u200d22.it"},
	{"a soft hyphen", "and\u00adrea@f22.it"},
	{"a byte order mark", "\ufeffandrea@f22.it"},
	{"a no-break space", "andrea@f22.it\u00a0"},
	{"right to left", "\u202eti.22f@aerdna"},
	{"invalid UTF-8", "andrea\xff@f22.it"},
	{"a byte of Latin-1", "andr\xe9@f22.it"},

	{"a quoted local part", `"andrea"@f22.it`},
	{"a quoted at sign", `"andrea@evil"@f22.it`},
	{"a backslash", `andrea\@evil@f22.it`},
	{"a comment behind", "andrea(comment)@f22.it"},
	{"a comment in the domain", "andrea@(comment)f22.it"},
	{"a display name", "Andrea <andrea@f22.it>"},
	{"angle brackets", "<andrea@f22.it>"},
	{"mailto", "mailto:andrea@f22.it"},
	{"two addresses", "andrea@f22.it,eve@evil.it"},
	{"two addresses by semicolon", "andrea@f22.it;eve@evil.it"},
	{"two at signs", "andrea@f22.it@evil.it"},
	{"a source route", "@evil.it:andrea@f22.it"},

	{"a newline behind", "andrea@f22.it\n"},
	{"a newline inside", "andrea@f22.it\nBcc:eve@evil.it"},
	{"CR LF", "andrea@f22.it\r\n"},
	{"a NUL behind", "andrea@f22.it\x00"},
	{"a NUL inside", "andrea\x00@f22.it"},
	{"a tab", "andrea\t@f22.it"},
	{"DEL", "andrea\x7f@f22.it"},
	{"a blank before", " andrea@f22.it"},
	{"a blank behind", "andrea@f22.it "},
	{"a blank inside", "andrea leo@f22.it"},

	{"a trailing dot", "andrea@f22.it."},
	{"a leading dot", ".andrea@f22.it"},
	{"a dot before the at sign", "andrea.@f22.it"},
	{"a dot after the at sign", "andrea@.f22.it"},
	{"two dots", "andrea..leo@f22.it"},
	{"two dots in the domain", "andrea@f22..it"},
	{"an IP literal", "andrea@[127.0.0.1]"},
	{"an IPv6 literal", "andrea@[IPv6:::1]"},
	{"a bare IP address", "andrea@127.0.0.1"},
	{"a TLD of digits", "andrea@f22.123"},
	{"one label", "andrea@localhost"},
	{"a port", "andrea@f22.it:25"},
	{"an underscore in the domain", "andrea@f_22.it"},
	{"a hyphen before a label", "andrea@-f22.it"},
	{"a hyphen behind a label", "andrea@f22-.it"},
	{"a hyphen behind the TLD", "andrea@f22.it-"},
	{"local part of 65", strings.Repeat("l", 65) + "@f22.it"},
	{"label of 64", "a@" + strings.Repeat("d", 64) + ".it"},
	{"255 bytes", strings.Repeat("l", 64) + "@x123." + longDomain},
	{"a megabyte", strings.Repeat("a.", 1<<19) + "a@f22.it"},
	{"no local part", "@f22.it"},
	{"no domain", "andrea@"},
	{"no at sign", "andrea.f22.it"},
	{"only an at sign", "@"},
	{"nothing", ""},
}

func TestS21_EveryMailboxHasOneSpelling(t *testing.T) {
	t.Parallel()
	for _, tt := range acceptedEmails {
		got, err := deskauth.CanonicalEmail(tt.address)
		if err != nil || got != tt.canonical {
			t.Errorf("%s: CanonicalEmail(%q) = %q, %v; want %q", tt.name, tt.address, got, err, tt.canonical)
		}
		if again, err := deskauth.CanonicalEmail(got); err != nil || again != got {
			t.Errorf("%s: a second time %q becomes %q, %v", tt.name, got, again, err)
		}
	}
	if n := len(acceptedEmails[len(acceptedEmails)-1].address); n != 254 {
		t.Errorf("the longest address of the table has %d bytes, want 254", n)
	}
}

func TestS21_OtherSpellingsAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range refusedEmails {
		got, err := deskauth.CanonicalEmail(tt.address)
		if err == nil || got != "" {
			t.Errorf("%s: CanonicalEmail(%.80q) = %q, %v; want an error", tt.name, tt.address, got, err)
			continue
		}
		if text := err.Error(); strings.Contains(text, "evil") || len(text) > 100 {
			t.Errorf("%s: the error repeats what was given: %.200q", tt.name, text)
		}
	}
	if _, err := deskauth.CanonicalEmail("andr\u00e9@f22.it"); err == nil || !strings.Contains(err.Error(), "ASCII") {
		t.Errorf("the error for an international address does not say what is allowed: %v", err)
	}
}

// The same table at the door: an odd spelling reaches no account, signs up none, and is
// told what is wrong without a look into the store.
func TestS21_OddSpellingsReachNoAccount(t *testing.T) {
	t.Parallel()
	k := testkit.New(t, deskauth.Config{})
	for _, victim := range []string{
		"andrea@f22.it", "andrea@kiosk.it", "kate@f22.it", "sam@f22.it", "andre@f22.it",
	} {
		k.MustSignup(t, victim, "correct horse")
	}
	accounts := k.Store.Len()
	in := testkit.Andrea()
	for _, tt := range refusedEmails {
		_, err := k.TrySignin(t, tt.address, "correct horse")
		testkit.WantFields(t, tt.name+": Signin", err, "Email")
		in.Email = tt.address
		_, err = k.Signup(t.Context(), in)
		testkit.WantFields(t, tt.name+": Signup", err, "Email")
	}
	if n := k.Store.Len(); n != accounts {
		t.Errorf("the store has %d accounts, want %d", n, accounts)
	}
}

func FuzzCanonicalEmail(f *testing.F) {
	for _, tt := range acceptedEmails {
		f.Add(tt.address)
	}
	for _, tt := range refusedEmails {
		if len(tt.address) < 1000 {
			f.Add(tt.address)
		}
	}
	f.Fuzz(func(t *testing.T, address string) {
		got, err := deskauth.CanonicalEmail(address)
		if err != nil {
			if got != "" {
				t.Errorf("CanonicalEmail(%q) returns %q and %v", address, got, err)
			}
			return
		}
		if again, err := deskauth.CanonicalEmail(got); err != nil || again != got {
			t.Errorf("CanonicalEmail(%q) = %q, and of that %q, %v", address, got, again, err)
		}
		for i := range len(got) {
			if got[i] <= ' ' || got[i] >= 0x7f {
				t.Fatalf("CanonicalEmail(%q) = %q, with the byte %#x", address, got, got[i])
			}
		}
		// So two inputs of one result differ in the case of ASCII letters and in nothing
		// else.
		if folded := foldASCII(address); folded != got {
			t.Errorf("CanonicalEmail(%q) = %q; only the case may change: %q", address, got, folded)
		}
	})
}

func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// What the person who typed an address does not see is named, with its place.
func TestBlanksInAnAddressAreNamed(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"ada@example.com ":         "has a blank at its end: remove it",
		"ada@example.com  ":        "has a blank at its end: remove it",
		" ada@example.com":         "has a blank at its beginning: remove it",
		" ada@example.com ":        "has a blank at both ends: remove it",
		" ":                        "has a blank at its beginning: remove it",
		"ada @example.com":         "has a blank inside: remove it",
		"ada@ example.com":         "has a blank inside: remove it",
		"ada@example .com":         "has a blank inside: remove it",
		"ada@example.com\n":        "has a line break at its end: remove it",
		"ada@example.com\r\n":      "has a line break at its end: remove it",
		"ada\n@example.com":        "has a line break inside: remove it",
		"ada@example.com\t":        "has a blank (U+0009) at its end: remove it",
		"ada@example.com\u00a0":    "has a blank (U+00A0) at its end: remove it",
		"\u3000ada@example.com":    "has a blank (U+3000) at its beginning: remove it",
		"ada@example.com\u2028":    "has a blank (U+2028) at its end: remove it",
		"ada\u200b@example.com":    "has an invisible character (U+200B) inside: remove it",
		"ada@example.com\u200b":    "has an invisible character (U+200B) at its end: remove it",
		"\ufeffada@example.com":    "has an invisible character (U+FEFF) at its beginning: remove it",
		"\u202aada@example.com":    "has an invisible character (U+202A) at its beginning: remove it",
		"ad\u00ada@example.com":    "has an invisible character (U+00AD) inside: remove it",
		"ada@example.com\x00":      "has an invisible character (U+0000) at its end: remove it",
		"ada@example.com\u200b \n": "has an invisible character (U+200B) at its end: remove it",
		"ad\u00e1 @example.com":    "has a blank inside: remove it",
		"ad\u00e1@example.com":     "must be written in ASCII letters, digits and signs only",
		"ada":                      "is not a valid e-mail address",
	} {
		if _, err := deskauth.CanonicalEmail(address); err == nil || err.Error() != want {
			t.Errorf("%q: got the error %v, want %q", address, err, want)
		}
	}
	// So is it at a sign-up and a sign-in.
	k := testkit.New(t, deskauth.Config{})
	in := testkit.Andrea()
	in.Email += " "
	_, signup := k.Signup(t.Context(), in)
	_, signin := k.TrySignin(t, in.Email, testkit.AndreasPassword)
	for _, err := range []error{signup, signin} {
		testkit.WantFields(t, "a blank behind", err, "Email")
		if err == nil || !strings.Contains(err.Error(), "Email has a blank at its end") {
			t.Errorf("got the error %v, want one that names the blank", err)
		}
	}
}
