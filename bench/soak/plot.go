package main

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"os"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const ( // in points
	width       vg.Length = 760
	panelHeight vg.Length = 132
	titleHeight vg.Length = 26
)

// The colours are those of Okabe and Ito, which the colour-blind can tell apart.
var (
	blue      = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	sky       = color.RGBA{0x56, 0xb4, 0xe9, 0xff}
	orange    = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
	vermilion = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	black     = color.RGBA{0x00, 0x00, 0x00, 0xff}
	gray      = color.RGBA{0x55, 0x55, 0x55, 0xff}
	faint     = color.RGBA{0xe4, 0xe4, 0xe4, 0xff}
)

// drawFile draws a record.
func drawFile(from, to string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := readRows(file)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	svg, err := drawSVG(rows)
	if err != nil {
		return err
	}
	return os.WriteFile(to, svg, 0o644)
}

// drawSVG draws the panels below each other, on one time axis.
func drawSVG(rows []row) ([]byte, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	panels := panelsOf(rows)
	height := vg.Length(len(panels))*panelHeight + titleHeight + 30
	canvas := vgsvg.New(width, height)
	page := draw.New(canvas)
	page.FillPolygon(color.White, []vg.Point{page.Min, {X: page.Max.X, Y: page.Min.Y}, page.Max, {X: page.Min.X, Y: page.Max.Y}})
	page = draw.Crop(page, 12, -14, 10, -8)

	plots := make([][]*plot.Plot, len(panels))
	for i, p := range panels {
		drawn, err := p.plot(i == len(panels)-1)
		if err != nil {
			return nil, err
		}
		plots[i] = []*plot.Plot{drawn}
	}
	tiles := draw.Tiles{Rows: len(panels), Cols: 1, PadTop: titleHeight + 22, PadY: 26}
	for i, c := range plot.Align(plots, tiles, page) {
		plots[i][0].Draw(c[0])
		panels[i].drawKey(page, plots[i][0].DataCanvas(c[0]).Min.X, c[0].Max.Y+8)
	}
	page.FillText(textStyle(13, true, black), vg.Point{X: page.Min.X, Y: page.Max.Y - 13}, title(rows))

	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return nil, err
	}
	// Where Liberation is not installed, Arial has the same widths.
	text := strings.ReplaceAll(svg.String(), "font-family:Liberation Sans;", "font-family:Liberation Sans,Arial,Helvetica,sans-serif;")
	return []byte(text), nil
}

func textStyle(size vg.Length, bold bool, c color.Color) draw.TextStyle {
	f := font.From(plot.DefaultFont, size)
	if bold {
		f.Weight = xfont.WeightBold
	}
	return draw.TextStyle{Color: c, Font: f, Handler: plot.DefaultTextHandler}
}

func title(rows []row) string {
	answers := 0
	for _, r := range rows {
		for _, c := range r.calls {
			for _, n := range c.classes {
				answers += n
			}
		}
	}
	seconds := rows[len(rows)-1].at
	length := fmt.Sprintf("%.0f seconds", seconds)
	if seconds >= 120 {
		length = fmt.Sprintf("%.0f minutes", seconds/60)
	}
	return fmt.Sprintf("A deskauth server under a mixed load: %s, %s answers", length, thousands(answers))
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// panelsOf chooses what is shown.
func panelsOf(rows []row) []panel {
	line := func(name string, c color.Color, of func(row) float64) series {
		s := series{name: name, color: c}
		for _, r := range rows {
			s.add(r.at, of(r))
		}
		return s
	}
	rate := func(name string, c color.Color, k class) series {
		s, before, total := series{name: name, color: c}, 0.0, 0
		for _, r := range rows {
			n := 0
			for _, c := range r.calls {
				n += c.classes[k]
			}
			s.add(r.at, float64(n)/math.Max(r.at-before, 0.1))
			before, total = r.at, total+n
		}
		if total == 0 {
			s.name += " (none)"
		}
		return s
	}
	latency := func(title string, c call) panel {
		return panel{title: title + ", latency in ms", scale: logarithmic, lines: []series{
			line("99th percentile", vermilion, func(r row) float64 { return someOf(r.calls[c].p99) }),
			line("median", blue, func(r row) float64 { return someOf(r.calls[c].p50) }),
		}}
	}
	panels := []panel{
		{title: "Memory, MB", lines: []series{
			line("heap objects", orange, func(r row) float64 { return float64(r.stats.HeapBytes) / 1e6 }),
			line("resident set (RSS)", blue, func(r row) float64 { return someOf(float64(r.stats.RSSBytes) / 1e6) }),
		}},
		{title: "Goroutines", lines: []series{
			line("", blue, func(r row) float64 { return float64(r.stats.Goroutines) }),
		}},
		{title: "Answers per second", scale: logarithmicFromZero, lines: []series{
			rate("2xx", blue, class2xx), rate("other 4xx", sky, class4xx), rate("429", orange, class429),
			rate("503", vermilion, class503), rate("other 5xx", black, class5xx),
		}},
		latency("Anonymous sign-in", anonymous),
		latency("GET /me behind the middleware", me),
	}
	shareRange(panels[3:])
	for i := range panels {
		panels[i].until = rows[len(rows)-1].at
	}
	return panels
}

// someOf is n, or no number where 0 stands for nothing.
func someOf(n float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	return n
}
