package suite

import "fmt"

// Quote quotes a text for a message so that blanks and look-alikes can be told apart. It
// quotes what Short leaves of the text.
func Quote(s string) string { return fmt.Sprintf("%+q", Short(s)) }

// Short returns both ends of a long text, with its length, which shows what was cut off or
// padded. It returns a text of 200 bytes or fewer whole.
func Short(s string) string {
	const end = 100
	if len(s) <= 2*end {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes) ...%s", s[:end], len(s), s[len(s)-end:])
}
