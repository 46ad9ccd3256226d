// Package chart draws lines over time as SVG, in panels below each other.
//
// To draw a chart, fill in a [Chart] and call [Chart.SVG]:
//
//	memory := chart.Line{Name: "heap", Color: chart.Blue}
//	memory.Add(1, 50.2) // after one second
//	memory.Add(2, 51.7)
//	c := chart.Chart{Title: "One run", Until: 2, Panels: []chart.Panel{
//		{Title: "Memory, MB", Lines: []chart.Line{memory}},
//	}}
//	svg, err := c.SVG()
package chart

import (
	"bytes"
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Sizes are in points, of which an inch has 72.
const (
	width        vg.Length = 760
	panelHeight  vg.Length = 132
	titleHeight  vg.Length = 26
	footerHeight vg.Length = 30 // the time axis and its unit
	keyHeight    vg.Length = 22 // above a panel: its title and the names of its lines
	panelGap     vg.Length = 26 // which has the next panel's key in it
)

// A Chart is a title and the panels below it, from top to bottom. All panels show the same
// time, which starts at 0.
type Chart struct {
	Title  string
	Until  float64 // where the time axis ends, in seconds
	Panels []Panel // one or more
}

// SVG returns the chart as an SVG document that is 760 points wide. Equal charts give equal
// bytes.
func (c Chart) SVG() ([]byte, error) {
	height := titleHeight + vg.Length(len(c.Panels))*panelHeight + footerHeight
	canvas := vgsvg.New(width, height)
	page := draw.New(canvas)
	page.FillPolygon(color.White, corners(page.Rectangle))
	page = draw.Crop(page, 12, -14, 10, -8)

	plots := make([][]*plot.Plot, len(c.Panels)) // a row each, as [plot.Align] wants them
	for i, p := range c.Panels {
		drawn, err := p.plot(c.Until, i == len(c.Panels)-1)
		if err != nil {
			return nil, err
		}
		plots[i] = []*plot.Plot{drawn}
	}
	tiles := draw.Tiles{Rows: len(plots), Cols: 1, PadTop: titleHeight + keyHeight, PadY: panelGap}
	for i, tile := range plot.Align(plots, tiles, page) {
		plots[i][0].Draw(tile[0])
		left := plots[i][0].DataCanvas(tile[0]).Min.X
		c.Panels[i].drawKey(page, left, tile[0].Max.Y+8)
	}
	page.FillText(textStyle(13, true, Black), vg.Point{X: page.Min.X, Y: page.Max.Y - 13}, c.Title)

	var svg bytes.Buffer
	if _, err := canvas.WriteTo(&svg); err != nil {
		return nil, err
	}
	return withFallbackFonts(svg.Bytes()), nil
}

// withFallbackFonts names fonts for readers without Liberation. Arial has the same widths.
func withFallbackFonts(svg []byte) []byte {
	const family = "font-family:Liberation Sans"
	return bytes.ReplaceAll(svg, []byte(family+";"), []byte(family+",Arial,Helvetica,sans-serif;"))
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

func textStyle(size vg.Length, bold bool, c color.Color) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, Handler: plot.DefaultTextHandler}
}
