package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// printable returns a text in which nothing can move a cursor, colour a terminal, turn the
// direction of writing, or begin a line: every such character is escaped as Go writes it.
func printable(text string) string {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r != ' ' && !unicode.IsPrint(r):
			quoted := fmt.Sprintf("%+q", r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// printableJSON escapes the same characters in a JSON document. They stand in its texts
// only, and an escape there means the same text.
func printableJSON(document []byte) []byte {
	var b []byte
	for _, r := range string(document) {
		switch {
		case r < utf8.RuneSelf && r != 0x7f || unicode.IsPrint(r): // encoding/json has escaped the rest of ASCII
			b = utf8.AppendRune(b, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}

// printJSON writes one document, or one line of JSON Lines.
func printJSON(w io.Writer, v any) error {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(printableJSON([]byte(b.String())))
	return err
}

// A table writes rows with aligned cells. Its cells are made printable.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer) table { return table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

func (t table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = printable(cell)
	}
	// A blank cell at the end would be blanks at the end of the line.
	fmt.Fprintln(t.w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
}

func (t table) flush() error { return t.w.Flush() }

// instant writes a time, and nothing for none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// span says a duration in its largest unit, as a person would.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"year", 365 * day}, {"day", day}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int64(d.Abs() / unit.size); n > 0 {
			return counted(int(n), unit.name)
		}
	}
	return counted(int(d.Abs()/time.Second), "second")
}

// counted says a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
