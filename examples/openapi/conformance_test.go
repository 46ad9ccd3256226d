package openapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/errors"
)

func toJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func fromJSON(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// headerExample returns a value that a header may have.
func headerExample(schema node) string {
	if text, ok := schema["const"].(string); ok {
		return text
	}
	if values, ok := schema["enum"].([]any); ok {
		return values[0].(string)
	}
	return "1"
}

// explain puts what a validator says into one text, and nothing for nothing.
func explain(ok bool, errs []*errors.ValidationError) string {
	if ok {
		return ""
	}
	var all []string
	for _, err := range errs {
		text := err.Message + ": " + err.Reason
		for _, cause := range err.SchemaValidationErrors {
			text += fmt.Sprintf("; %s at %s", cause.Reason, cause.FieldPath)
		}
		all = append(all, text)
	}
	return strings.Join(all, "\n")
}

func invalidRequest(v validator.Validator, e exchange) string {
	return explain(v.ValidateHttpRequestSync(e.request()))
}

func invalidAnswer(v validator.Validator, e exchange) string {
	return explain(v.ValidateHttpResponse(e.request(), e.response()))
}

// Everything that the handlers answer is in the document, with each header.
func TestAnswersAreInTheDocument(t *testing.T) {
	t.Parallel()
	text := readDocument(t)
	s, v := readSpec(t, text), newValidator(t, text)
	for _, e := range goldens(t) {
		operation := s.operation(e.method, e.path)
		if operation == nil {
			checkUnknown(t, s, e)
			continue
		}
		if problem := invalidAnswer(v, e); problem != "" {
			t.Errorf("%s: %s %s: the document has no answer %d %s:\n%s", e.name, e.method, e.path, e.status, e.body, problem)
		}
		if problem := otherHeaders(s.at(operation, "responses", strconv.Itoa(e.status), "headers"), e); problem != "" {
			t.Errorf("%s: %s", e.name, problem)
		}
	}
}

// checkUnknown checks an answer to a path or a method that is not there.
func checkUnknown(t *testing.T, s spec, e exchange) {
	t.Helper()
	name := map[int]string{http.StatusNotFound: "NotFound", http.StatusMethodNotAllowed: "MethodNotAllowed"}[e.status]
	response := s.at(s.root, "components", "responses", name)
	if name == "" || len(response) == 0 {
		t.Errorf("%s: the document has no %s %s, and the answer is %d", e.name, e.method, e.path, e.status)
		return
	}
	if problem := otherHeaders(s.at(response, "headers"), e); problem != "" {
		t.Errorf("%s: %s", e.name, problem)
	}
	content := s.at(response, "content", "application/json")
	got, want := fromJSON(t, e.body).(node), content["example"].(node)
	if got["code"] != want["code"] || !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
		t.Errorf("%s: got %s, want the members and the code of %v", e.name, e.body, want)
	}
}

// otherHeaders says which headers an answer has that the document has not, or the other way
// round. Every header of the document is always there.
func otherHeaders(headers node, e exchange) string {
	want := []string{"Content-Type"}
	for name := range headers {
		want = append(want, http.CanonicalHeaderKey(name))
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(e.answer)); !slices.Equal(got, want) {
		return fmt.Sprintf("a %d of %s %s has the headers %q, and in the document %q", e.status, e.method, e.path, got, want)
	}
	return ""
}

// exceptions are the golden requests of which the document does not say whether they are
// taken.
var exceptions = map[string]string{
	`link.txt: no token: 7`:                                 "the document asks for a text; another value links nothing",
	`link.txt: no token: {"token":"$third"}`:                "the same",
	`signinAnonymously.txt: attributes of 4 KiB and a byte`: "JSON Schema has no size of an object",
	`users.txt: attributes over 8 KiB`:                      "the same",
	`users.txt: attributes that no database reads`:          "nor what stands at any depth of it",
}

// What the handlers take is valid in the document, and what they refuse with 422 is not.
func TestRequestsAreInTheDocument(t *testing.T) {
	t.Parallel()
	text := readDocument(t)
	s, v := readSpec(t, text), newValidator(t, text)
	met := 0
	for _, e := range goldens(t) {
		if s.operation(e.method, e.path) == nil {
			continue
		}
		problem := invalidRequest(v, e)
		if _, ok := exceptions[e.name]; ok {
			if met++; (e.status == http.StatusOK) == (problem == "") {
				t.Errorf("%s is no exception", e.name)
			}
			continue
		}
		switch {
		case e.status == http.StatusOK && problem != "":
			t.Errorf("%s: %s %s %v %.200s is taken, and is not valid in the document:\n%s",
				e.name, e.method, e.path, e.header, e.requestBody, problem)
		case e.status == http.StatusUnprocessableEntity && problem == "":
			t.Errorf("%s: %s %s %.200s is refused, and is valid in the document", e.name, e.method, e.path, e.requestBody)
		}
	}
	if met != len(exceptions) {
		t.Errorf("%d exceptions were met, want %d", met, len(exceptions))
	}
}

// Each property in the document is in a golden request or answer. So one that is made up
// there is found, also if it is optional.
func TestPropertiesAreMet(t *testing.T) {
	t.Parallel()
	s, seen := readSpec(t, readDocument(t)), map[string]bool{}
	for _, e := range goldens(t) {
		operation := s.operation(e.method, e.path)
		if operation == nil {
			continue
		}
		at := e.method + " " + e.path
		_, readsBody := operation["requestBody"] // others ignore what comes
		if readsBody && e.requestBody != "" && e.status < 300 {
			content := s.at(operation, "requestBody", "content", "application/json")
			s.properties(content["schema"], fromJSON(t, e.requestBody), seen, at)
		}
		response := s.at(operation, "responses", strconv.Itoa(e.status))
		s.properties(s.at(response, "content", "application/json")["schema"], fromJSON(t, e.body), seen, at)
	}
	for _, property := range slices.Sorted(maps.Keys(seen)) {
		if !seen[property] {
			t.Errorf("%s is in the document, and in no golden file", property)
		}
	}
	if len(seen) < 60 {
		t.Errorf("the document has %d properties: the test does not find them", len(seen))
	}
}
