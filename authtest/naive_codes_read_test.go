package authtest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

var naiveReaders = []naiveDesk{{
	"takes line breaks and unused bits", "signed",
	func(d *codeDesk) {
		d.decode = func(text string) ([]byte, bool) {
			b, err := base64.RawURLEncoding.DecodeString(text)
			return b, err == nil
		}
	},
	[]string{"spelling: line feed within", "spelling: lines of 76", "spelling: unused bits", `typed: "\n" after`},
}, {
	"strips padding", "signed",
	func(d *codeDesk) {
		d.decode = func(text string) ([]byte, bool) { return strictBase64(strings.TrimRight(text, "=")) }
	},
	[]string{"spelling: padded base64url instead of base64url", "spelling: four signs of padding"},
}, {
	"takes both alphabets", "signed",
	func(d *codeDesk) {
		d.decode = func(text string) ([]byte, bool) {
			return strictBase64(strings.NewReplacer("+", "-", "/", "_").Replace(text))
		}
	},
	[]string{"spelling: unpadded base64 instead of base64url"},
}, {
	"unescapes", "signed",
	func(d *codeDesk) {
		d.trim = func(code string) string {
			plain, err := url.QueryUnescape(code)
			if err != nil {
				return code
			}
			return plain
		}
	},
	[]string{"spelling: first character percent-encoded", "spelling: all percent-encoded"},
}, {
	"takes the last part of a path", "signed",
	func(d *codeDesk) { d.trim = path.Base },
	[]string{`around: "/" after`, `around: "x/" before`, `around: "https://host.example/" before`},
}, {
	"cuts off a query", "random",
	func(d *codeDesk) {
		d.trim = func(code string) string {
			if end := strings.IndexAny(code, "?#&"); end >= 0 {
				return code[:end]
			}
			return code
		}
	},
	[]string{`around: "?x=1" after`, `around: "#" after`, `around: "&x=1" after`},
}, {
	"takes the first of a list", "random",
	func(d *codeDesk) {
		d.trim = func(code string) string {
			first, _, _ := strings.Cut(code, ",")
			return first
		}
	},
	[]string{"around: twice, with a comma", `joined: the code, ",", the second code`},
}, {
	"trims white space", "signed",
	func(d *codeDesk) { d.trim = strings.TrimSpace },
	[]string{`typed: " " before`, `typed: "\r\n" after`, "typed: \"\\u00a0\" after"},
}, {
	"reads the first bytes and has no limit", "signed",
	func(d *codeDesk) {
		d.longest = math.MaxInt
		d.trim = func(code string) string { return code[:min(len(code), 87)] }
	},
	[]string{"size: 1 MB of the letter A after the code", "size: the code 5,000 times", `around: "?" after`},
}}

var naiveLookups = []naiveDesk{{
	"finds accounts without a code", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool { return code == "" || code == d.honest }
	},
	[]string{`guessed: ""`},
}, {
	"has a code for tests", "digits",
	func(d *codeDesk) {
		d.take = func(code string) bool { return code == "000000" || code == d.honest }
	},
	[]string{`guessed: "000000"`},
}, {
	"looks up with LIKE", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool {
			like := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(code))
			pattern, err := regexp.Compile("(?s)^" + like + "$")
			return err == nil && pattern.MatchString(d.honest)
		}
	},
	[]string{"query: pattern %", "query: underscore for the first", "query: half and a per cent sign"},
}, {
	"looks up with a regular expression", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool {
			pattern, err := regexp.Compile(code)
			return err == nil && pattern.MatchString(d.honest)
		}
	},
	[]string{"query: pattern .*", "query: half at the start", "query: dot for the first", "query: any case"},
}, {
	"becomes a part of a query", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool { return code == d.honest || strings.HasSuffix(code, "' OR '1'='1") }
	},
	[]string{"query: condition ' OR '1'='1"},
}, {
	"compares without case", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool { return strings.EqualFold(code, d.honest) }
	},
	[]string{"typed: lower case", "typed: first letter in the other case", "spelling: k and s as they fold"},
}, {
	"takes hex in either case", "hex",
	func(d *codeDesk) {
		d.take = func(code string) bool { return strings.ToLower(code) == d.honest }
	},
	[]string{"typed: upper case"},
}, {
	"compares prefixes", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool { return strings.HasPrefix(d.honest, code) }
	},
	[]string{"cut: first 1 of 16 characters", "cut: first 15 of 16 characters"},
}, {
	"compares the last characters", "random",
	func(d *codeDesk) {
		d.take = func(code string) bool { return strings.HasSuffix(code, d.honest[6:]) }
	},
	[]string{
		"changed: character 1 of 16", "cut: last 10 of 16 characters", `joined: the second code, "", the code`,
	},
}, {
	"reads a number", "digits",
	func(d *codeDesk) {
		d.take = func(code string) bool {
			n, err := strconv.Atoi(strings.TrimSpace(code))
			return err == nil && n == 42917
		}
	},
	[]string{"spelling: plus", "spelling: zero before the number", "cut: last 5 of 6 characters"},
}, {
	"reads 32 bits of a number in any notation", "digits",
	func(d *codeDesk) {
		d.take = func(code string) bool {
			n, err := strconv.ParseInt(code, 0, 64)
			return code == d.honest || err == nil && uint32(n) == 42917
		}
	},
	[]string{"spelling: number in hex", "spelling: number and 2 to the 32nd"},
}, {
	"looks up the hash as well", "random",
	func(d *codeDesk) {
		sum := sha256.Sum256([]byte(d.honest))
		d.take = func(code string) bool { return code == d.honest || code == b64(string(sum[:])) }
	},
	[]string{"forged: SHA-256 of the code, base64url"},
}}
