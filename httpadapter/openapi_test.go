package httpadapter_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/httpadapter"
)

// examples/openapi validates every golden request and answer against the document.
// The tests here need nothing but the standard library.

// A document is an OpenAPI document, as far as these tests look into it.
type document struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Responses map[string]json.RawMessage
		Schemas   map[string]json.RawMessage
	}
}

func readDocument(t *testing.T, text string) (d document) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// written returns the document as it stands in the repository.
func written(t *testing.T) document {
	t.Helper()
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	return readDocument(t, string(text))
}

var methods = []string{"get", "head", "post", "put", "patch", "delete", "options"}

// operations returns each "METHOD path" of the document, up to the first parameter, and
// what it says of it.
func (d document) operations() map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for path, item := range d.Paths {
		literal, _, _ := strings.Cut(path, "{")
		for _, method := range methods {
			if operation, ok := item[method]; ok {
				all[strings.ToUpper(method)+" "+literal] = operation
			}
		}
	}
	return all
}

// codes returns each "status code" of an operation, or the status alone of a success.
func (d document) codes(t *testing.T, operation json.RawMessage) map[string]bool {
	t.Helper()
	var o struct{ Responses map[string]json.RawMessage }
	if err := json.Unmarshal(operation, &o); err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for status, response := range o.Responses {
		if status < "400" {
			all[status] = true
			continue
		}
		found := d.codesIn(response)
		if len(found) == 0 {
			t.Errorf("the document has no code in %s", response)
		}
		for _, code := range found {
			all[status+" "+code] = true
		}
	}
	return all
}

// codesIn returns the codes that a response or schema names, with those it refers to.
func (d document) codesIn(node json.RawMessage) (codes []string) {
	var o map[string]json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal(node, &list) == nil {
		for _, item := range list {
			codes = append(codes, d.codesIn(item)...)
		}
		return codes
	}
	if json.Unmarshal(node, &o) != nil {
		return nil
	}
	var ref string
	json.Unmarshal(o["$ref"], &ref)
	if name, ok := strings.CutPrefix(ref, "#/components/responses/"); ok {
		return d.codesIn(d.Components.Responses[name])
	}
	if name, ok := strings.CutPrefix(ref, "#/components/schemas/"); ok {
		return d.codesIn(d.Components.Schemas[name])
	}
	var named struct {
		Code struct {
			Const string
			Enum  []string
		}
	}
	if json.Unmarshal(o["properties"], &named) == nil {
		codes = named.Code.Enum
		if named.Code.Const != "" {
			codes = append(codes, named.Code.Const)
		}
	}
	for _, name := range []string{"content", "application/json", "schema", "allOf", "oneOf"} {
		codes = append(codes, d.codesIn(o[name])...)
	}
	return codes
}

// A route that is not in the document, or the other way round, is found here. So is one
// that is there without a Mailer and should not be.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	t.Parallel()
	d := written(t)
	got := map[string]bool{}
	for path, item := range d.Paths {
		literal, _, _ := strings.Cut(path, "{")
		_, mail := item["x-needs-mailer"]
		for _, method := range methods {
			if _, ok := item[method]; ok {
				got[strings.ToUpper(method)+" "+literal] = mail
			}
		}
	}
	if want := httpadapter.Routes(); !maps.Equal(got, want) {
		for _, r := range slices.Sorted(maps.Keys(got)) {
			if mail, ok := want[r]; !ok || mail != got[r] {
				t.Errorf("openapi.json has %s, needs a Mailer: %v; the handlers do not", r, got[r])
			}
		}
		for _, r := range slices.Sorted(maps.Keys(want)) {
			if mail, ok := got[r]; !ok || mail != want[r] {
				t.Errorf("the handlers have %s, needs a Mailer: %v; openapi.json does not", r, want[r])
			}
		}
	}
}

func TestOpenAPIHasEveryCode(t *testing.T) {
	t.Parallel()
	var code struct{ Enum []string }
	if err := json.Unmarshal(written(t).Components.Schemas["Code"], &code); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, row := range httpadapter.Refusals() {
		want = append(want, row.Code)
	}
	slices.Sort(want)
	slices.Sort(code.Enum)
	if want = slices.Compact(want); !slices.Equal(code.Enum, want) {
		t.Errorf("openapi.json has the codes\n%q\nand the handlers have\n%q", code.Enum, want)
	}
}

var (
	goldenRequest = regexp.MustCompile(`(?m)^> ([A-Za-z]+) (/\S*)$`)
	goldenStatus  = regexp.MustCompile(`(?m)^HTTP/1\.1 (\d{3}) `)
	goldenCode    = regexp.MustCompile(`(?m)"code":"([a-z_]+)"\}$`)
)

// Each answer in the golden files is in the document, and each answer in the document is in
// a golden file.
func TestOpenAPIAndGoldensAgree(t *testing.T) {
	t.Parallel()
	d := written(t)
	operations, told := d.operations(), map[string]bool{}
	for operation, text := range operations {
		for answer := range d.codes(t, text) {
			told[operation+": "+answer] = false
		}
	}
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil || len(files) < 20 {
		t.Fatalf("there are %d golden files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(text), "\n# ")[1:] {
			request, status := goldenRequest.FindStringSubmatch(part), goldenStatus.FindStringSubmatch(part)
			operation := operationOf(operations, request[1], request[2])
			if operation == "" { // no endpoint, another method, or the middlewares' /me
				if status[1] != "404" && status[1] != "405" && request[2] != "/me" {
					t.Errorf("%s: openapi.json has no operation for %s", file, request[0])
				}
				continue
			}
			answer := operation + ": " + status[1]
			if code := goldenCode.FindStringSubmatch(part); code != nil && status[1] >= "400" {
				answer += " " + code[1]
			}
			if _, ok := told[answer]; !ok {
				t.Errorf("%s: openapi.json does not have %s\n%s", file, answer, part)
			}
			told[answer] = true
		}
	}
	for _, answer := range slices.Sorted(maps.Keys(told)) {
		if !told[answer] && !strings.Contains(answer, ".json: ") { // which jwks_test.go has, and this file
			t.Errorf("openapi.json has %s, and no golden file has it", answer)
		}
	}
}

// operationOf returns the operation that a golden request is for.
func operationOf(operations map[string]json.RawMessage, method, path string) string {
	mount := "/v1/auth"
	if path == "/users" || strings.HasPrefix(path, "/users/") {
		mount = "/v1"
	}
	request := method + " " + strings.TrimSuffix(mount+path, "s/") // GET /users/ is GET /users
	if strings.HasSuffix(mount+path, "s/") {
		request += "s"
	}
	for operation := range operations {
		if request == operation || strings.HasSuffix(operation, "/") && strings.HasPrefix(request, operation) {
			return operation
		}
	}
	return ""
}
