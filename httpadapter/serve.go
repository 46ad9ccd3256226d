package httpadapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/deskauth/deskauth"
	"github.com/deskauth/deskauth/internal/strictjson"
)

// readBody returns a request's body, nil for none. It counts the bytes as it reads them,
// whatever Content-Length says. An empty body may have any content type: Tiledesk's clients
// send several.
func (a *adapter) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, a.maxBodyBytes))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refusef(errLargeBody, "The request body is over %d bytes.", a.maxBodyBytes)
	}
	if err != nil {
		return nil, refusef(errBadBody, "The request body could not be read.")
	}
	if len(body) == 0 {
		return nil, nil
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, refusef(errMediaType, "The request body must be application/json: set Content-Type.")
	}
	encoding := r.Header.Get("Content-Encoding")
	if encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, refusef(errMediaType, "The request body must not be compressed: leave out Content-Encoding.")
	}
	return body, nil
}

// ignoreBody reads a body in which nothing counts. It is empty, null, or a JSON object.
func (a *adapter) ignoreBody(w http.ResponseWriter, r *http.Request) error {
	return a.decodeAny(w, r, &struct{}{})
}

// decodeAny is decode for a body that need not be there, and may be null.
func (a *adapter) decodeAny(w http.ResponseWriter, r *http.Request, request any) error {
	body, err := a.readBody(w, r)
	if err != nil || string(bytes.Trim(body, " \t\r\n")) == "null" {
		return err
	}
	_, err = fill(request, body)
	return err
}

// A form is a decoded request: what was given for each field of the request struct.
type form []field

// A field is one of the request struct, and what was given for it.
type field struct {
	name      string // of the struct field and of the use case's input, like "FirstName"
	param     string // on the wire, like "firstname"
	given     strictjson.Value
	secret    bool // it is never shown
	wrongType bool
}

// mistyped stands in a text field for a value that is not a string. It is not valid UTF-8,
// so no client can send it, and every use case refuses it together with what else is wrong.
const mistyped = "\xff"

// decode reads a body and fills the struct that request points to.
func (a *adapter) decode(w http.ResponseWriter, r *http.Request, request any) (form, error) {
	body, err := a.readBody(w, r)
	if err != nil {
		return nil, err
	}
	return fill(request, body)
}

// fill is the only decoder. The names in the request's json tags are matched exactly.
func fill(request any, body []byte) (form, error) {
	var (
		buf     [16]strictjson.Member
		members = buf[:0]
		err     error
	)
	if body != nil { // else nothing is given, and the use case says what is missing
		members, err = strictjson.Object(body, members)
	}
	if err != nil {
		return nil, refusef(errBadBody, "The request body cannot be taken: %v.", err)
	}
	v := reflect.ValueOf(request).Elem()
	f := make(form, 0, v.NumField())
	for i := range v.NumField() {
		field := field{name: v.Type().Field(i).Name, param: v.Type().Field(i).Tag.Get("json")}
		if field.param == "-" { // the client cannot set it
			continue
		}
		for _, m := range members {
			if string(m.Name) == field.param {
				field.bind(m.Value, v.Field(i).Addr().Interface())
			}
		}
		f = append(f, field)
	}
	return f, nil
}

// decodeOwn is decode for a request about the caller's own account, whose token it returns.
func (a *adapter) decodeOwn(w http.ResponseWriter, r *http.Request, request any) (form, deskauth.Secret, error) {
	f, err := a.decode(w, r, request)
	if err != nil {
		return nil, deskauth.Secret{}, err
	}
	token, err := bearer(r)
	return f, deskauth.NewSecret(token), err
}

// bind stores a value in a field of the request struct.
func (f *field) bind(given strictjson.Value, to any) {
	f.given = given
	_, f.secret = to.(*deskauth.Secret)
	if given.IsNull() { // as if it were absent
		return
	}
	raw, ok := to.(*json.RawMessage)
	if ok { // the use case looks into it
		*raw = json.RawMessage(given)
		return
	}
	text, ok := given.Text()
	if !ok {
		text, f.wrongType = mistyped, true
	}
	switch to := to.(type) {
	case *string:
		*to = text
	case **string:
		*to = &text
	case *deskauth.Secret:
		*to = deskauth.NewSecret(text)
	default:
		panic(fmt.Sprintf("httpadapter: a request has a field of type %T", to))
	}
}

// explain turns the field errors of a use case into the wire's, with the client's names and
// values. It leaves every other error alone.
func (f form) explain(err error) error {
	invalid, ok := errors.AsType[*deskauth.ValidationError](err)
	if !ok {
		return err
	}
	var answer fieldErrors
	for _, e := range invalid.Fields {
		for _, field := range f {
			if field.name != e.Field {
				continue
			}
			entry := fieldError{Message: e.Message, Param: field.param, Location: "body"}
			if field.wrongType {
				entry.Message = "must be a string"
			}
			if !field.secret {
				entry.Value = json.RawMessage(field.given)
			}
			answer.Errors = append(answer.Errors, entry)
		}
	}
	return &answer
}

func (e *fieldErrors) Error() string { return errFields.Error() }
func (e *fieldErrors) Unwrap() error { return errFields }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// write is the only encoder. An answer that cannot be encoded becomes a 500, and its error
// is an answerError.
func write(w http.ResponseWriter, status int, answer any) error {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	encoder := json.NewEncoder(b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(answer)
	if err != nil {
		status, err = http.StatusInternalServerError, &answerError{err: err}
		b.Reset()
		encoder.Encode(internalError)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(bytes.TrimSuffix(b.Bytes(), []byte("\n"))) // fails if the client has gone
	return err
}
