package main

import (
	"encoding/json"
	"testing"
	"time"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Ada Lovelace, née Byron 😀": "Ada Lovelace, née Byron 😀",
		"a\x1b[2Jb":                 `a\x1b[2Jb`,
		"a\nb\tc\rd":                `a\nb\tc\rd`,
		"a\u202eb\u00a0c\u0085":     `a\u202eb\u00a0c\u0085`,
		"a\xffb\ufffdc":             `a\xffb` + "\ufffdc",
		"\U000e0041":                `\U000e0041`,
		`a\b"c`:                     `a\b"c`,
	} {
		if got := printable(text); got != want {
			t.Errorf("printable(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestPrintableJSONMeansTheSame(t *testing.T) {
	t.Parallel()
	const text = "a\x1b\x7f\u0085\u202e\U000e0041 <é😀>"
	document, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	escaped := printableJSON(document)
	var got string
	if err := json.Unmarshal(escaped, &got); err != nil || got != text {
		t.Errorf("%s is %q, %v; want %q", escaped, got, err, text)
	}
	if printed := printable(string(escaped)); printed != string(escaped) {
		t.Errorf("%q has characters that are not printable", escaped)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 seconds", time.Second: "1 second", -90 * time.Second: "1 minute", 119 * time.Minute: "1 hour",
		3 * time.Hour: "3 hours", 47 * time.Hour: "1 day", 364 * 24 * time.Hour: "364 days", 800 * 24 * time.Hour: "2 years",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}
