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

// What a token can write into a log.
const (
	maxNotes     = 8
	maxNoteBytes = 2 << 10 // of all together
)

// ReadCustom reads the payload of a token whose signature is good. Of the claims that mean
// something in a session token, or by which others grant rights, none is kept. flaws are
// those of a payload that [strictjson.Mend] has read.
//
// What says who the user is and how long the token is good has to be right to the letter. A
// profile only describes: a name or claim that cannot be kept is mended or left out,
// because it must not lock its owner out, and stands in Notes. So does what is left out for
// its name, unless that is one of ours. After an error the Custom has the ExternalID, if
// that was read.
func ReadCustom(payload Members, flaws []strictjson.Flaw, rules Rules) (Custom, error) {
	var (
		r     = customReader{rules: rules}
		buf   [16]strictjson.Member
		kept  = Members(buf[:0])
		sub   strictjson.Value
		wrong error
	)
	if len(flaws) > 0 {
		payload, wrong = r.withoutFlaws(payload, flaws)
	}
	for _, m := range payload {
		ok := true
		switch name := string(m.Name); name {
		case "sub":
			sub = m.Value
		case "aud": // by which the project was found
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
	case sub == nil || !sub.Equals(KindExternal):
		wrong = fmt.Errorf("%w %s", bad("sub"), subProblem(sub))
	case r.ExternalID == "":
		wrong = fmt.Errorf("%w is missing: %s", bad("_id"), wantedID)
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
	noted   int // bytes of notes
	unnoted int // notes that were too many
}

func (r *customReader) note(m strictjson.Member, what string) {
	note := quoted(m.Name) + " " + what
	if len(r.Notes) == maxNotes || r.noted+len(note) > maxNoteBytes {
		r.unnoted++
		return
	}
	r.noted += len(note)
	r.Notes = append(r.Notes, note)
}

// quoted returns a name for a log. A token's bytes are its signer's.
func quoted(name []byte) string { return fmt.Sprintf("%.40q", string(name)) }

// inProfile reports whether a claim belongs to the profile.
func (r *customReader) inProfile(m strictjson.Member) bool {
	switch string(m.Name) {
	case "email":
		text, isText := m.Value.Text()
		reserved := r.rules.Reserved != nil && r.rules.Reserved(text)
		switch {
		case !isText && !m.Value.IsNull():
			r.note(m, "is not a text and was left out")
		case reserved:
			r.note(m, "is a reserved address and was left out")
		}
		return isText && !reserved && r.portable(m)
	case "role":
		text, isText := m.Value.Text()
		isRole := isText && slices.Contains(r.rules.Roles, text)
		if !isRole && !m.Value.IsNull() {
			r.note(m, "is not one of Config.CustomTokenRoles and was left out")
		}
		return isRole
	}
	if why := unkept(m.Name); why != "" {
		if !isOurs(m.Name) {
			r.note(m, why)
		}
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
		r.note(m, "is not a text and was left out")
	}
	return text
}

// name returns what is kept of a claimed name. White space stands for its kind, other
// control characters go, and what is too long is cut between two characters. null is none.
func (r *customReader) name(m strictjson.Member) string {
	text, ok := optionalText(m.Value)
	if !ok {
		r.note(m, "is not a text and was left out")
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
