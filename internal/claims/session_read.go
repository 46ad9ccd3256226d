package claims

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// ReadSession reads the payload of a token whose signature is good. issuer is what `iss`
// and `aud` have to be. A token without `exp` is taken: its ExpiresAt is the zero time.
func ReadSession(payload Members, issuer string) (Session, error) {
	r := sessionReader{Session: Session{NoEpoch: true}}
	for _, m := range payload {
		if !r.read(m, issuer) {
			return Session{}, badValue(m)
		}
	}
	id, uid := r.share()
	if missing := r.missing(id, uid); missing != "" {
		return Session{}, bad(missing)
	}
	s := r.Session
	s.AccountID = id
	switch s.Kind {
	case KindExternal:
		s.AccountID, s.ExternalID, s.Email, s.EmailVerified = uid, id, "", false
		s.Attributes = joinProfile(r.texts[textEmail], r.attributes)
	case KindGuest:
		s.EmailVerified = false
		s.Attributes = joinProfile(nil, r.attributes)
	}
	if !s.AuthTime.After(time.Unix(0, 0)) { // none, or 0: the sign-in that issued the token
		s.AuthTime = s.IssuedAt
	}
	return s, nil
}

// joinProfile returns the attributes of a token, with the address before them. Each may be
// nil.
func joinProfile(email, attributes strictjson.Value) []byte {
	var (
		buf     [16]strictjson.Member
		members = Members(buf[:0])
	)
	if attributes != nil {
		members, _ = strictjson.Object(attributes, members) // an object, as read has seen
	}
	if email != nil {
		members = slices.DeleteFunc(members, isEmail)
		members = append(members, strictjson.Member{Name: []byte("email"), Value: email})
	}
	return Join(members)
}

// A sessionReader collects the claims of a session token, whose order is free.
type sessionReader struct {
	Session
	audience   bool
	attributes strictjson.Value
	texts      [numTexts]strictjson.Value
}

// The claims that are texts.
const (
	textID = iota
	textUID
	textEmail
	textFirstName
	textLastName
	textProjectID
	textTokenID
	textSessionID
	numTexts
)

// text takes a claim that is a text.
func (r *sessionReader) text(claim int, v strictjson.Value) (ok bool) {
	r.texts[claim] = v
	return v.IsString()
}

// optional takes a text, and null as the empty one.
func (r *sessionReader) optional(claim int, v strictjson.Value) (ok bool) {
	return v.IsNull() || r.text(claim, v)
}

// share gives each field its text. All of them are parts of one string: an allocation for
// each would cost more than reading them. It returns those that are no field.
func (r *sessionReader) share() (id, uid string) {
	var (
		buf  [512]byte // holds those of most tokens
		all  = buf[:0]
		ends [numTexts]int
	)
	for claim, v := range r.texts {
		all, _ = v.AppendText(all)
		ends[claim] = len(all)
	}
	shared, from := string(all), 0
	for claim, field := range [numTexts]*string{
		&id, &uid, &r.Email, &r.FirstName, &r.LastName, &r.ProjectID, &r.TokenID, &r.ID,
	} {
		*field = shared[from:ends[claim]]
		from = ends[claim]
	}
	return id, uid
}

// read takes one claim, and reports false for a value that it cannot have. It leaves out
// what it does not know.
func (r *sessionReader) read(m strictjson.Member, issuer string) (ok bool) {
	switch name := string(m.Name); name {
	case "aud":
		r.audience = m.Value.Equals(issuer)
		return r.audience
	case "iss":
		r.Issuer = issuer
		return m.Value.Equals(issuer)
	case "sub":
		r.Kind, ok = kindOf(m.Value)
	case "_id":
		ok = r.text(textID, m.Value)
	case "uid":
		ok = r.text(textUID, m.Value)
	case "id_project":
		ok = r.optional(textProjectID, m.Value)
	case "firstname":
		ok = r.optional(textFirstName, m.Value)
	case "lastname":
		ok = r.optional(textLastName, m.Value)
	case "jti":
		ok = r.optional(textTokenID, m.Value)
	case "sid":
		ok = r.text(textSessionID, m.Value) && isSessionID(m.Value[1:len(m.Value)-1])
	case "epoch":
		r.Epoch, ok = m.Value.Int64()
		r.NoEpoch = false
	case "auth_time":
		r.AuthTime, ok = numericDate(m.Value)
	case "iat", "exp", "nbf":
		ok = r.Times.read(name, m.Value)
	case "amr":
		r.Methods, ok = methods(m.Value), true
	case "email":
		ok = r.optional(textEmail, m.Value)
	case "emailverified": // of a foreign token it may be anything
		r.EmailVerified, ok = string(m.Value) == "true", true
	case "attributes": // of a foreign token it may be anything
		if m.Value[0] == '{' {
			r.attributes = m.Value
		}
		return true
	default:
		return true
	}
	return ok
}

// missing returns the name of a claim that every session token has and this one has not, or
// that contradicts another.
func (r *sessionReader) missing(id, uid string) (name string) {
	switch {
	case !r.audience:
		return "aud"
	case r.Issuer == "":
		return "iss"
	case r.Kind == "":
		return "sub"
	case id == "":
		return "_id"
	case r.IssuedAt.IsZero():
		return "iat"
	case r.Kind == KindExternal && uid == "":
		return "uid"
	case r.Kind != KindExternal && uid != "" && uid != id:
		return "uid"
	case r.Kind == KindExternal && r.ProjectID == "":
		return "id_project"
	}
	return ""
}

// methods returns the texts of a list. Of a foreign token `amr` may be anything.
func methods(v strictjson.Value) (list []string) {
	if json.Unmarshal(v, &list) != nil {
		return nil
	}
	return list
}

// isSessionID takes our UUIDs, and nothing that an account's State would have to escape.
func isSessionID(id []byte) bool {
	for i := range len(id) {
		c := id[i] | 0x20 // lower case
		if (c < 'a' || c > 'z') && (id[i] < '0' || id[i] > '9') && id[i] != '-' {
			return false
		}
	}
	return 0 < len(id) && len(id) <= 64
}

func kindOf(v strictjson.Value) (kind string, ok bool) {
	for _, kind := range [...]string{KindUser, KindGuest, KindExternal} {
		if v.Equals(kind) {
			return kind, true
		}
	}
	return "", false
}
