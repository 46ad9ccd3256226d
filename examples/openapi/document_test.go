package openapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
)

func readDocument(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../httpadapter/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// newValidator checks formats too, such as that of an e-mail address.
func newValidator(t *testing.T, text []byte) validator.Validator {
	t.Helper()
	document, err := libopenapi.NewDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(document, config.WithFormatAssertions())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return v
}

// A node is an object of the document.
type node = map[string]any

// A spec is the document as JSON, for what a validator does not tell.
type spec struct{ root node }

func readSpec(t *testing.T, text []byte) spec {
	t.Helper()
	var s spec
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// at returns what stands behind the names, where a reference counts as what it refers to,
// and an empty node for nothing.
func (s spec) at(from any, names ...string) node {
	n, _ := from.(node)
	if ref, ok := n["$ref"].(string); ok {
		return s.at(s.root, append(strings.Split(strings.TrimPrefix(ref, "#/"), "/"), names...)...)
	}
	if len(names) == 0 {
		return n
	}
	return s.at(n[names[0]], names[1:]...)
}

// operation returns what the document says of a method of a path, and nil for nothing. In a
// path that takes a code, what follows the literal part stands for any.
func (s spec) operation(method, path string) node {
	if method != strings.ToUpper(method) { // such as post, which is not POST
		return nil
	}
	for template, item := range s.at(s.root, "paths") {
		literal, _, open := strings.Cut(template, "{")
		if template == path || open && strings.HasPrefix(path, literal) {
			if operation := s.at(item, strings.ToLower(method)); len(operation) > 0 {
				return operation
			}
		}
	}
	return nil
}

// fits reports whether a value has the members that a schema requires, and no others where
// it is closed.
func (s spec) fits(schema, value any) bool {
	n, object := s.at(schema), s.at(value)
	required, _ := n["required"].([]any)
	for _, name := range required {
		if _, ok := object[name.(string)]; !ok {
			return false
		}
	}
	for name := range object {
		if _, ok := s.at(n, "properties")[name]; !ok && n["additionalProperties"] == false {
			return false
		}
	}
	return true
}

// properties marks each property of a schema, by where it stands, that the value has.
func (s spec) properties(schema, value any, seen map[string]bool, at string) {
	n, _ := schema.(node)
	if ref, ok := n["$ref"].(string); ok {
		at = ref
		n = s.at(n)
	}
	for _, several := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := n[several].([]any)
		for _, part := range list {
			if several == "allOf" || s.fits(part, value) {
				s.properties(part, value, seen, at)
			} else {
				s.properties(part, nil, seen, at)
			}
		}
	}
	if n["items"] != nil {
		items, _ := value.([]any)
		for _, item := range append(items, nil) {
			s.properties(n["items"], item, seen, at+"[]")
		}
	}
	object, _ := value.(map[string]any)
	for name, property := range s.at(n, "properties") {
		given, there := object[name]
		seen[at+"."+name] = seen[at+"."+name] || there
		s.properties(property, given, seen, at+"."+name)
	}
}

func TestDocumentIsOpenAPI(t *testing.T) {
	t.Parallel()
	if ok, errs := newValidator(t, readDocument(t)).ValidateDocument(); !ok {
		for _, err := range errs {
			t.Error(err)
		}
	}
}

// exampleOf returns the examples of a media type.
func exampleOf(content node) (all []any) {
	if example, ok := content["example"]; ok {
		all = append(all, example)
	}
	examples, _ := content["examples"].(node)
	for _, name := range slices.Sorted(maps.Keys(examples)) {
		all = append(all, examples[name].(node)["value"])
	}
	return all
}

// Each example is what its own schema says.
func TestExamplesAreValid(t *testing.T) {
	t.Parallel()
	text := readDocument(t)
	s, v, checked := readSpec(t, text), newValidator(t, text), 0
	for path, item := range s.at(s.root, "paths") {
		for method := range s.at(item) { // and what begins with x-
			operation := s.operation(strings.ToUpper(method), path)
			if operation == nil || method == "head" { // which has no body
				continue
			}
			base := exchange{method: strings.ToUpper(method), path: strings.NewReplacer("{", "", "}", "").Replace(path)}
			base.header = http.Header{"Content-Type": {"application/json"}, "Authorization": {token}}
			for _, example := range exampleOf(s.at(operation, "requestBody", "content", "application/json")) {
				e := base
				e.requestBody = toJSON(t, example)
				if problem := invalidRequest(v, e); problem != "" {
					t.Errorf("the example of %s %s is not valid: %s", e.method, path, problem)
				}
				checked++
			}
			for status, response := range s.at(operation, "responses") {
				for _, example := range exampleOf(s.at(response, "content", "application/json")) {
					e := base
					e.status, e.body = atoi(t, status), toJSON(t, example)
					e.answer = http.Header{"Content-Type": {"application/json"}}
					for name, header := range s.at(response, "headers") {
						e.answer.Set(name, headerExample(s.at(header, "schema")))
					}
					if problem := invalidAnswer(v, e); problem != "" {
						t.Errorf("the example of a %s of %s %s is not valid: %s", status, e.method, path, problem)
					}
					checked++
				}
			}
		}
	}
	if checked < 140 {
		t.Errorf("%d examples were checked: the test does not find them", checked)
	}
}
