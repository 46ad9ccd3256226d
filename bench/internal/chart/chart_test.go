package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"slices"
	"strings"
	"testing"
)

// A drawing is what a reader sees of an SVG.
type drawing struct {
	texts  []string
	curves map[string]int // paths with more than one segment, by their colour
}

func drawn(t *testing.T, c Chart) drawing {
	t.Helper()
	svg, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.SVG()
	if err != nil || !bytes.Equal(svg, again) {
		t.Errorf("drawn twice, a chart differs: %v", err)
	}
	d := drawing{curves: make(map[string]int)}
	inText := false
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
			d.addCurve(token)
		case xml.CharData:
			if inText {
				d.texts = append(d.texts, strings.TrimSpace(string(token)))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

// addCurve counts a path by its colour if it has several segments: axes, ticks and the grid
// are straight.
func (d drawing) addCurve(e xml.StartElement) {
	attributes := make(map[string]string)
	for _, a := range e.Attr {
		attributes[a.Name.Local] = a.Value
	}
	if e.Name.Local != "path" || strings.Count(attributes["d"], "L") < 2 {
		return
	}
	_, stroke, stroked := strings.Cut(attributes["style"], "stroke:")
	if !stroked {
		return
	}
	stroke, _, _ = strings.Cut(stroke, ";")
	d.curves[stroke]++
}

// climbing is a line from 1 to n.
func climbing(name string, c color.Color, n int) Line {
	l := Line{Name: name, Color: c}
	for i := range n {
		l.Add(float64(i), float64(i+1))
	}
	return l
}

func TestSVG(t *testing.T) {
	t.Parallel()
	got := drawn(t, Chart{Title: "A run", Until: 90, Panels: []Panel{
		{Title: "Memory, MB", Lines: []Line{climbing("heap", Orange, 90), climbing("resident", Blue, 90)}},
		{Title: "Answers", Scale: LogFromZero, Lines: []Line{climbing("2xx", Blue, 90), {Name: "5xx (none)", Color: Black}}},
		{Title: "Latency, ms", Scale: Log, Lines: []Line{climbing("", Vermilion, 90)}},
	}})
	for _, want := range []string{"A run", "Memory, MB", "heap", "resident", "Answers", "2xx", "5xx (none)", "Latency, ms", "seconds"} {
		if n := strings.Count(fmt.Sprintf("%q", got.texts), fmt.Sprintf("%q", want)); n != 1 {
			t.Errorf("the text %q is there %d times, want once: %q", want, n, got.texts)
		}
	}
	for stroke, want := range map[string]int{"#E69F00": 1, "#0072B2": 2, "#D55E00": 1, "#000000": 0} {
		if got.curves[stroke] != want {
			t.Errorf("%d lines of the colour %s, want %d: %v", got.curves[stroke], stroke, want, got.curves)
		}
	}
}

// A panel without values has axes all the same, on every scale.
func TestSVGWithoutValues(t *testing.T) {
	t.Parallel()
	for _, scale := range []Scale{Linear, Log, LogFromZero} {
		got := drawn(t, Chart{Title: "Nothing", Until: 3, Panels: []Panel{{Title: "Empty", Scale: scale, Lines: []Line{{Name: "none", Color: Blue}}}}})
		if len(got.curves) != 0 || !slices.Contains(got.texts, "1") {
			t.Errorf("scale %d: got the lines %v and the texts %q, want no line and a tick at 1", scale, got.curves, got.texts)
		}
	}
}

func TestShareRange(t *testing.T) {
	t.Parallel()
	panels := []Panel{
		{Title: "few", Lines: []Line{climbing("", Blue, 4)}},
		{Title: "many", Lines: []Line{climbing("", Blue, 400)}},
	}
	ShareRange(panels)
	for _, p := range panels {
		if p.Min != 1 || p.Max != 400 {
			t.Errorf("%s: from %v to %v, want 1 to 400", p.Title, p.Min, p.Max)
		}
	}
	got := drawn(t, Chart{Title: "Both", Until: 400, Panels: panels})
	if n := strings.Count(strings.Join(got.texts, " "), "400"); n != 2 {
		t.Errorf("400 is at %d ticks, want one in each panel: %q", n, got.texts)
	}
}
