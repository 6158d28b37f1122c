package grid

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxFormats is how many cell formats a workbook may have: Excel's own limit. It also bounds
// the number formats, of which Excel allows far fewer.
const maxFormats = 65_490

// style is what a cell format says of the cells that have it.
type style struct {
	date   bool // numbers are shown as dates
	struck bool // the text is struck through
	fill   int  // the colour that fills the cell, as a number of its own; 0 for none
}

// cellStyles are the cell formats, by their index. The part is the one with the stylesheet, or "".
func (p *Package) cellStyles(part string) ([]style, error) {
	if part == "" {
		return nil, nil
	}
	own := map[int]bool{}
	fonts, struck := 0, map[int]bool{}          // the number of fonts so far, and those that strike through
	fills, colours := []int{}, map[string]int{} // the colour of each fill so far, and the numbers of colours
	var styles []style
	err := p.read(part, func(s *scanner, tok token) error {
		switch {
		case tok != tokenStart:
		case s.depth == 3 && string(s.name) == "font" && string(s.parent()) == "fonts":
			fonts++
		case s.depth == 4 && string(s.name) == "strike" && string(s.parent()) == "font" && s.attrOn("val"):
			struck[fonts-1] = true
		case s.depth == 3 && string(s.name) == "fill" && string(s.parent()) == "fills":
			fills = append(fills, 0)
		case s.depth == 5 && string(s.name) == "fgColor" && len(fills) > 0 && len(fills) <= maxFormats:
			fills[len(fills)-1] = colourOf(s, colours)
		case s.depth != 3:
		case string(s.name) == "numFmt" && string(s.parent()) == "numFmts":
			id, ok := formatID(s.attr("numFmtId"))
			code, err := s.attrText("formatCode")
			if err != nil {
				return err
			}
			if !ok || len(own) == maxFormats {
				return damaged("number format %q", s.attr("numFmtId"))
			}
			own[id] = isDateFormat(code)
		case string(s.name) == "xf" && string(s.parent()) == "cellXfs":
			if len(styles) == maxFormats {
				return damaged("more than %d cell formats", maxFormats)
			}
			id := 0
			if v := s.attr("numFmtId"); v != nil {
				var ok bool
				if id, ok = formatID(v); !ok {
					return damaged("number format %q", v)
				}
			}
			date, custom := own[id]
			font, _ := digits(s.attr("fontId"))
			one := style{date: date || !custom && isDateID(id), struck: struck[font]}
			if fill, ok := digits(s.attr("fillId")); ok && fill < len(fills) {
				one.fill = fills[fill]
			}
			styles = append(styles, one)
		}
		return nil
	})
	return styles, err
}

// colourOf is the number of the colour that the element fgColor of a fill has; 0 for white.
func colourOf(s *scanner, colours map[string]int) int {
	key := string(s.attr("rgb")) + " " + string(s.attr("theme")) + " " + string(s.attr("tint")) + " " +
		string(s.attr("indexed"))
	switch key {
	case "   ", "FFFFFFFF   ", " 0  ", "   9", "   64":
		return 0
	}
	if colours[key] == 0 {
		colours[key] = len(colours) + 1
	}
	return colours[key]
}

// formatID reads the id of a number format, which may have ten digits: ECMA-376 part 1, 18.18.47.
func formatID(b []byte) (int, bool) {
	id, err := strconv.ParseUint(string(b), 10, 32)
	return int(id), err == nil
}

// isDateID says whether a built-in number format shows a date: ECMA-376 part 1, 18.8.30, with
// the formats that East Asian versions of Excel add.
func isDateID(id int) bool {
	return id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 ||
		id >= 57 && id <= 58
}

// isDateFormat says whether a number format shows a day, a month or a year. One that only shows
// a time of day is no date format.
func isDateFormat(code string) bool {
	code, _, _ = strings.Cut(unquoted(code), ";")
	code = strings.ToLower(code)
	if code == "general" || code == "standard" {
		return false
	}
	if strings.ContainsAny(code, "yd") {
		return true
	}
	// The letter m is the month; beside hours or seconds it is the minutes.
	return strings.Contains(code, "m") && !strings.ContainsAny(code, "hs")
}

// unquoted is a number format without the text that it shows as it is, and without the
// brackets for colours, conditions and locales.
func unquoted(code string) string {
	var b bytes.Buffer
	for i := 0; i < len(code); i++ {
		var end byte
		switch code[i] {
		case '\\', '_', '*':
			i++
			continue
		case '"':
			end = '"'
		case '[':
			end = ']'
		default:
			b.WriteByte(code[i])
			continue
		}
		n := strings.IndexByte(code[i+1:], end)
		if n < 0 {
			break
		}
		// Brackets with h, m or s are elapsed hours, minutes or seconds: [h], [mm]…
		if inside := code[i+1 : i+1+n]; end == ']' && inside != "" &&
			strings.Trim(strings.ToLower(inside), "hms") == "" {
			b.WriteByte('h')
		}
		i += n + 1
	}
	return b.String()
}

// serialDate is the day that a serial number stands for, such as "2006-01-02". It says false
// for a time of day, for a number out of Excel's range, and for 29 February 1900: Excel counts
// that day, though it never was.
func serialDate(number string, date1904 bool) (string, bool) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return "", false
	}
	const lastDay = 2_958_465 // 31 December 9999
	day := int(math.Floor(math.Max(-1, math.Min(f, lastDay+1))))
	epoch := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date1904:
		epoch = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
		if day < 0 {
			return "", false
		}
	case day < 1 || day == 60:
		return "", false
	case day < 60:
		day++
	}
	if day > lastDay {
		return "", false
	}
	return epoch.AddDate(0, 0, day).Format(time.DateOnly), true
}
