package httpadapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/httpadapter"
)

// A code that told apart what texts do not would be a leak: an unknown address, say, from a
// wrong password. So the code follows from the status and the text.
func TestS15_CodesTellNoMoreThanTexts(t *testing.T) {
	t.Parallel()
	codes := map[string]string{}
	for _, row := range httpadapter.Refusals() {
		if !codeForm.MatchString(row.Code) {
			t.Errorf("the code of %v is %q, want snake_case", row.Err, row.Code)
		}
		seen := fmt.Sprint(row.Status, " ", row.Text)
		if other, ok := codes[seen]; ok && other != row.Code {
			t.Errorf("%s has the codes %s and %s, want one", seen, other, row.Code)
		}
		codes[seen] = row.Code
	}
	if len(codes) < 20 {
		t.Errorf("the table has %d answers: the test does not find them", len(codes))
	}
}

// What an error is wrapped in changes nothing of its answer.
func TestEveryErrorHasItsCode(t *testing.T) {
	t.Parallel()
	for _, row := range httpadapter.Refusals() {
		w := httptest.NewRecorder()
		err := fmt.Errorf("a host's words, of the inside: %w", row.Err)
		httpadapter.WriteError(w, httptest.NewRequest("GET", "/", nil), err)
		want := fmt.Sprintf(`{"success":false,%q:%q,`, row.Member, row.Text)
		if row.Text == "" {
			want = `{`
		}
		got := w.Body.String()
		if w.Code != row.Status || !strings.HasPrefix(got, want) || !strings.HasSuffix(got, `"code":"`+row.Code+`"}`) {
			t.Errorf("%v: got %d %s, want %d %s… and the code %s", row.Err, w.Code, got, row.Status, want, row.Code)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (row.Status == http.StatusUnauthorized) {
			t.Errorf("%v: a %d has the challenge %q", row.Err, row.Status, challenge)
		}
	}
}

// docs/http.md has the table of the code, row by row.
func TestCodesAreDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/http.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n| code | status | text | when |\n|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var got, want []string
	for line := range strings.Lines(table + "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) != 4 {
			t.Fatalf("docs/http.md: the row %q has %d cells, want 4", line, len(cells))
		}
		row := strings.TrimPrefix(cells[0], "| ") + " " + cells[1]
		if strings.HasSuffix(cells[2], "`") { // else it says what kind of text there is
			row += " " + cells[2]
		}
		got = append(got, row)
	}
	for _, refusal := range httpadapter.Refusals() {
		row := "`" + refusal.Code + "` " + strconv.Itoa(refusal.Status)
		switch refusal.Member {
		case "":
		case "msg":
			row += " `" + refusal.Text + "`"
		default:
			row += " in `" + refusal.Member + "`: `" + refusal.Text + "`"
		}
		want = append(want, row)
	}
	for _, row := range want {
		if !slices.Contains(got, row) {
			t.Errorf("docs/http.md has no row %s", row)
		}
	}
	for _, row := range got {
		if !slices.Contains(want, row) {
			t.Errorf("docs/http.md has the row %s, and the code does not", row)
		}
	}
}
