package claims

import (
	"fmt"
	"strconv"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// A Session is what a session token says. Its fields stand in the order of the wire.
type Session struct {
	AccountID     string // `_id`; of an external user `uid`
	ExternalID    string // `_id` of an external user
	Email         string // of users and guests; an external user's is in Attributes
	FirstName     string
	LastName      string
	EmailVerified bool   // written, of users
	ProjectID     string // `id_project`, of guests and external users
	Attributes    []byte // of external users: a compact JSON object, or nil

	Times              // `iat`, `exp`, and of foreign tokens `nbf`
	Issuer   string    // `iss`, and the same as `aud`
	Kind     string    // `sub`
	ID       string    // `jti`
	AuthTime time.Time // when the person signed in
	Epoch    int64     // of the account
}

// Append appends the payload of a session token to dst, in the order of the wire. An
// external user's own claims stand in the middle and cannot be any of ours.
func (s *Session) Append(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	switch s.Kind {
	case KindUser:
		dst = appendText(dst, `"_id":`, s.AccountID)
		dst = appendText(dst, `,"email":`, s.Email)
		dst = appendText(dst, `,"firstname":`, s.FirstName)
		dst = appendText(dst, `,"lastname":`, s.LastName)
		dst = append(dst, `,"emailverified":`...)
		dst = strconv.AppendBool(dst, s.EmailVerified)
	case KindGuest:
		dst = appendText(dst, `"_id":`, s.AccountID)
		dst = appendText(dst, `,"email":`, s.Email)
		dst = appendText(dst, `,"firstname":`, s.FirstName)
		if s.LastName != "" {
			dst = appendText(dst, `,"lastname":`, s.LastName)
		}
		dst = appendText(dst, `,"id_project":`, s.ProjectID)
	case KindExternal:
		var err error
		dst, err = AppendExternal(dst, s.ExternalID, s.FirstName, s.LastName, s.Attributes)
		if err != nil {
			return nil, err
		}
		dst = appendText(dst, `,"id_project":`, s.ProjectID)
		dst = appendText(dst, `,"uid":`, s.AccountID)
	default:
		return nil, fmt.Errorf("there is no kind of account named %.20q", s.Kind)
	}
	dst = appendInt(dst, `,"iat":`, s.IssuedAt.Unix())
	dst = appendInt(dst, `,"exp":`, s.ExpiresAt.Unix())
	dst = appendText(dst, `,"aud":`, s.Issuer)
	dst = appendText(dst, `,"iss":`, s.Issuer)
	dst = appendText(dst, `,"sub":`, s.Kind)
	dst = appendText(dst, `,"jti":`, s.ID)
	dst = appendInt(dst, `,"auth_time":`, s.AuthTime.Unix())
	dst = appendInt(dst, `,"epoch":`, s.Epoch)
	return append(dst, '}'), nil
}

func appendText(dst []byte, name, value string) []byte {
	return strictjson.AppendString(append(dst, name...), value)
}

func appendInt(dst []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(dst, name...), value, 10)
}

// ReadSession reads the payload of a token whose signature is good. issuer is what `iss`
// and `aud` have to be. A token without `exp` is taken: its ExpiresAt is the zero time.
func ReadSession(payload Members, issuer string) (Session, error) {
	var (
		r    sessionReader
		buf  [8]strictjson.Member
		rest = Members(buf[:0]) // what an external user's system claims
	)
	for _, m := range payload {
		ours, ok := r.read(m, issuer)
		if !ok {
			return Session{}, bad(string(m.Name))
		}
		if !ours {
			rest = append(rest, m)
		}
	}
	if missing := r.missing(); missing != "" {
		return Session{}, bad(missing)
	}
	s := r.Session
	s.AccountID = r.id
	if s.Kind == KindExternal {
		s.AccountID, s.ExternalID, s.Email = r.uid, r.id, ""
		s.Attributes = Join(rest)
	}
	if s.AuthTime.Unix() <= 0 { // not said: the sign-in that issued the token
		s.AuthTime = s.IssuedAt
	}
	return s, nil
}

// A sessionReader collects the claims of a session token, whose order is free.
type sessionReader struct {
	Session
	audience bool
	id, uid  string
}

// read takes one claim. It reports whether the claim is ours in every session token, and
// false for a value that the claim cannot have.
func (r *sessionReader) read(m strictjson.Member, issuer string) (ours, ok bool) {
	switch name := string(m.Name); name {
	case "aud":
		r.audience = m.Value.Equals(issuer)
		return true, r.audience
	case "iss":
		r.Issuer = issuer
		return true, m.Value.Equals(issuer)
	case "sub":
		r.Kind, ok = kindOf(m.Value)
	case "_id":
		r.id, ok = m.Value.Text()
	case "uid":
		r.uid, ok = m.Value.Text()
	case "id_project":
		r.ProjectID, ok = optionalText(m.Value)
	case "firstname":
		r.FirstName, ok = optionalText(m.Value)
	case "lastname":
		r.LastName, ok = optionalText(m.Value)
	case "jti":
		r.ID, ok = optionalText(m.Value)
	case "epoch":
		var err error
		r.Epoch, err = strconv.ParseInt(string(m.Value), 10, 64)
		ok = err == nil
	case "auth_time":
		r.AuthTime, ok = numericDate(m.Value)
	case "iat", "exp", "nbf":
		ok = r.Times.read(name, m.Value)
	case "emailverified":
		ok = true
	case "email": // an external user's is its system's to say
		r.Email, ok = optionalText(m.Value)
		return false, ok
	default:
		return false, true
	}
	return true, ok
}

// missing returns the name of a claim that every session token has and this one has not.
func (r *sessionReader) missing() (name string) {
	switch {
	case !r.audience:
		return "aud"
	case r.Issuer == "":
		return "iss"
	case r.Kind == "":
		return "sub"
	case r.id == "":
		return "_id"
	case r.IssuedAt.IsZero():
		return "iat"
	case r.Kind == KindExternal && (r.uid == "" || r.ProjectID == ""):
		return "uid"
	}
	return ""
}

func kindOf(v strictjson.Value) (kind string, ok bool) {
	for _, kind := range [...]string{KindUser, KindGuest, KindExternal} {
		if v.Equals(kind) {
			return kind, true
		}
	}
	return "", false
}
