package httpadapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// An httpError is refused here, before it comes to a use case.
type httpError struct {
	status int
	msg    string
}

func (e *httpError) Error() string { return e.msg }

func badRequest(format string, args ...any) error {
	return &httpError{status: http.StatusBadRequest, msg: fmt.Sprintf(format, args...)}
}

// readBody returns a request's body, nil for none. The size is counted as it is read,
// whatever Content-Length says. An empty body is accepted whatever its content type:
// Tiledesk's clients send none with any.
func (a *adapter) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.maxBodyBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, &httpError{http.StatusRequestEntityTooLarge, fmt.Sprintf("The request body is over %d bytes.", a.maxBodyBytes)}
	}
	if err != nil {
		return nil, badRequest("The request body could not be read.")
	}
	if len(body) == 0 {
		return nil, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, &httpError{http.StatusUnsupportedMediaType, "The request body must be application/json: set Content-Type."}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, &httpError{http.StatusUnsupportedMediaType, "The request body must not be compressed: leave out Content-Encoding."}
	}
	return body, nil
}

// A form is a decoded request: what was given for each field of the request struct.
type form struct {
	fields []field
}

// A field is one of the request struct, and what was given for it.
type field struct {
	name      string // of the struct field and of the use case's input, like "FirstName"
	param     string // on the wire, like "firstname"
	given     strictjson.Value
	wrongType bool
}

// mistyped stands in a string field for a value that is no string. It is not valid UTF-8,
// so no client can send it and every use case refuses it, together with what else is wrong.
const mistyped = "\xff"

// decode is the only decoder. It fills the struct that request points at by its json tags,
// whose names are matched exactly.
func (a *adapter) decode(w http.ResponseWriter, r *http.Request, request any) (form, error) {
	body, err := a.readBody(w, r)
	if err != nil {
		return form{}, err
	}
	if body == nil {
		return form{}, badRequest("The request body is empty; send a JSON object.")
	}
	var few [16]strictjson.Member
	members, err := strictjson.Object(body, few[:0])
	if err != nil {
		return form{}, badRequest("The request body cannot be taken: %v.", err)
	}
	v := reflect.ValueOf(request).Elem()
	f := form{fields: make([]field, 0, v.NumField())}
	for i := range v.NumField() {
		field := field{name: v.Type().Field(i).Name, param: v.Type().Field(i).Tag.Get("json")}
		if field.param == "-" { // not the client's to say
			continue
		}
		for _, m := range members {
			if string(m.Name) == field.param {
				field.bind(m.Value, v.Field(i))
			}
		}
		f.fields = append(f.fields, field)
	}
	return f, nil
}

func (f *field) bind(given strictjson.Value, to reflect.Value) {
	f.given = given
	if to.Kind() != reflect.String { // a json.RawMessage: the use case looks into it
		to.SetBytes(given)
		return
	}
	if given.IsNull() { // as if it were absent
		return
	}
	text, ok := given.Text()
	if !ok {
		text, f.wrongType = mistyped, true
	}
	to.SetString(text)
}

// explain turns the field errors of a use case into the wire's: the client's names and
// values. Every other error it leaves alone.
func (f form) explain(err error) error {
	invalid, ok := errors.AsType[*deskauth.ValidationError](err)
	if !ok {
		return err
	}
	var answer fieldErrors
	for _, e := range invalid.Fields {
		for _, field := range f.fields {
			if field.name != e.Field {
				continue
			}
			entry := fieldError{Message: e.Message, Param: field.param, Location: "body"}
			if field.wrongType {
				entry.Message = "must be a string"
			}
			if field.param != "password" {
				entry.Value = json.RawMessage(field.given)
			}
			answer.Errors = append(answer.Errors, entry)
		}
	}
	return &answer
}

func (e *fieldErrors) Error() string { return "unprocessable" }

// statuses is the only table of what an error of a use case is in HTTP.
var statuses = []struct {
	err    error
	status int
	msg    string
}{
	{deskauth.ErrInvalidCredentials, http.StatusUnauthorized, "Authentication failed. Wrong email or password."},
	{deskauth.ErrInvalidToken, http.StatusUnauthorized, "Unauthorized."},
	{deskauth.ErrAccountDisabled, http.StatusUnauthorized, "Authentication failed. The account is disabled."},
	{deskauth.ErrProjectNotFound, http.StatusNotFound, "Project not found."},
	{deskauth.ErrTooManyAttempts, http.StatusTooManyRequests, "Too many attempts. Try again later."},
	{deskauth.ErrBusy, http.StatusServiceUnavailable, "Too busy. Try again soon."},
}

// writeError is the only way out for errors. What is not named is a failure: its text
// stays in the log, where the use case has put it.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	if invalid, ok := errors.AsType[*fieldErrors](err); ok {
		write(w, http.StatusUnprocessableEntity, invalid)
		return
	}
	if errors.Is(err, deskauth.ErrUserExists) {
		write(w, http.StatusForbidden, conflict{Message: "Email already registered"})
		return
	}
	if retry, ok := errors.AsType[*deskauth.RetryError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(retry.After.Seconds()))))
	}
	if e, ok := errors.AsType[*httpError](err); ok {
		write(w, e.status, failure{Msg: e.msg})
		return
	}
	for _, s := range statuses {
		if errors.Is(err, s.err) {
			write(w, s.status, failure{Msg: s.msg})
			return
		}
	}
	if r.Context().Err() != nil { // the client went, or a deadline of the host's came
		w.Header().Set("Retry-After", "1")
		write(w, http.StatusServiceUnavailable, failure{Msg: "It took too long. Try again."})
		return
	}
	write(w, http.StatusInternalServerError, failure{Msg: "Internal error."})
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// write is the only encoder. An answer that cannot be encoded becomes a 500, and the error
// is for the log.
func write(w http.ResponseWriter, status int, answer any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(answer)
	if err != nil {
		status = http.StatusInternalServerError
		b.Reset()
		b.WriteString(`{"success":false,"msg":"Internal error."}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n"))) // a client that went needs no answer
	return err
}
