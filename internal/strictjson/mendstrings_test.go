package strictjson_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/deskauth/deskauth/internal/strictjson"
	"github.com/deskauth/deskauth/internal/testkit"
)

// A stranger's text costs memory in proportion to its length, whatever is wrong with it.
// Not parallel: it measures.
func TestMendIsLinear(t *testing.T) {
	for name, shape := range map[string]string{
		"control characters": "{\"a\":\"" + strings.Repeat("\x01", 1000) + "\",\"b\":1}",
		"not UTF-8":          "{\"a\":\"" + strings.Repeat("\xff", 1000) + "\",\"b\":1}",
		"halves":             `{"a":"` + strings.Repeat(`\ud800`, 1000) + `","b":1}`,
		"flawed strings":     "{\"a\":[" + strings.Repeat("\"\xff\",", 1000) + "1]}",
		"one name":           "{" + strings.Repeat(`"":0,`, 1000) + `"":0}`,
		"one name inside":    `{"a":{` + strings.Repeat(`"":0,`, 1000) + `"":0}}`,
		"deep":               `{"a":[` + strings.Repeat(within(400, "")+",", 20) + `1]}`,
		"open":               `{"a":` + strings.Repeat(`["\ud800",`, 490),
		"far too deep":       `{"a":` + strings.Repeat("[", 9000),
		"never closed":       "{\"a\":\"" + strings.Repeat("\xff", 9000),
		"quotes":             strings.Repeat(`"`, 9000),
		"backslashes":        `{"` + strings.Repeat(`\`, 9001),
	} {
		allocated := testkit.Allocated(func() {
			for range 10 {
				_, _, _ = strictjson.Mend([]byte(shape))
			}
		})
		if each := allocated / 10 / uint64(len(shape)); each > 100 {
			t.Errorf("%s: %d bytes are allocated for each of the text, want 100 at most", name, each)
		}
	}
	members := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("\"%d\xff\":{\"a\":1,\"a\":2},", i)
		}
		return "{" + text + `"a":1}`
	}
	few, many := len(members(100)), len(members(1600))
	cost := func(n int) float64 {
		text := []byte(members(n))
		return float64(testkit.Allocated(func() { _, _, _ = strictjson.Mend(text) }))
	}
	if a, b := cost(100)/float64(few), cost(1600)/float64(many); b > 3*a {
		t.Errorf("%.0f bytes are allocated for each of a short text, and %.0f of a long one", a, b)
	}
}
