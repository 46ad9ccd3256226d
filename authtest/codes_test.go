package authtest_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/authtest"
)

// codeGroupNames returns the groups of the whole table, in order.
func codeGroupNames() (list []string) {
	target := codeTarget(signedDesk())
	target.Skip = nil
	for _, a := range must(authtest.CodeAttacks(target)) {
		if !slices.Contains(list, a.Group) {
			list = append(list, a.Group)
		}
	}
	return list
}

// TestCodeTable checks that the table for each format of codes is large, that no attack
// appears twice, and that none but the last is a good code.
func TestCodeTable(t *testing.T) {
	t.Parallel()
	for name, least := range map[string]int{"signed": 2000, "dotted": 1000, "hex": 1000, "random": 500, "digits": 400} {
		d := desks[name]()
		target := codeTarget(d)
		target.Skip = nil
		attacks := must(authtest.CodeAttacks(target))
		if len(attacks) < least {
			t.Errorf("%s: got %d attacks, want %d or more", name, len(attacks), least)
		}
		byName, byText, groups := map[string]bool{}, map[string]string{}, map[string]int{}
		for i, a := range attacks {
			groups[a.Group]++
			text := a.Token
			if a.Group == "as-token" {
				text = "as a token " + text
			}
			if byName[a.Name] {
				t.Errorf("%s: two attacks are called %q, want one", name, a.Name)
			}
			if other, ok := byText[text]; ok {
				t.Errorf("%s: %q and %q are one text, want two: %.100q", name, a.Name, other, text)
			}
			byName[a.Name], byText[text] = true, a.Name
			if !strings.HasPrefix(a.Name, a.Group+": ") || !strings.HasSuffix(a.Why, ".") {
				t.Errorf("%s: %q has the group %q and the reason %q; want a sentence", name, a.Name, a.Group, a.Why)
			}
			good := text == d.honest || text == d.second
			if last := i == len(attacks)-1; good != last || last != (a.Group == "again") {
				t.Errorf("%s: %q is a good code: %t, want it of the last, in the group again", name, a.Name, good)
			}
		}
		again := must(authtest.CodeAttacks(target))
		if !slices.Equal(attacks, again) {
			t.Errorf("%s: two calls return different attacks, want the same", name)
		}
		t.Logf("%s: %d attacks: %v", name, len(attacks), groups)
	}
}

// TestCodeSkip checks that Skip leaves out what it names, and that the package comment
// lists every group.
func TestCodeSkip(t *testing.T) {
	t.Parallel()
	_, doc, ok := strings.Cut(string(must(os.ReadFile("doc.go"))), "\n// # Groups of codes\n")
	if !ok {
		t.Fatal("doc.go has no section Groups of codes")
	}
	groups := codeGroupNames()
	for i, group := range groups {
		if !regexp.MustCompile(`(?m)^//   - [a-z, -]*\b` + group + `\b[a-z, -]*:`).MatchString(doc) {
			t.Errorf("doc.go does not list the group %s", group)
		}
		target := codeTarget(signedDesk())
		target.Skip = slices.Concat(groups[:i], groups[i+1:])
		attacks, err := authtest.CodeAttacks(target)
		if err != nil || len(attacks) == 0 {
			t.Errorf("%s alone: got no attacks and the error %v, want some", group, err)
		}
		for _, a := range attacks {
			if a.Group != group {
				t.Errorf("%s alone: got %q, want nothing of other groups", group, a.Name)
			}
		}
	}
	again := codeTarget(signedDesk())
	again.Accepts = func(code string) bool { return code == again.Code }
	again.Skip = groups[:len(groups)-1]
	if letIn, err := authtest.CheckCodes(again); err != nil || len(letIn) != 1 {
		t.Errorf("again alone: got the attacks %q and the error %v, want one", names(letIn), err)
	}
	everything := codeTarget(signedDesk())
	everything.Accepts = func(string) bool { return true }
	everything.Skip = groups
	if letIn, err := authtest.CheckCodes(everything); err != nil || len(letIn) > 0 {
		t.Errorf("without any group: got the attacks %q and the error %v, want none", names(letIn), err)
	}
}

// TestEveryCodeIsLetIn checks that every attack is reported on a target that takes all.
func TestEveryCodeIsLetIn(t *testing.T) {
	t.Parallel()
	target := codeTarget(signedDesk())
	all := must(authtest.CodeAttacks(target))
	target.Accepts = func(string) bool { return true }
	target.AcceptsToken = target.Accepts
	letIn, err := authtest.CheckCodes(target)
	if err != nil || !slices.Equal(names(letIn), names(all)) {
		t.Errorf("got %d of %d attacks and the error %v, want all", len(letIn), len(all), err)
	}
}

// TestCodesAreBroughtInOrder checks that the honest code comes once after all attacks, and
// then a second time, and that tokens go to the check of tokens alone.
func TestCodesAreBroughtInOrder(t *testing.T) {
	t.Parallel()
	target := codeTarget(signedDesk())
	var codes, tokens []string
	target.Accepts = func(code string) bool {
		codes = append(codes, code)
		return code == target.Code && !slices.Contains(codes[:len(codes)-1], code)
	}
	target.AcceptsToken = func(token string) bool {
		tokens = append(tokens, token)
		return token == target.Token
	}
	var wantCodes, wantTokens []string
	for _, a := range must(authtest.CodeAttacks(target)) {
		if a.Group == "as-token" {
			wantTokens = append(wantTokens, a.Token)
		} else {
			wantCodes = append(wantCodes, a.Token)
		}
	}
	wantCodes = append(wantCodes, target.Code) // before that of the group again, which is the same
	letIn, err := authtest.CheckCodes(target)
	if err != nil || len(letIn) > 0 {
		t.Errorf("got the attacks %q and the error %v, want none", names(letIn), err)
	}
	if !slices.Equal(codes, wantCodes) || !slices.Equal(tokens, append([]string{target.Token}, wantTokens...)) {
		t.Errorf("brought %d codes and %d tokens, want the table's and the good ones", len(codes), len(tokens))
	}
	codes, target.AcceptsToken = nil, nil
	if letIn, err := authtest.CheckCodes(target); err != nil || len(letIn) > 0 || !slices.Equal(codes, wantCodes) {
		t.Errorf("without AcceptsToken: got %q, the error %v and %d codes, want none, nil and %d",
			names(letIn), err, len(codes), len(wantCodes))
	}
}

// TestAnAttackUsesTheCodeUp checks that an attack is reported also where it ends the code.
func TestAnAttackUsesTheCodeUp(t *testing.T) {
	t.Parallel()
	d := signedDesk()
	d.trim = strings.TrimSpace
	letIn, err := authtest.CheckCodes(codeTarget(d))
	if err != nil || len(letIn) != 1 || letIn[0].Group != "typed" {
		t.Errorf("got the attacks %q and the error %v, want one with white space", names(letIn), err)
	}
}

func TestBadCodeTargets(t *testing.T) {
	t.Parallel()
	never := func(string) bool { return false }
	for name, c := range map[string]struct {
		spoil func(*authtest.CodeTarget)
		want  string
	}{
		"no Accepts":        {func(t *authtest.CodeTarget) { t.Accepts = nil }, "Accepts is nil"},
		"refuses all":       {func(t *authtest.CodeTarget) { t.Accepts = never }, "good code is refused"},
		"refuses all, code": {func(t *authtest.CodeTarget) { t.Code = "another" }, "good code is refused"},
		"no code":           {func(t *authtest.CodeTarget) { t.Code = "" }, "Code is empty"},
		"unknown group":     {func(t *authtest.CodeTarget) { t.Skip = []string{"nope"} }, `CodeTarget.Skip names the group`},
		"group of tokens":   {func(t *authtest.CodeTarget) { t.Skip = []string{"confusion"} }, `"confusion"`},
		"second is first":   {func(t *authtest.CodeTarget) { t.Second = t.Code }, "Second is Code"},
		"token is code":     {func(t *authtest.CodeTarget) { t.Token = t.Code }, "Token is Code"},
		"other is code":     {func(t *authtest.CodeTarget) { t.Others = []string{t.Code} }, "Others has Code"},
		"other is second":   {func(t *authtest.CodeTarget) { t.Others = []string{t.Second} }, "Others has Code or Second"},
		"no token": {func(t *authtest.CodeTarget) {
			t.Token, t.AcceptsToken = "", func(string) bool { return true }
		}, "refuses Token"},
		"refuses tokens": {func(t *authtest.CodeTarget) { t.AcceptsToken = never }, "refuses Token"},
	} {
		bad := codeTarget(signedDesk())
		c.spoil(&bad)
		if letIn, err := authtest.CheckCodes(bad); err == nil || len(letIn) > 0 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %d attacks and the error %v, want an error with %q", name, len(letIn), err, c.want)
		}
	}
}

// TestBareCodeTarget checks that a code is enough, be it of one letter, and that its bytes
// are read in the encodings that it may be in.
func TestBareCodeTarget(t *testing.T) {
	t.Parallel()
	encoding := regexp.MustCompile(`^changed: byte 1 of \d+, ([\w ]+),`)
	for code, want := range map[string][]string{
		"x": nil, "7": nil, "-": nil, "é": nil, "ab.cd": nil, "\x00": nil, " ": nil, "%": nil, "Zm9": nil, // a bit too many
		"Zm9v": {"base64url"}, "Zm8=": {"padded base64url"}, "+/8=": {"base64"}, "+/8": {"unpadded base64"},
		"0A": {"upper hex", "base64url"}, "0a": {"hex"},
	} {
		target := authtest.CodeTarget{Code: code, Others: []string{""}, Skip: []string{"again", "size"}}
		target.Accepts = func(text string) bool { return text == code }
		letIn, err := authtest.CheckCodes(target)
		if err != nil || len(letIn) > 0 {
			t.Errorf("%q: got the attacks %q and the error %v, want none", code, names(letIn), err)
			continue
		}
		attacks := must(authtest.CodeAttacks(target))
		var got []string
		for _, a := range attacks {
			if m := encoding.FindStringSubmatch(a.Name); m != nil && !slices.Contains(got, m[1]) {
				got = append(got, m[1])
			}
		}
		if len(attacks) < 200 || !slices.Equal(got, want) {
			t.Errorf("%q: got %d attacks, on bytes in %q; want 200 or more, in %q", code, len(attacks), got, want)
		}
	}
}

const runCodesVariable = "DESKAUTH_AUTHTEST_DESK"

// TestRunCodes runs the table on a sound desk, or on another one when TestRunCodesFails
// starts it.
func TestRunCodes(t *testing.T) {
	d := signedDesk()
	target := codeTarget(d)
	switch os.Getenv(runCodesVariable) {
	case "refuses everything":
		target.Accepts = func(string) bool { return false }
	case "trims":
		d.trim = strings.TrimSpace
	case "forgets what is used":
		d.many = true
	case "refuses tokens":
		target.Token = ""
	}
	authtest.RunCodes(t, target)
}

// TestRunCodesFails proves that RunCodes fails, under the names of the attacks that get in.
func TestRunCodesFails(t *testing.T) {
	t.Parallel()
	for desk, want := range map[string][]string{
		"refuses everything": {
			"--- FAIL: TestRunCodes ", "--- PASS: TestRunCodes/cut ", "the good code is refused after the attacks, so",
		},
		"trims": {
			`--- FAIL: TestRunCodes/typed/typed:_"_"_before `, "--- PASS: TestRunCodes/cut ", `let in: typed: " " before`,
			"Why: ", "may have used it up",
		},
		"forgets what is used": {
			"--- FAIL: TestRunCodes/again/again:_the_code_a_second_time ", "--- PASS: TestRunCodes/typed ",
		},
		"refuses tokens": {"--- FAIL: TestRunCodes ", "AcceptsToken refuses Token"},
	} {
		cmd := exec.CommandContext(t.Context(), must(os.Executable()), "-test.run=^TestRunCodes$", "-test.v")
		cmd.Env = append(os.Environ(), runCodesVariable+"="+desk)
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Errorf("a desk that %s: TestRunCodes passes, want a failure", desk)
		}
		for _, w := range want {
			if !strings.Contains(string(out), w) {
				t.Errorf("a desk that %s: the output does not say %q:\n%.2000s", desk, w, out)
			}
		}
	}
}
