package httpadapter

import (
	"encoding/json"
	"time"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/claims"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// The structs list what may leave, in the order of the wire.

// failure is the body of every error but a 422. One of the three texts is there.
type failure struct {
	Success   bool   `json:"success"` // false
	Msg       string `json:"msg,omitempty"`
	Message   string `json:"message,omitempty"`    // where the reference says message
	Error     string `json:"error,omitempty"`      // of a code for a verification,
	ErrorCode int    `json:"error_code,omitempty"` // with a number of the reference's
	Code      string `json:"code"`
}

// fieldErrors is the body of a 422.
type fieldErrors struct {
	Errors []fieldError `json:"errors"`
	Code   string       `json:"code"`
}

type fieldError struct {
	Value    json.RawMessage `json:"value,omitempty"`
	Message  string          `json:"msg"`
	Param    string          `json:"param"`
	Location string          `json:"location"`
}

type signupResponse struct {
	Success bool    `json:"success"`
	Msg     string  `json:"msg"`
	User    account `json:"user"`
}

type profileResponse struct {
	Success     bool    `json:"success"`
	UpdatedUser account `json:"updatedUser"`
}

// done is the answer of what returns nothing.
type done struct {
	Success bool `json:"success"`
}

// told is the answer that says it in a text.
type told struct {
	Message string `json:"message"`
}

// sent is the answer to whoever asks for a mail, whether or not one is sent.
type sent struct {
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// changed is the answer of a code that has changed an account.
type changed struct {
	Message string  `json:"message"`
	User    account `json:"user"`
}

// account is all that is shown of an agent.
type account struct {
	agent
	record
	Attributes json.RawMessage `json:"attributes,omitempty"`
}

type sessionResponse struct {
	Success bool   `json:"success"`
	Token   string `json:"token"`
	User    any    `json:"user"`
}

// agent is how a user is shown.
type agent struct {
	ID            string `json:"_id"`
	Email         string `json:"email"`
	FirstName     string `json:"firstname"`
	LastName      string `json:"lastname"`
	EmailVerified bool   `json:"emailverified"`
}

// record is what a new account also shows.
type record struct {
	CreatedAt wireTime `json:"createdAt"`
	UpdatedAt wireTime `json:"updatedAt"`
	V         int      `json:"__v"` // what every new document of the reference server has: 0
}

type guest struct {
	ID            string `json:"_id"`
	Email         string `json:"email,omitempty"`
	FirstName     string `json:"firstname"`
	LastName      string `json:"lastname,omitempty"`
	EmailVerified bool   `json:"emailverified"`
	record
	Attributes json.RawMessage `json:"attributes,omitempty"`
	ProjectID  string          `json:"id_project,omitempty"`
}

// wireTime is UTC with milliseconds.
type wireTime time.Time

func (t wireTime) MarshalText() ([]byte, error) {
	return time.Time(t).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000Z"), nil
}

func newAgent(u deskauth.User) agent {
	return agent{ID: u.ID, Email: u.Email, FirstName: u.FirstName, LastName: u.LastName, EmailVerified: u.EmailVerified}
}

func newAccount(u deskauth.User) account { return account{newAgent(u), newRecord(u), u.Attributes} }

func newRecord(u deskauth.User) record {
	return record{CreatedAt: wireTime(u.CreatedAt), UpdatedAt: wireTime(u.UpdatedAt)}
}

// newSession shows a session with its user, by the user's kind.
func (a *adapter) newSession(s deskauth.Session) (sessionResponse, error) {
	answer := sessionResponse{Success: true, Token: "JWT " + s.Token}
	var err error
	switch u := s.User; u.Kind {
	case deskauth.KindGuest:
		if a.omitGuestEmail {
			u.Email = ""
		}
		answer.User = guest{
			ID:            u.ID,
			Email:         u.Email,
			FirstName:     u.FirstName,
			LastName:      u.LastName,
			EmailVerified: u.EmailVerified,
			record:        newRecord(u),
			Attributes:    u.Attributes,
			ProjectID:     u.ProjectID,
		}
	case deskauth.KindExternal:
		answer.User, err = newExternal(u)
	default:
		answer.User = newAgent(u)
	}
	return answer, err
}

// An answerError is the error of an answer that cannot be made. The use case has succeeded,
// so it is not in the log yet.
type answerError struct {
	user deskauth.User // the zero User if the answer is about none
	err  error
}

func (e *answerError) Error() string { return e.err.Error() }

// newExternal shows an external user: its ID in its own system, its names, and the other
// claims of its token, but for those that are reserved.
func newExternal(u deskauth.User) (json.RawMessage, error) {
	b, err := claims.AppendExternal([]byte{'{'}, u.ExternalID, u.FirstName, u.LastName, u.Attributes)
	if err != nil {
		return nil, &answerError{u, err}
	}
	b = strictjson.AppendString(append(b, `,"id_project":`...), u.ProjectID)
	return append(b, '}'), nil
}
