package limitertest_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strings"

	"github.com/deskauth/deskauth"
)

// brokenKeys mix up keys.
var brokenKeys = []broken{
	{"folds the case of keys", []string{"Keys/KeysAreBytes", "GiveBack/OnlyThatKey"}, onKeys(strings.ToLower)},
	{"trims keys", []string{"Keys/KeysAreBytes"}, onKeys(strings.TrimSpace)},
	{"pads keys with blanks", []string{"Keys/KeysAreBytes"}, onKeys(func(key string) string {
		return strings.TrimRight(key, " ")
	})},
	{"composes accents", []string{"Keys/KeysAreBytes"}, onKeys(func(key string) string {
		return strings.ReplaceAll(key, "e\u0301", "\u00e9")
	})},
	{"drops what is not ASCII", []string{"Keys/KeysAreBytes"}, onKeys(toASCII)},
	{"keeps 255 bytes of a key", []string{"Keys/LongestKeys"}, onKeys(func(key string) string {
		return key[:min(255, len(key))]
	})},
	{"refuses long keys", []string{"Keys/LongestKeys"}, failsOn(func(a deskauth.Attempt) bool {
		return len(a.Key) > 512
	}, errors.New("value too long for the column"))},
	{"has 2^16 counters", []string{"Keys/ManyKeys"}, onKeys(func(key string) string {
		h := fnv.New32a()
		h.Write([]byte(key))
		return fmt.Sprint(h.Sum32() & math.MaxUint16)
	})},
}

func toASCII(key string) string {
	return strings.Map(func(r rune) rune {
		if r > 0x7f {
			return '?'
		}
		return r
	}, key)
}
