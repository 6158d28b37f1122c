package mark

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// look is how a cell is marked: its fill, and the colour of its border and text.
type look struct{ fill, edge string }

// The looks of a marked cell. No program offers these pairs of colours: a cell that comes
// back with one of them is known to have been marked.
func alarmLook() look { return look{fill: "FFFBD3D5", edge: "FFB00021"} }
func doubtLook() look { return look{fill: "FFFFE9BF", edge: "FF9A5B01"} }

// collection is a list in the stylesheet, such as the fonts. Entries are added at its end.
type collection struct {
	name       string
	start, end tag
	there      bool     // the stylesheet has the list
	entries    []string // the XML of each
	old        int      // how many entries the stylesheet has; the others are added ones
}

// add adds an entry and returns its index. If the same one was added before, it returns the
// index of that.
func (c *collection) add(entry string) int {
	if i := slices.Index(c.entries[c.old:], entry); i >= 0 {
		return c.old + i
	}
	c.entries = append(c.entries, entry)
	return len(c.entries) - 1
}

// stylesheet is the stylesheet of a workbook. Entries are added to its lists; none that is
// there is changed. A format is an index in xfs, and what cells refer to.
type stylesheet struct {
	text                       []byte
	root                       tag
	fonts, fills, borders, xfs collection
	lists                      []tag                // the end tags of the root and the elements in it
	looks                      map[int]map[look]int // the marked format, by the plain one and the look
	marked                     map[int]bool         // the formats that an earlier marking added
}

// maxFormats is Excel's own limit of cell formats in a workbook.
const maxFormats = 65_490

// emptyStyles is a stylesheet without any list.
const emptyStyles = xmlHeader + `<styleSheet xmlns="` + spreadsheetML + `"></styleSheet>`

// readStyles reads a stylesheet.
func readStyles(text []byte) (*stylesheet, error) {
	s := &stylesheet{text: text, looks: map[int]map[look]int{}, marked: map[int]bool{}}
	s.fonts.name, s.fills.name, s.borders.name, s.xfs.name = "fonts", "fills", "borders", "cellXfs"
	if err := walk(text, (&stylesReader{stylesheet: s}).visit); err != nil {
		return nil, err
	}
	if s.root.name != "styleSheet" {
		return nil, malformed("the stylesheet begins with <%s>", s.root.name)
	}
	s.addDefaults()
	for i, xf := range s.xfs.entries {
		if s.isMarked(xf) {
			s.marked[i] = true
		}
	}
	return s, nil
}

// stylesReader collects the lists of a stylesheet while it is walked.
type stylesReader struct {
	*stylesheet
	open *collection // the list being read; nil for one of no interest
	from int         // where its entry being read begins
}

func (r *stylesReader) visit(t tag) error {
	switch {
	case t.kind == tagText:
	case t.depth == 1 && t.kind == tagStart:
		r.root = t
	case t.depth == 1:
		r.lists = append(r.lists, t)
	case t.depth == 2 && t.kind == tagStart:
		if r.open = r.list(t.name); r.open != nil {
			r.open.start, r.open.there = t, true
		}
	case t.depth == 2:
		r.lists = append(r.lists, t)
		if r.open != nil {
			r.open.end, r.open.old = t, len(r.open.entries)
		}
		r.open = nil
	case t.depth == 3 && r.open != nil:
		r.entry(t)
	}
	return nil
}

// entry takes the start or the end tag of an entry of a list. The entry is complete with its
// end tag, or with its start tag if it is empty, as <font/> is.
func (r *stylesReader) entry(t tag) {
	if t.kind == tagStart {
		r.from = t.from
	}
	if t.empty == (t.kind == tagStart) {
		r.open.entries = append(r.open.entries, string(r.text[r.from:t.to]))
	}
}

// addDefaults adds the first entries to the lists that lack them. Programs rely on what these
// entries are; for the fills, ECMA-376 says it in part 1, 18.8.21.
func (s *stylesheet) addDefaults() {
	for c, first := range map[*collection][]string{
		&s.fonts:   {`<font><sz val="11"/><name val="Calibri"/></font>`},
		&s.borders: {`<border><left/><right/><top/><bottom/><diagonal/></border>`},
		&s.fills: {
			`<fill><patternFill patternType="none"/></fill>`,
			`<fill><patternFill patternType="gray125"/></fill>`,
		},
		&s.xfs: {`<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>`},
	} {
		for i := len(c.entries); i < len(first); i++ {
			c.entries = append(c.entries, prefixed(first[i], s.root.prefix))
		}
	}
}

func (s *stylesheet) list(name string) *collection {
	for _, c := range []*collection{&s.fonts, &s.fills, &s.borders, &s.xfs} {
		if c.name == name {
			return c
		}
	}
	return nil
}

// isMarked says whether a format has the colours of a mark.
func (s *stylesheet) isMarked(xf string) bool {
	fill, border := s.fills.at(xfAttr(xf, "fillId")), s.borders.at(xfAttr(xf, "borderId"))
	for _, l := range []look{alarmLook(), doubtLook()} {
		if strings.Contains(fill, l.fill) && strings.Contains(border, l.edge) {
			return true
		}
	}
	return false
}

func (c *collection) at(i int) string {
	if i < 0 || i >= len(c.entries) {
		return ""
	}
	return c.entries[i]
}

// xfAttr is an attribute of a format as a number, or 0 if it is not there or no number.
func xfAttr(xf, name string) int {
	start, _ := cutStart(xf)
	from, to := findAttr(start, name)
	_, value, _ := strings.Cut(start[from:to], "=")
	n, err := strconv.Atoi(strings.Trim(value, `"' `))
	if err != nil {
		return 0
	}
	return n
}

// cutStart parts an element into its start tag and the rest.
func cutStart(element string) (start, rest string) {
	quote := byte(0)
	for i := range len(element) {
		switch c := element[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return element[:i+1], element[i+1:]
		}
	}
	return element, ""
}

// mark returns the format that is like another one but for its look.
func (s *stylesheet) mark(format int, l look) (int, error) {
	if id, ok := s.looks[format][l]; ok {
		return id, nil
	}
	xf := s.xfs.at(format)
	if xf == "" {
		xf = s.xfs.entries[0]
	}
	font, err := coloured(s.fonts.at(xfAttr(xf, "fontId")), l.edge, s.root.prefix)
	if err != nil {
		return 0, err
	}
	start, rest := cutStart(xf)
	start = withAttrs(start,
		"fontId", strconv.Itoa(s.fonts.add(font)),
		"fillId", strconv.Itoa(s.fill(l.fill)),
		"borderId", strconv.Itoa(s.border("medium", l.edge)),
		"applyFont", "1", "applyFill", "1", "applyBorder", "1")
	if s.looks[format] == nil {
		s.looks[format] = map[look]int{}
	}
	id := s.xfs.add(start + rest)
	s.looks[format][l] = id
	return id, nil
}

// plain returns the format that is like another one but has no fill, no border and the
// first font. A marked cell gets it if nothing says what format it had before.
func (s *stylesheet) plain(format int) int {
	start, rest := cutStart(s.xfs.at(format))
	return s.xfs.add(withAttrs(start, "fontId", "0", "fillId", "0", "borderId", "0") + rest)
}

// fill adds a fill of one colour.
func (s *stylesheet) fill(rgb string) int {
	const xml = `<fill><patternFill patternType="solid"><fgColor rgb="%s"/><bgColor indexed="64"/></patternFill></fill>`
	return s.fills.add(prefixed(fmt.Sprintf(xml, rgb), s.root.prefix))
}

// border adds a border that is the same on all sides.
func (s *stylesheet) border(style, rgb string) int {
	var b strings.Builder
	for _, side := range []string{"left", "right", "top", "bottom"} {
		fmt.Fprintf(&b, `<%s style="%s"><color rgb="%s"/></%[1]s>`, side, style, rgb)
	}
	return s.borders.add(prefixed(`<border>`+b.String()+`<diagonal/></border>`, s.root.prefix))
}

// own adds a format for the report. The font and the alignment are XML; the fill and the
// border are indexes.
func (s *stylesheet) own(font string, fill, border int, alignment string) int {
	return s.xfs.add(prefixed(fmt.Sprintf(
		`<xf numFmtId="0" fontId="%d" fillId="%d" borderId="%d" applyFont="1" applyFill="1" applyBorder="1"`+
			` applyAlignment="1"><alignment %s/></xf>`,
		s.fonts.add(prefixed("<font>"+font+"</font>", s.root.prefix)), fill, border, alignment,
	), s.root.prefix))
}

// coloured is a font, as XML, in another colour.
func coloured(font, rgb, prefix string) (string, error) {
	if font == "" {
		font = prefixed("<font></font>", prefix)
	}
	color := prefixed(`<color rgb="`+rgb+`"/>`, prefix)
	text := []byte(font)
	var edits []edit
	var start tag
	err := walk(text, func(t tag) error {
		switch {
		case t.depth == 2 && t.name == "color" && t.kind == tagStart && len(edits) == 0:
			edits = append(edits, edit{t.from, t.to, ""})
		case t.depth == 2 && t.name == "color" && t.kind == tagEnd:
			edits[0].to = t.to
		case t.depth == 1 && t.kind == tagStart:
			start = t
		case t.depth == 1 && t.kind == tagEnd:
			if start.empty {
				edits = append(edits, filled(text, start, color))
			} else if len(edits) == 0 {
				edits = append(edits, edit{start.to, start.to, color})
			} else { // in the place of the font's own colour
				edits[0].text = color
			}
		}
		return nil
	})
	return string(splice(text, edits)), err
}

// bytes is the part with the stylesheet, with all added entries.
func (s *stylesheet) bytes() ([]byte, error) {
	var edits []edit
	var missing strings.Builder
	at := s.root.to
	// In the order in which they must stand: ECMA-376 part 1, 18.8.39.
	for _, name := range []string{"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs"} {
		for _, t := range s.lists {
			if t.depth == 2 && t.name == name {
				at = t.to
			}
		}
		c := s.list(name)
		if c == nil || len(c.entries) == c.old {
			continue
		}
		added := strings.Join(c.entries[c.old:], "")
		start := prefixed(fmt.Sprintf(`<%s count="%d">`, name, len(c.entries)), s.root.prefix)
		end := prefixed("</"+name+">", s.root.prefix)
		switch {
		case !c.there && s.root.empty:
			missing.WriteString(start + added + end)
		case !c.there:
			edits = append(edits, edit{at, at, start + added + end})
		case c.start.empty:
			edits = append(edits, edit{c.start.from, c.start.to, start + added + end})
		default:
			head := withAttrs(string(s.text[c.start.from:c.start.to]), "count", strconv.Itoa(len(c.entries)))
			edits = append(edits, edit{c.start.from, c.start.to, head}, edit{c.end.from, c.end.from, added})
		}
	}
	if missing.Len() > 0 {
		edits = append(edits, filled(s.text, s.root, missing.String()))
	}
	if len(s.xfs.entries) > maxFormats {
		return nil, malformed("more than %d cell formats", maxFormats)
	}
	return splice(s.text, edits), nil
}
