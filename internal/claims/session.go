package claims

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/deskauth/deskauth/internal/strictjson"
)

// A Session is what a session token says. Its fields stand in the order of the wire.
type Session struct {
	AccountID     string // `uid`; of users and guests `_id`, too
	ExternalID    string // `_id` of an external user
	Email         string // of users and guests; of an external user where Attributes have none
	FirstName     string
	LastName      string
	EmailVerified bool   // of users
	Attributes    []byte // of guests and external users: a compact JSON object, or nil
	ProjectID     string // `id_project`, of guests and external users

	Times              // `iat`, `exp`, and of foreign tokens `nbf`
	Issuer   string    // `iss`, and the same as `aud`
	Kind     string    // `sub`
	TokenID  string    // `jti`: new for each token
	ID       string    // `sid`: stays through renewals; empty in foreign tokens
	AuthTime time.Time // when the person signed in
	Methods  []string  // `amr`: how the person was authenticated, RFC 8176
	Epoch    int64     // of the account
	NoEpoch  bool      // the token has none: it is foreign

	// Reserved reports an address that no external user may claim. Or it is nil.
	Reserved func(email string) bool
}

// Append appends the payload of a session token to dst, in the order of the wire. What
// other systems say of a person stands under `attributes`, where it cannot be any of ours.
func (s *Session) Append(dst []byte) (payload []byte, err error) {
	dst = append(dst, '{')
	switch s.Kind {
	case KindUser:
		dst = appendText(dst, `"_id":`, s.AccountID)
		dst = appendText(dst, `,"uid":`, s.AccountID)
		dst = appendText(dst, `,"email":`, s.Email)
		dst = appendText(dst, `,"firstname":`, s.FirstName)
		dst = appendText(dst, `,"lastname":`, s.LastName)
		dst = append(dst, `,"emailverified":`...)
		dst = strconv.AppendBool(dst, s.EmailVerified)
	case KindGuest:
		dst = appendText(dst, `"_id":`, s.AccountID)
		dst = appendText(dst, `,"uid":`, s.AccountID)
		dst = appendText(dst, `,"email":`, s.Email)
		dst = appendText(dst, `,"firstname":`, s.FirstName)
		dst = appendOptional(dst, `,"lastname":`, s.LastName)
		dst, err = appendAttributes(dst, s.Attributes)
		dst = appendText(dst, `,"id_project":`, s.ProjectID)
	case KindExternal:
		dst = appendText(dst, `"_id":`, s.ExternalID)
		dst, err = s.appendProfile(dst)
		dst = appendText(dst, `,"id_project":`, s.ProjectID)
		dst = appendText(dst, `,"uid":`, s.AccountID)
	default:
		err = fmt.Errorf("there is no kind of account named %.20q", s.Kind)
	}
	if err != nil {
		return nil, err
	}
	dst = appendInt(dst, `,"iat":`, s.IssuedAt.Unix())
	dst = appendInt(dst, `,"exp":`, s.ExpiresAt.Unix())
	dst = appendText(dst, `,"aud":`, s.Issuer)
	dst = appendText(dst, `,"iss":`, s.Issuer)
	dst = appendText(dst, `,"sub":`, s.Kind)
	dst = appendText(dst, `,"jti":`, s.TokenID)
	dst = appendText(dst, `,"sid":`, s.ID)
	dst = appendInt(dst, `,"auth_time":`, s.AuthTime.Unix())
	dst = appendInt(dst, `,"epoch":`, s.Epoch)
	for i, method := range s.Methods {
		separator := `,`
		if i == 0 {
			separator = `,"amr":[`
		}
		dst = appendText(dst, separator, method)
	}
	if len(s.Methods) > 0 {
		dst = append(dst, ']')
	}
	return append(dst, '}'), nil
}

// appendProfile appends what another system says of its user: the address and the names
// where it has them, and the rest under one name.
func (s *Session) appendProfile(dst []byte) ([]byte, error) {
	var buf [16]strictjson.Member
	others, err := stored(s.Attributes, buf[:0])
	if err != nil {
		return nil, err
	}
	others, email := takeEmail(others)
	if s.Reserved != nil {
		address, _ := email.Text()
		if s.Reserved(address) {
			email = nil
		}
	}
	if email != nil {
		dst = append(append(dst, `,"email":`...), email...)
	} else {
		dst = appendOptional(dst, `,"email":`, s.Email)
	}
	dst = appendOptional(dst, `,"firstname":`, s.FirstName)
	dst = appendOptional(dst, `,"lastname":`, s.LastName)
	return appendMembers(dst, others), nil
}

// takeEmail takes the address out of a profile: a text that is not empty.
func takeEmail(profile Members) (others Members, email strictjson.Value) {
	for i, m := range profile {
		if isEmail(m) && m.Value.IsString() && len(m.Value) > len(`""`) { // else no reader takes the token
			return slices.Delete(profile, i, i+1), m.Value
		}
	}
	return profile, nil
}

func appendAttributes(dst, attributes []byte) ([]byte, error) {
	var buf [16]strictjson.Member
	members, err := stored(attributes, buf[:0])
	if err != nil {
		return nil, err
	}
	return appendMembers(dst, members), nil
}

// appendMembers appends `attributes`, unless there are none.
func appendMembers(dst []byte, members Members) []byte {
	if len(members) == 0 {
		return dst
	}
	dst = append(dst, `,"attributes":{`...)
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendMember(dst, m)
	}
	return append(dst, '}')
}

// appendOptional leaves an empty value out.
func appendOptional(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return appendText(dst, name, value)
}

func appendText(dst []byte, name, value string) []byte {
	return strictjson.AppendString(append(dst, name...), value)
}

func appendInt(dst []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(dst, name...), value, 10)
}
