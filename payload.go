package deskauth

import (
	"fmt"
	"strconv"

	"github.com/deskauth/deskauth/internal/profile"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// sessionTimes is what differs between two tokens of one account.
type sessionTimes struct {
	id                          string
	issuedAt, authTime, expires int64
}

// appendPayload appends the claims of a session token to p, in the order that the wire
// format has them. An external user's own claims stand in the middle and cannot be one of
// ours.
func (a *Auth) appendPayload(p []byte, acc *Account, s sessionTimes) ([]byte, error) {
	p = append(p, '{')
	switch acc.Kind {
	case KindUser:
		p = appendText(p, `"_id":`, acc.ID)
		p = appendText(p, `,"email":`, acc.Email)
		p = appendText(p, `,"firstname":`, acc.FirstName)
		p = appendText(p, `,"lastname":`, acc.LastName)
		p = append(p, `,"emailverified":`...)
		p = strconv.AppendBool(p, acc.EmailVerified)
	case KindGuest:
		p = appendText(p, `"_id":`, acc.ID)
		p = appendText(p, `,"email":`, acc.Email)
		p = appendText(p, `,"firstname":`, acc.FirstName)
		if acc.LastName != "" {
			p = appendText(p, `,"lastname":`, acc.LastName)
		}
		p = appendText(p, `,"id_project":`, acc.ProjectID)
	case KindExternal:
		var err error
		if p, err = profile.Append(p, acc.ExternalID, acc.FirstName, acc.LastName, acc.Attributes); err != nil {
			return nil, fmt.Errorf("deskauth: account %s: %w", acc.ID, err)
		}
		p = appendText(p, `,"id_project":`, acc.ProjectID)
		p = appendText(p, `,"uid":`, acc.ID)
	default:
		return nil, fmt.Errorf("deskauth: the store answered with an account of kind %.20q", acc.Kind)
	}
	p = appendInt(p, `,"iat":`, s.issuedAt)
	p = appendInt(p, `,"exp":`, s.expires)
	p = appendText(p, `,"aud":`, a.cfg.Issuer)
	p = appendText(p, `,"iss":`, a.cfg.Issuer)
	p = appendText(p, `,"sub":`, string(acc.Kind))
	p = appendText(p, `,"jti":`, s.id)
	p = appendInt(p, `,"auth_time":`, s.authTime)
	p = appendInt(p, `,"epoch":`, acc.SessionEpoch)
	return append(p, '}'), nil
}

func appendText(p []byte, name, value string) []byte {
	return strictjson.AppendString(append(p, name...), value)
}

func appendInt(p []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(p, name...), value, 10)
}
