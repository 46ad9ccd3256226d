package claims

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// A Custom is what a custom token says of a user of another system.
type Custom struct {
	ExternalID string // `_id`
	FirstName  string
	LastName   string
	Attributes []byte // the other claims that are kept: a compact JSON object, or nil
	TokenID    string // `jti`
	GuestToken string // `guest_token`: a session token of ours, unchecked
	Times

	// Notes say which claims of the profile could not be kept as they were, a phrase each.
	Notes []string
}

// Rules are what a host allows in a profile.
type Rules struct {
	Roles    []string                // the values of `role` that are kept
	Reserved func(email string) bool // reports an address that is nobody's to claim; or nil
}

// maxNotes bounds what a token can write into a log.
const maxNotes = 8

// ReadCustom reads the payload of a token whose signature is good. Of the claims that mean
// something in a session token, or by which others grant rights, none is kept. flaws are
// those of a payload that [strictjson.Mend] has read.
//
// What says who the user is and how long the token is good has to be right to the letter. A
// profile only describes: a name or claim that cannot be kept is mended or left out,
// because it must not lock its owner out, and stands in Notes. After an error the Custom
// has the ExternalID, if that was read.
func ReadCustom(payload Members, flaws []strictjson.Flaw, rules Rules) (Custom, error) {
	var (
		r        = customReader{rules: rules}
		buf      [16]strictjson.Member
		kept     = Members(buf[:0])
		external bool
		wrong    error
	)
	if len(flaws) > 0 {
		payload, wrong = r.withoutFlaws(payload, flaws)
	}
	for _, m := range payload {
		ok := true
		switch name := string(m.Name); name {
		case "sub":
			external = m.Value.Equals(KindExternal)
		case "_id":
			r.ExternalID, ok = externalID(m.Value)
		case "firstname":
			r.FirstName = r.name(m)
		case "lastname":
			r.LastName = r.name(m)
		case "guest_token":
			r.GuestToken = r.guestToken(m)
		case "iat", "exp", "nbf":
			ok = r.Times.read(name, m.Value)
		case "jti":
			r.TokenID, _ = m.Value.Text() // only shown: another type counts as none
		default:
			if r.inProfile(m) {
				kept = append(kept, m)
			}
		}
		if !ok && wrong == nil {
			wrong = badValue(m)
		}
	}
	switch {
	case wrong != nil:
	case !external:
		wrong = fmt.Errorf("%w is not %q", bad("sub"), KindExternal)
	case r.ExternalID == "":
		wrong = fmt.Errorf("%w is missing", bad("_id"))
	}
	if wrong != nil {
		return Custom{ExternalID: r.ExternalID}, wrong
	}
	r.Attributes = Join(kept)
	if len(r.Attributes) > MaxProfileBytes {
		r.Attributes = Join(r.fitting(kept))
	}
	if r.unnoted > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("and %d more", r.unnoted))
	}
	return r.Custom, nil
}

type customReader struct {
	Custom
	rules   Rules
	unnoted int // notes that were too many
}

func (r *customReader) note(m strictjson.Member, what string) {
	if len(r.Notes) == maxNotes {
		r.unnoted++
		return
	}
	r.Notes = append(r.Notes, fmt.Sprintf("%.40q %s", string(m.Name), what))
}

// withoutFlaws notes which claims were mended. Of the others it returns the payload, for
// what else can be said of it, and the error of the first: a name twice inside of a claim
// has no one meaning, and only strangers nest too deep.
func (r *customReader) withoutFlaws(payload Members, flaws []strictjson.Flaw) (rest Members, wrong error) {
	rest = slices.Clone(payload)
	for _, f := range flaws {
		m := payload[f.Member]
		if f.Mended && !isExact(m) {
			r.note(m, "had half of a surrogate pair, which is U+FFFD now")
			continue
		}
		if wrong == nil {
			wrong = fmt.Errorf("%w: %w", bad(fmt.Sprintf("%.40q", string(m.Name))), f.Err)
		}
		rest[f.Member] = strictjson.Member{} // no claim that is kept has an empty name
	}
	return rest, wrong
}

// isExact reports whether a claim says who the user is, or how long the token is good.
func isExact(m strictjson.Member) bool {
	switch string(m.Name) {
	case "sub", "aud", "_id", "iat", "exp", "nbf":
		return true
	}
	return false
}

// inProfile reports whether a claim belongs to the profile.
func (r *customReader) inProfile(m strictjson.Member) bool {
	switch string(m.Name) {
	case "email":
		text, isText := m.Value.Text()
		reserved := r.rules.Reserved != nil && r.rules.Reserved(text)
		switch {
		case !isText && !m.Value.IsNull():
			r.note(m, "is no text and was left out")
		case reserved:
			r.note(m, "is a reserved address and was left out")
		}
		return isText && !reserved && r.portable(m)
	case "role":
		text, isText := m.Value.Text()
		return isText && slices.Contains(r.rules.Roles, text)
	}
	if !allowed(m.Name) || fold(string(m.Name)) == "role" {
		return false
	}
	return r.portable(m)
}

// portable reports whether a database can read what it stores, and a session token hold it.
func (r *customReader) portable(m strictjson.Member) bool {
	err := m.Portable()
	if err != nil {
		r.note(m, "was left out: "+err.Error())
	}
	return err == nil
}

// fitting returns the claims that a profile has room for, the address first.
func (r *customReader) fitting(claims Members) Members {
	slices.SortStableFunc(claims, func(a, b strictjson.Member) int {
		return boolToInt(isEmail(b)) - boolToInt(isEmail(a))
	})
	size := len("{")
	return slices.DeleteFunc(claims, func(m strictjson.Member) bool {
		room := len(strictjson.AppendString(nil, string(m.Name))) + len(":") + len(m.Value.Compact()) + len(",")
		if size+room > MaxProfileBytes {
			r.note(m, fmt.Sprintf("does not fit into the %d bytes of a profile and was left out", MaxProfileBytes))
			return true
		}
		size += room
		return false
	})
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// externalID returns a claimed `_id`: a text that is not blank, or an integer, which stands
// for the text of its digits.
func externalID(v strictjson.Value) (id string, ok bool) {
	id, _ = v.Text() // empty if v is not a text
	if v.Integer() {
		id = string(v)
	}
	if !IsExternalID(id) {
		return "", false
	}
	return id, true
}

// IsExternalID reports whether a text can be the `_id` of a custom token. It must be valid
// UTF-8.
func IsExternalID(id string) bool { return strings.TrimSpace(id) != "" && isPlain(id, MaxIDBytes) }

// guestToken returns what is claimed to be a token. Of another type it locks nobody out.
func (r *customReader) guestToken(m strictjson.Member) string {
	text, ok := optionalText(m.Value)
	if !ok {
		r.note(m, "is no text and was left out")
	}
	return text
}

// name returns what is kept of a claimed name. White space stands for its kind, other
// control characters go, and what is too long is cut between two characters. null is none.
func (r *customReader) name(m strictjson.Member) string {
	text, ok := optionalText(m.Value)
	if !ok {
		r.note(m, "is no text and was left out")
		return ""
	}
	clean := strings.Map(func(c rune) rune {
		switch {
		case !unicode.IsControl(c):
			return c
		case unicode.IsSpace(c):
			return ' '
		}
		return -1
	}, text)
	if clean != text {
		r.note(m, "lost its control characters")
	}
	if len(clean) > MaxNameBytes {
		r.note(m, fmt.Sprintf("was cut to %d bytes", MaxNameBytes))
		cut := MaxNameBytes
		for !utf8.RuneStart(clean[cut]) {
			cut--
		}
		clean = clean[:cut]
	}
	return clean
}
