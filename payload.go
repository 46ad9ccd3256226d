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

// sessionPayload returns the claims of a session token, in the order that the wire format
// has them. An external user's own claims stand in the middle and cannot be one of ours.
func (a *Auth) sessionPayload(acc Account, s sessionTimes) ([]byte, error) {
	p := payload(make([]byte, 0, 512+2*len(acc.Attributes)))
	p = append(p, '{')
	switch acc.Kind {
	case KindUser:
		p.text("_id", acc.ID)
		p.text("email", acc.Email)
		p.text("firstname", acc.FirstName)
		p.text("lastname", acc.LastName)
		p.raw("emailverified", strconv.FormatBool(acc.EmailVerified))
	case KindGuest:
		p.text("_id", acc.ID)
		p.text("email", acc.Email)
		p.text("firstname", acc.FirstName)
		if acc.LastName != "" {
			p.text("lastname", acc.LastName)
		}
		p.text("id_project", acc.ProjectID)
	case KindExternal:
		if err := p.external(acc.User); err != nil {
			return nil, err
		}
	default:
		return nil, fmt.Errorf("deskauth: the store answered with an account of kind %.20q", acc.Kind)
	}
	p.raw("iat", strconv.FormatInt(s.issuedAt, 10))
	p.raw("exp", strconv.FormatInt(s.expires, 10))
	p.text("aud", a.cfg.Issuer)
	p.text("iss", a.cfg.Issuer)
	p.text("sub", string(acc.Kind))
	p.text("jti", s.id)
	p.raw("auth_time", strconv.FormatInt(s.authTime, 10))
	p.raw("epoch", strconv.FormatInt(acc.SessionEpoch, 10))
	return append(p, '}'), nil
}

// payload is the text of a JSON object that is being written.
type payload []byte

func (p *payload) name(name string) {
	if len(*p) > 1 {
		*p = append(*p, ',')
	}
	*p = strictjson.AppendString(*p, name)
	*p = append(*p, ':')
}

func (p *payload) text(name, value string) {
	p.name(name)
	*p = strictjson.AppendString(*p, value)
}

func (p *payload) raw(name, value string) {
	p.name(name)
	*p = append(*p, value...)
}

func (p *payload) external(u User) error {
	email, others, err := profile.Split(u.Attributes)
	if err != nil {
		return fmt.Errorf("deskauth: account %s: %w", u.ID, err)
	}
	p.text("_id", u.ExternalID)
	if email != nil {
		p.raw("email", string(email))
	}
	if u.FirstName != "" {
		p.text("firstname", u.FirstName)
	}
	if u.LastName != "" {
		p.text("lastname", u.LastName)
	}
	for _, m := range others {
		p.raw(string(m.Name), string(m.Value))
	}
	p.text("id_project", u.ProjectID)
	p.text("uid", u.ID)
	return nil
}
