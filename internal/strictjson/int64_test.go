package strictjson

import (
	"fmt"
	"math"
	"strconv"
	"testing"
)

func TestInt64(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, -1, 9, 10, 1764111111, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64,
		math.MinInt64 + 1} {
		if got, ok := Value(fmt.Sprint(n)).Int64(); !ok || got != n {
			t.Errorf("%d: got %d, %t", n, got, ok)
		}
	}
	for _, text := range []string{
		"9223372036854775808", "-9223372036854775809", "92233720368547758070", "99999999999999999999999",
		"1.0", "1e3", "-", "", `"1"`, "true", "null", "{}", "1 ",
	} {
		if got, ok := Value(text).Int64(); ok || got != 0 {
			t.Errorf("%q: got %d, %t; want none", text, got, ok)
		}
	}
}

// Int64 takes what strconv takes, among the numbers of JSON.
func FuzzInt64(f *testing.F) {
	f.Add("12")
	f.Add("-9223372036854775808")
	f.Fuzz(func(t *testing.T, text string) {
		members, err := Object([]byte(`{"n":`+text+`}`), nil)
		if err != nil || len(members) != 1 {
			return
		}
		want, err := strconv.ParseInt(string(members[0].Value), 10, 64)
		got, ok := members[0].Value.Int64()
		if ok != (err == nil) || ok && got != want {
			t.Errorf("%s: got %d, %t; want %d, %v", text, got, ok, want, err)
		}
	})
}

func TestDepth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`1`: 0, `"[{"`: 0, `"\"[{"`: 0, `"\\"`: 0, `{}`: 1, `[]`: 1, `{"a":[1,{"b":"]}"}]}`: 3, `[[],[[]]]`: 3,
		`{"\\":[{}]}`: 3, `[{"[":1},2]`: 2, `[{},{},{}]`: 2, `[[],[],[]]`: 2,
	} {
		if got := Value(text).Depth(); got != want {
			t.Errorf("the depth of %s is %d, want %d", text, got, want)
		}
	}
}
