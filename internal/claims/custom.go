package claims

import (
	"fmt"
	"slices"
	"strings"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// A Custom is what a custom token says of a user of another system.
type Custom struct {
	ExternalID string // `_id`
	FirstName  string
	LastName   string
	Attributes []byte // the other claims that are kept: a compact JSON object, or nil
	TokenID    string // `jti`
	Times
}

// ReadCustom reads the payload of a token whose signature is good. Of the claims that mean
// something in a session token, or by which others grant rights, none is kept. Nor is a
// claim that a database could not read. `role` is kept if its value is one of roles.
func ReadCustom(payload Members, roles []string) (Custom, error) {
	var (
		c        Custom
		buf      [16]strictjson.Member
		kept     = Members(buf[:0])
		external bool
	)
	for _, m := range payload {
		ok := true
		switch name := string(m.Name); name {
		case "sub":
			external = m.Value.Equals(KindExternal)
		case "_id":
			c.ExternalID, ok = externalID(m.Value)
		case "firstname":
			c.FirstName, ok = claimedName(m.Value)
		case "lastname":
			c.LastName, ok = claimedName(m.Value)
		case "iat", "exp", "nbf":
			ok = c.Times.read(name, m.Value)
		case "jti":
			c.TokenID, _ = m.Value.Text() // only shown: another type counts as none
		default:
			var keep bool
			keep, ok = inProfile(m, roles)
			if keep {
				kept = append(kept, m)
			}
		}
		if !ok {
			return Custom{}, bad(string(m.Name))
		}
	}
	c.Attributes = Join(kept)
	switch {
	case !external:
		return Custom{}, fmt.Errorf("%w is not %q", bad("sub"), KindExternal)
	case c.ExternalID == "":
		return Custom{}, fmt.Errorf("%w is missing", bad("_id"))
	case len(c.Attributes) > MaxProfileBytes:
		return Custom{}, fmt.Errorf("the profile has %d bytes; %d are allowed", len(c.Attributes), MaxProfileBytes)
	}
	return c, nil
}

// inProfile reports whether a claim belongs to the profile, and whether its value can be
// taken at all.
func inProfile(m strictjson.Member, roles []string) (keep, ok bool) {
	switch string(m.Name) {
	case "email":
		return m.Value.IsString() && m.Portable() == nil, m.Value.IsString() || m.Value.IsNull()
	case "role":
		role, isText := m.Value.Text()
		return isText && slices.Contains(roles, role), true
	}
	return allowed(m.Name) && fold(string(m.Name)) != "role" && m.Portable() == nil, true
}

// externalID returns a claimed `_id`: a text that is not blank, or an integer, which stands
// for the text of its digits.
func externalID(v strictjson.Value) (id string, ok bool) {
	id, ok = v.Text()
	if !ok && v.Integer() {
		id, ok = string(v), true
	}
	return id, ok && IsExternalID(id)
}

// IsExternalID reports whether a text can be the `_id` of a custom token. It must be valid
// UTF-8.
func IsExternalID(id string) bool { return strings.TrimSpace(id) != "" && isPlain(id, MaxIDBytes) }

// claimedName returns a claimed name. null is none.
func claimedName(v strictjson.Value) (name string, ok bool) {
	name, ok = optionalText(v)
	return name, ok && isPlain(name, MaxNameBytes)
}
